"""Values of FEEL: their kinds, numbers, what equals what, what comes before what."""

import datetime as dt
import decimal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cec.feel.far import FAR, FarDate, FarMoment, place_in_time
from cec.feel.refusals import Mismatch, TooMuch, mismatch
from cec.platform.i18n import gettext as _

# The numbers of DMN: 34 digits, like IEEE decimal128.
EXACT = decimal.Context(
    prec=34, rounding=decimal.ROUND_HALF_EVEN, Emin=-6143, Emax=6144,
    traps=[decimal.Overflow, decimal.InvalidOperation, decimal.DivisionByZero],
)  # fmt: skip
WHOLE = 10**34
MAX_TEXT = 100_000
MAX_ITEMS = 10_000
# How deep lists and contexts may hold each other.
MAX_NESTING = 60
# How deep functions may call each other.
MAX_CALLS = 60


@dataclass(frozen=True, order=True)
class Months:
    """A duration of years and months: how many days it has depends on the calendar."""

    months: int


@dataclass(frozen=True)
class Range:
    """All values from start to end; what (< 5) stands for has one end and keeps its sign."""

    start: Any
    end: Any
    with_start: bool = True
    with_end: bool = True
    sign: str = ""


class Invocable:
    """A function as a value: called with its arguments in order."""

    # The names of its parameters, their types in the same order, and the type of what it gives.
    names: tuple[str, ...] = ()
    types: tuple[Any, ...] = ()
    gives: Any = None

    def __call__(self, *values: Any) -> Any:
        """Work it out."""
        raise NotImplementedError


@dataclass(frozen=True)
class Other:
    """Everything but one value: what (!= 5) stands for."""

    than: Any


_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    Decimal: "number",
    float: "number",
    str: "string",
    list: "list",
    dict: "context",
    dt.date: "date",
    FarDate: "date",
    FarMoment: "date and time",
    dt.datetime: "date and time",
    dt.time: "time",
    dt.timedelta: "days and time duration",
    Months: "years and months duration",
    Range: "range",
    Other: "range",
}
_WIDER: tuple[tuple[type, str], ...] = (
    (Invocable, "function"),
    (str, "string"),
    (int, "number"),
    (Mapping, "context"),
    (tuple, "list"),
)
ORDERED = frozenset(
    {"number", "string", "date", "date and time", "time", "days and time duration", "years and months duration"}
)


def kind_of(value: Any) -> str:
    """Name the kind of a value.

    :raises Mismatch: when it is no value of FEEL.
    """
    kind = _KINDS.get(type(value))
    if kind:
        return kind
    for base, name in _WIDER:
        if isinstance(value, base):
            return name
    raise Mismatch(_("a value of an unknown kind"))


def number(value: Any) -> int | Decimal:
    """Give a number as FEEL counts: whole ones as int, others exact in 34 digits."""
    if type(value) is int:
        return value if -WHOLE < value < WHOLE else EXACT.create_decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise mismatch(_("a number"), kind_of(value))
    try:
        exact = EXACT.create_decimal(repr(value) if isinstance(value, float) else value)
    except decimal.DecimalException:
        raise Mismatch(_("the number is too large")) from None
    return tidy(exact)


def is_number(value: Any) -> bool:
    """Say whether a value is a number; yes and no are none."""
    return isinstance(value, int | Decimal | float) and not isinstance(value, bool)


def tidy(exact: Decimal) -> int | Decimal:
    """Give whole numbers as int and no zeros at the end."""
    if not exact.is_finite():
        raise Mismatch(_("the number is too large"))
    if exact == exact.to_integral_value() and exact.adjusted() < EXACT.prec:
        return int(exact)
    return exact.normalize(EXACT)


