"""Functions as values: those that a text defines, which remember where they were made, and those of the standard."""

from collections.abc import Sequence
from typing import Any

from cec.feel.closures import Run, Scope
from cec.feel.functions import Function
from cec.feel.refusals import Misread
from cec.feel.typing import ANY, Type, bring
from cec.feel.values import Invocable
from cec.platform.i18n import gettext as _


class Defined(Invocable):
    """A function that somebody wrote, with the names that it could see there."""

    def __init__(self, names: tuple[str, ...], types: tuple[Type, ...], body: Run, around: Any,
                 gives: Type = ANY) -> None:  # fmt: skip
        self.names, self.types, self.gives = names, types, gives
        self._body, self._around = body, around

    def __call__(self, *values: Any) -> Any:
        """Work it out over its own surroundings; arguments are brought to the types of the parameters.

        :raises Mismatch: when they are too few, too many or of another type.
        """
        if len(values) != len(self.names):
            raise _other_count(values, self.names)
        brought = map(bring, values, self.types)
        return bring(self._body(Scope(self._around, dict(zip(self.names, brought, strict=True)))), self.gives)


class Standard(Invocable):
    """A function of the standard, handed on as a value."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self.names = function.ways[0] if not function.takes_any else ()
        self.types, self.gives = (ANY,) * len(self.names), ANY

    def __call__(self, *values: Any) -> Any:
        """Work it out.

        :raises Mismatch: when it cannot work with these arguments.
        """
        if not self._function.takes(len(values)):
            raise _other_count(values, self._function.ways[0])
        return self._function(*values)


def _other_count(values: Sequence[Any], names: Sequence[str]) -> Misread:
    return Misread(_("{count} arguments").format(count=len(values)), ", ".join(names) or _("no argument"))


def defined(names: tuple[str, ...], types: tuple[Type, ...], body: Run) -> Run:
    """Make the function each time that its text is worked out: it sees what is around it then."""
    return lambda context: Defined(names, types, body, context)
