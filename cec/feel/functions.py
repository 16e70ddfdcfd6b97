"""What a function of FEEL is: its name, its parameters, and how it takes its arguments."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cec.feel.refusals import Mismatch
from cec.feel.values import kind_of, number
from cec.platform.i18n import gettext as _

Act = Callable[..., Any]
REST = "…"


@dataclass(frozen=True)
class Function:
    """One function of the fixed table."""

    name: str
    act: Act
    # Each way to call it: the names of the parameters in order; a trailing … takes any number.
    ways: tuple[tuple[str, ...], ...]
    # For each way how many arguments have to be there.
    needs: tuple[int, ...]
    # Null in, null out; functions that have something to say about null look for themselves.
    sees_null: bool = False
    # Its answer is yes or no, so a cell may ask it directly.
    is_test: bool = False
    # The same arguments always give the same answer.
    is_pure: bool = True
    # It does work that has to be limited.
    is_heavy: bool = False
    least: int = field(init=False)
    takes_any: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "takes_any", any(REST in way for way in self.ways))
        object.__setattr__(self, "least", min(self.needs))

    @property
    def most(self) -> int | None:
        """The number of arguments it takes at most; None: any number."""
        return None if self.takes_any else max(len(way) for way in self.ways)

    def takes(self, count: int) -> bool:
        """Say whether it can be called with so many arguments."""
        ways = zip(self.ways, self.needs, strict=True)
        return any(needed <= count and (REST in way or count <= len(way)) for way, needed in ways)

    def places(self, names: Sequence[str]) -> list[int] | None:
        """Tell at which place each named argument belongs; None when there is no such parameter."""
        for way in self.ways:
            if set(names) <= set(way):
                return [way.index(name) for name in names]
        return None

    def missing(self, names: Sequence[str]) -> bool:
        """Say whether a parameter that has to be there is not among these."""
        ways = zip(self.ways, self.needs, strict=True)
        return not any(set(names) <= set(way) and set(way[:needed]) <= set(names) for way, needed in ways)

    def __call__(self, *values: Any) -> Any:
        """Work it out."""
        if not self.sees_null:
            for value in values:
                if value is None:
                    return None
        return self.act(*values)


TABLE: dict[str, Function] = {}


def function(name: str, *ways: str, **facts: Any) -> Callable[[Act], Act]:
    """Put a function into the table: each way is its parameters, optional ones with a question mark."""

    def add(act: Act) -> Act:
        split = [[part.strip() for part in way.split(",")] if way else [] for way in ways]
        needs = tuple(sum(not part.endswith("?") and part != REST for part in way) for way in split)
        clean = tuple(tuple(part.rstrip("?") for part in way) for way in split)
        TABLE[name] = Function(name, act, clean, needs, **facts)
        return act

    return add


def taken(value: Any, *kinds: str) -> Any:
    """Give an argument back if it is of one of the kinds; a list of one stands for what it holds.

    :raises Mismatch: when it is not.
    """
    kind = kind_of(value)
    if kind in kinds:
        return value
    if kind == "list" and len(value) == 1 and kind_of(value[0]) in kinds:
        return value[0]
    message = _("expected {expected}, got {found}")
    raise Mismatch(message.format(expected=" / ".join(kinds), found=kind))


def text(value: Any) -> str:
    """Take a text.

    :raises Mismatch: when it is none.
    """
    return value if value.__class__ is str else str(taken(value, "string"))


def listed(values: Sequence[Any]) -> list[Any]:
    """Take one list, or several values as a list; a single value is a list of one."""
    if len(values) == 1 and isinstance(values[0], list):
        return values[0]
    return list(values)


def as_list(value: Any) -> list[Any]:
    """Take a list; any other value is a list of one.

    :raises Mismatch: when it is null.
    """
    if value is None:
        raise Mismatch(_("expected {expected}, got {found}").format(expected="list", found="null"))
    return list(value) if isinstance(value, list) else [value]


def place(value: Any) -> int:
    """Take a whole number; what stands after the point is left out, as the conformance kit has it.

    :raises Mismatch: when it is no number.
    """
    return int(number(taken(value, "number")))