class Room:
    """How much work an expression may still do: loops multiply, lists that share parts can look endless."""

    def __init__(self, left: int = 100_000) -> None:
        self.left, self.depth = left, 0

    def take(self, count: int = 1) -> None:
        """Use some of it up.

        :raises Mismatch: when nothing is left.
        """
        self.left -= count
        if self.left < 0:
            raise TooMuch(_("that is too much work"))

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Go one call deeper.

        :raises Mismatch: when functions have called each other too often.
        """
        self.depth += 1
        if self.depth > MAX_CALLS:
            raise TooMuch(_("functions call each other too deeply"))
        try:
            yield
        finally:
            self.depth -= 1


_room: ContextVar[Room | None] = ContextVar("room", default=None)


def room() -> Room:
    """Give the room of the running expression."""
    return _room.get() or Room()


@contextmanager
def limited() -> Iterator[Room]:
    """Let everything inside share one room, that of the outermost."""
    outer = _room.get()
    if outer is not None:
        yield outer
        return
    fresh = Room()
    token = _room.set(fresh)
    try:
        yield fresh
    finally:
        _room.reset(token)


def size(value: Any) -> int:
    """Estimate the work that a value makes."""
    if isinstance(value, str):
        return 1 + len(value) // 100
    return 1 + len(value) if isinstance(value, list | dict) else 1


def same(left: Any, right: Any, left_room: Room | None = None) -> bool | None:
    """Say whether two values are equal; null when their kinds differ, as FEEL has it."""
    if left is None or right is None:
        return left is right
    kind, other = kind_of(left), kind_of(right)
    if kind != other:
        return None
    compare = _EQUAL.get(kind)
    if compare:
        return compare(left, right)
    shared = left_room or room()
    return _same_parts(kind, left, right, shared) if kind in {"list", "context", "range"} else bool(left == right)


def _same_parts(kind: str, left: Any, right: Any, shared: Room) -> bool:
    if kind == "range":
        return _same_range(left, right, shared)
    shared.take(1 + len(left))
    return _same_list(left, right, shared) if kind == "list" else _same_context(left, right, shared)


def _same_moment(left: Any, right: Any) -> bool:
    if isinstance(left, FAR) or isinstance(right, FAR):
        return type(left) is type(right) and place_in_time(left) == place_in_time(right)
    return bool(aware(left) == aware(right)) or _to_the_millisecond(left) == _to_the_millisecond(right)


def _to_the_millisecond(value: Any) -> Any:
    exact = aware(value)
    return exact.replace(microsecond=exact.microsecond // 1000 * 1000)


_EQUAL: dict[str, Callable[[Any, Any], bool]] = {
    "number": lambda left, right: number(left) == number(right),
    "time": _same_moment,
    "date and time": _same_moment,
}


def _same_range(left: Any, right: Any, left_room: Room) -> bool:
    if isinstance(left, Other) or isinstance(right, Other):
        return type(left) is type(right) and same(left.than, right.than, left_room) is True
    if (left.with_start, left.with_end, left.sign) != (right.with_start, right.with_end, right.sign):
        return False
    return same(left.start, right.start, left_room) is True and same(left.end, right.end, left_room) is True


def _same_list(left: list[Any], right: list[Any], shared: Room) -> bool:
    return len(left) == len(right) and all(same(a, b, shared) is True for a, b in zip(left, right, strict=True))


def _same_context(left: dict[str, Any], right: dict[str, Any], shared: Room) -> bool:
    return left.keys() == right.keys() and all(same(left[key], right[key], shared) is True for key in left)


def aware(value: Any) -> Any:
    """Read a time without a zone as UTC, the clock of the centre."""
    if value.tzinfo is None:
        return value.replace(tzinfo=dt.UTC)
    if isinstance(value, dt.time) and value.utcoffset() is None:
        # A zone of the map has an offset only on a day.
        on_a_day = dt.datetime.combine(dt.date(2000, 1, 1), value)
        return value.replace(tzinfo=dt.timezone(on_a_day.utcoffset() or dt.timedelta()))
    return value


def ordered(left: Any, right: Any) -> tuple[Any, Any] | None:
    """Give two values in a form that Python orders as FEEL does; None when one of them is null.

    :raises Mismatch: when there is no order between them.
    """
    if left is None or right is None:
        return None
    kind, other = kind_of(left), kind_of(right)
    if kind != other or kind not in ORDERED:
        raise mismatch(_("the comparison"), kind, other)
    if kind == "number":
        return number(left), number(right)
    if isinstance(left, FAR) or isinstance(right, FAR):
        return place_in_time(left), place_in_time(right)
    if kind in {"time", "date and time"}:
        return aware(left), aware(right)
    return left, right


def within(value: Any, limits: Range) -> bool | None:
    """Say whether a value lies in a range; null when it is null or an end of the range is."""
    if limits.sign == "=":
        return same(value, limits.start)
    if value is None or (not limits.sign and (limits.start is None or limits.end is None)):
        return None
    if limits.start is None and limits.end is None:
        return None
    if limits.start is not None and not _before(limits.start, value, inclusive=limits.with_start):
        return False
    return limits.end is None or _before(value, limits.end, inclusive=limits.with_end)


def _before(left: Any, right: Any, *, inclusive: bool) -> bool:
    first, second = ordered(left, right) or (0, 0)
    return bool(first < second or (inclusive and first == second))


def holds(value: Any, wanted: Any) -> bool | None:
    """Say whether a value meets one test: lies in the range, is in the list, equals."""
    if type(wanted) is Range:
        return within(value, wanted)
    if type(wanted) is Other:
        return None if (equal := same(value, wanted.than)) is None else not equal
    if type(wanted) is list and type(value) is not list:
        return any(holds(value, one) is True for one in wanted)
    if type(wanted) is list and any(same(value, one) is True for one in wanted):
        return True
    return same(value, wanted)


def weigh(value: Any, left_room: Room | None = None, depth: int = 0) -> Any:
    """Give the value back if it is of a size that can be kept.

    :raises Mismatch: when it is too large or nested too deeply.
    """
    shared = left_room or Room()
    shared.take()
    if depth > MAX_NESTING or (isinstance(value, str) and len(value) > MAX_TEXT):
        raise TooMuch(_("the value is too large"))
    if isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            weigh(part, shared, depth + 1)
    return value
