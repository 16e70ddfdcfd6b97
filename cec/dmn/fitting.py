"""Whether what a cell names fits its column: the type of the column, and the values that may occur in it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cec.dmn import covering
from cec.feel.compiling import FeelError, FeelSyntaxError, compile_expression
from cec.feel.conversions import text_of
from cec.feel.refusals import Mismatch
from cec.feel.typing import ANY
from cec.feel.typing import plain as type_called
from cec.feel.values import kind_of, same
from cec.platform.i18n import gettext as _
from cec.platform.i18n import mark

# Of more values than these the first are named.
MOST_NAMED = 12
KINDS = {
    "number": mark("numbers"),
    "string": mark("texts in quotation marks"),
    "boolean": mark("true or false"),
    "date": mark("dates"),
    "time": mark("times of day"),
    "date and time": mark("moments"),
    "days and time duration": mark("durations"),
    "years and months duration": mark("durations of months"),
    "list": mark("lists in square brackets"),
}


@dataclass(frozen=True)
class Fit:
    """What one column holds: values of a type, those that the file lists, those that the centre knows."""

    kind: str = ""
    listed: tuple[Any, ...] | None = None
    known: tuple[Any, ...] = ()
    # An answer that nobody knows leads nowhere; a question about it is only never met.
    is_answer: bool = False

    def faults(self, text: str) -> list[tuple[str, bool]]:
        """Say what does not fit, and whether it is an error."""
        if not self.kind and self.listed is None and not self.known:
            return []
        return [fault for value in _named(text) for fault in self._faults(value)][:1]

    def _faults(self, value: Any) -> list[tuple[str, bool]]:
        if value is None:
            return []
        if self.kind and kind_of(value) != self.kind:
            holds = _("the column holds {kind}, not {value}")
            return [(holds.format(kind=_(KINDS[self.kind]), value=_shown(value)), True)]
        if self.listed is not None and not _is_among(value, self.listed):
            return [(_("the column allows only {allowed}").format(allowed=_list(self.listed)), True)]
        if self.known and not _is_among(value, self.known):
            message = _("{value} is not known in this centre; known are {known}")
            return [(message.format(value=_shown(value), known=_list(self.known)), self.is_answer)]
        return []


def fit(type_: str, allowed: str, known: Sequence[Any] = (), *, is_answer: bool = False) -> Fit:
    """Say what a column holds, by the name of its type and the values that it lists."""
    found = type_called(type_) if type_ else None
    kind = found.kind if found is not None and found != ANY and found.kind in KINDS else ""
    return Fit(kind, _values(allowed), tuple(known), is_answer)


def known_of(directories: Mapping[str, Collection[Any]], name: str) -> tuple[Any, ...]:
    """Give the values that the centre knows of a fact or an answer."""
    return tuple(directories.get(name.strip(), ()))


def _values(allowed: str) -> tuple[Any, ...] | None:
    if not allowed:
        return None
    try:
        return tuple(compile_expression(f"[{allowed}]")({}))
    except (FeelSyntaxError, FeelError):
        return None


def _named(text: str) -> list[Any]:
    """List the values that a cell names: single ones, and the ends of stretches."""
    cell = covering.cell_of(text)
    found = []
    for stretch in cell if isinstance(cell, tuple) else ():
        found += [end for end in (stretch.low, stretch.high) if end is not None]
    return found


def _is_among(value: Any, values: Sequence[Any]) -> bool:
    return any(_equal(value, one) for one in values)


def _equal(one: object, other: object) -> bool:
    try:
        return same(one, other) is True
    except Mismatch:
        return False


def _list(values: Sequence[Any]) -> str:
    more = ", …" if len(values) > MOST_NAMED else ""
    return ", ".join(_shown(value) for value in values[:MOST_NAMED]) + more


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else text_of(value)
