"""What compiled FEEL is made of: functions that take the context and give a value."""

import datetime as dt
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from cec.feel.moments import PARTS
from cec.feel.refusals import Mismatch, Misread
from cec.feel.values import (
    MAX_ITEMS,
    Invocable,
    Other,
    Range,
    is_number,
    kind_of,
    number,
    ordered,
    room,
    same,
    size,
    within,
)
from cec.platform.i18n import gettext as _

Context = Mapping[str, Any]
Run = Callable[[Any], Any]
# Asks one value: the context, then the value.
Test = Callable[[Any, Any], bool | None]
Two = Callable[[Any, Any], Any]

_QUICK = frozenset({int, str})
_QUICK_EQUAL = frozenset({int, str, bool})
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
TURN_COSTS = 10


class Scope(dict[str, Any]):
    """Names of a loop, a filter or a context, in front of those outside."""

    def __init__(self, outer: Any, own: Mapping[str, Any]) -> None:
        super().__init__(own)
        self.outer = outer

    def __missing__(self, name: str) -> Any:
        return self.outer[name]


def comparison(sign: str) -> Two:
    """Give the comparison for a sign: true, false, or null when a side is null."""
    if sign == "=":
        return same
    if sign == "!=":
        return lambda left, right: None if (equal := same(left, right)) is None else not equal
    act = _ORDER[sign]

    def compare(left: Any, right: Any) -> bool | None:
        pair = ordered(left, right)
        return None if pair is None else bool(act(*pair))

    return compare


def quick(sign: str) -> tuple[Callable[[Any, Any], bool], frozenset[type]]:
    """Give the comparison that Python does itself, and for which types."""
    if sign in _ORDER:
        return _ORDER[sign], _QUICK
    return (operator.eq if sign == "=" else operator.ne), _QUICK_EQUAL


def compared(sign: str, left: Run, right: Run, slow: Two) -> Run:
    """Compare two values; texts and whole numbers without a detour."""
    act, types = quick(sign)

    def run(context: Any) -> bool | None:
        a, b = left(context), right(context)
        if a.__class__ is b.__class__ and a.__class__ in types:
            return act(a, b)
        answer: bool | None = slow(a, b)
        return answer

    return run


def both(parts: Sequence[Run], *, decisive: bool) -> Run:
    """Join conditions with and (false decides) or or (true decides); what is neither leaves it open: null."""

    def run(context: Any) -> bool | None:
        answer: bool | None = not decisive
        for part in parts:
            value = part(context)
            if value is decisive:
                return bool(decisive)
            if value is not (not decisive):
                answer = None
        return answer

    return run


def chained(first: Run, rest: Sequence[tuple[Two, Run]]) -> Run:
    """Work out a + b - c from left to right."""
    if len(rest) == 1:
        act, second = rest[0]
        return lambda context: act(first(context), second(context))

    def run(context: Any) -> Any:
        value = first(context)
        for act, part in rest:
            value = act(value, part(context))
        return value

    return run


def found(context: Any, name: str) -> Any:
    """Look a name up; null when it is not there."""
    try:
        return context[name]
    except KeyError:
        return None


def unknown(name: str) -> Any:
    """Say that a name means nothing.

    :raises Mismatch: always.
    """
    raise Mismatch(_("there is no “{name}” here").format(name=name))


def part_of(value: Any, name: str) -> Any:
    """Take what follows the dot: an entry of a context, or a part of a date, a duration or a range.

    :raises Mismatch: when a value of this kind has no such part.
    """
    if isinstance(value, Mapping):
        return value.get(name)
    if value is None:
        return None
    if isinstance(value, list):
        return [part_of(one, name) for one in value]
    read = PARTS.get(type(value), {}).get(name)
    if read is None:
        raise Mismatch(_("{kind} has no “{name}”").format(kind=kind_of(value), name=name))
    return read(value)


def filtered(value: Any, condition: Run, context: Any) -> Any:
    """Keep the items for which the condition holds; inside it the item's own entries are names.

    A condition that turns out to be a number is a position.
    """
    values = _items(value)
    room().take(TURN_COSTS * len(values))
    kept: list[Any] = []
    for at, item in enumerate(values or [None]):
        held = condition(_inside(context, item))
        if at == 0 and is_number(held):
            return picked(value, held)
        if held is True and values:
            kept.append(item)
    return kept


def picked(value: Any, position: Any) -> Any:
    """Take the item at a position, counted from 1, or from the end when negative; null when there is none."""
    at, values = number(position), _items(value)
    if not isinstance(at, int) or at == 0 or abs(at) > len(values):
        return None
    return values[at - 1 if at > 0 else at]


def _items(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _inside(context: Any, item: Any) -> Scope:
    own = dict(item) if isinstance(item, Mapping) else {}
    return Scope(context, {"item": item, **own})


Sources = Sequence[Callable[[Any], Iterable[Any]]]


def turns(context: Any, names: Sequence[str], sources: Sources) -> Iterator[Any]:
    """Go through every combination; later sources see the earlier names."""
    shared = room()
    for item in sources[0](context):
        shared.take(TURN_COSTS)
        inner = Scope(context, {names[0]: item})
        if len(names) == 1:
            yield inner
        else:
            yield from turns(inner, names[1:], sources[1:])


def looped(value: Any) -> Sequence[Any]:
    """Take what a loop goes through: a list, or a range of whole numbers or dates of reasonable length.

    :raises Mismatch: when it is neither.
    """
    if isinstance(value, Range):
        if value.start is None or value.end is None:
            raise Mismatch(_("a loop counts from one whole number to another"))
        found = counted(value.start, value.end, downwards=False)
        return found[(not value.with_start) : (len(found) - (not value.with_end))]
    return _items(value)


def counted(start: Any, end: Any, *, downwards: bool = True) -> Sequence[Any]:
    """Count from start to end, whole numbers or days.

    :raises Mismatch: when that is neither, or too far.
    """
    if type(start) is dt.date and type(end) is dt.date:
        days = counted(start.toordinal(), end.toordinal(), downwards=downwards)
        return [dt.date.fromordinal(day) for day in days]
    if isinstance(start, bool) or not isinstance(start, int) or isinstance(end, bool) or not isinstance(end, int):
        raise Mismatch(_("a loop counts from one whole number to another"))
    if abs(end - start) >= MAX_ITEMS:
        turns = _("{count} turns")
        raise Misread(turns.format(count=abs(end - start)), _("at most {count} turns").format(count=MAX_ITEMS))
    return range(start, end + 1) if start <= end or not downwards else range(start, end - 1, -1)


def gathered(scopes: Iterator[Any], body: Run, with_partial: bool) -> list[Any]:  # noqa: FBT001 - it stands in the text or not
    """Collect what the body gives for each turn; it may look at what was collected so far as “partial”."""
    shared, values = room(), list[Any]()
    for scope in scopes:
        if with_partial:
            shared.take(size(values))
            scope.setdefault("partial", list(values))
        value = body(scope)
        shared.take(size(value))
        values.append(value)
    return values


def equals(wanted: Any, slow: Two) -> Test:
    """Ask for one constant."""
    kind = type(wanted)
    if kind not in _QUICK_EQUAL:
        return lambda _context, value: slow(value, wanted) is True
    return lambda _context, value: value == wanted if value.__class__ is kind else slow(value, wanted) is True


def sided(sign: str, limit: Any, slow: Two) -> Test:
    """Ask for one side of a constant number."""
    act = _ORDER[sign]
    if type(limit) is not int:
        return lambda _context, value: slow(value, limit)
    return lambda _context, value: act(value, limit) if value.__class__ is int else slow(value, limit)


def lies_in(limits: Range, slow: Two) -> Test:
    """Ask whether the value lies in a constant range."""
    if type(limits.start) is not int or type(limits.end) is not int:
        return lambda _context, value: slow(value, limits)
    low = limits.start if limits.with_start else limits.start + 1
    high = limits.end if limits.with_end else limits.end - 1
    return lambda _context, value: bool(low <= value <= high) if value.__class__ is int else slow(value, limits)


def answered(part: Run, slow: Two) -> Test:
    """Ask an expression: a yes or no counts as it is unless the value itself is one, anything else is compared."""

    def test(context: Any, value: Any) -> bool | None:
        wanted = part(context)
        if isinstance(wanted, bool) and not isinstance(value, bool):
            return wanted
        return bool(slow(value, wanted))

    return test


def one_of(tests: Sequence[Test], *, negated: bool = False) -> Test:
    """Ask several tests, one of which must hold."""
    if len(tests) == 1 and not negated:
        return tests[0]

    def test(context: Any, value: Any) -> bool | None:
        answer: bool | None = negated
        for one in tests:
            held = one(context, value)
            if held is True:
                return not negated
            if held is None:
                answer = None
        return answer

    return test


def decided(scopes: Iterator[Any], body: Run, decisive: bool) -> bool | None:  # noqa: FBT001 - some decides on true, every on false
    """Ask every turn until one decides; a turn that is neither true nor false leaves it open: null."""
    answer: bool | None = not decisive
    for scope in scopes:
        value = body(scope)
        if value is decisive:
            return bool(decisive)
        if value is not (not decisive):
            answer = None
    return answer


def between(value: Any, low: Any, high: Any) -> bool | None:
    """Say whether a value lies between two others, both included; null when one of the three is null."""
    return None if low is None or high is None else within(value, Range(low, high))


def limits(start: Any, end: Any, with_start: bool, with_end: bool) -> Range:  # noqa: FBT001 - the two brackets
    """Make a range.

    :raises Mismatch: when there is no order between its ends.
    """
    if start is not None and end is not None:
        ordered(start, end)
    return Range(start, end, with_start and start is not None, with_end and end is not None)


def half(sign: str) -> Callable[[Any], Any]:
    """Make what (< 5) stands for: everything on one side of a value."""
    ranges: dict[str, Callable[[Any], Any]] = {
        "<": lambda limit: Range(None, limit, with_start=False, with_end=False, sign="<"),
        "<=": lambda limit: Range(None, limit, with_start=False, sign="<="),
        ">": lambda limit: Range(limit, None, with_start=False, with_end=False, sign=">"),
        ">=": lambda limit: Range(limit, None, with_end=False, sign=">="),
        "=": lambda limit: Range(limit, limit, sign="="),
        "!=": Other,
    }
    return ranges[sign]


def context(entries: Sequence[tuple[str, Run]]) -> Run:
    """Make a context; later entries see the earlier ones."""

    def run(outer: Any) -> dict[str, Any]:
        scope = Scope(outer, {})
        for key, value in entries:
            scope[key] = value(scope)
        return dict(scope)

    return run


def call(act: Callable[..., Any], runs: Sequence[Run], order: Sequence[int] | None) -> Run:
    """Call a function with its arguments in place."""
    if order is not None:
        count = max(order) + 1
        placed = [runs[order.index(at)] if at in order else None for at in range(count)]
        return lambda context: act(*[run(context) if run else None for run in placed])
    if len(runs) == 1:
        only = runs[0]
        return lambda context: act(only(context))
    if len(runs) == 2:  # noqa: PLR2004 - contains(text, "word") is what tables ask all day
        first, second = runs
        return lambda context: act(first(context), second(context))
    return lambda context: act(*[run(context) for run in runs])


def invoke(callee: Any, values: Sequence[Any], names: Sequence[str]) -> Any:
    """Call a function that is a value, with its arguments in order or by name.

    :raises Mismatch: when it is no function or takes other arguments.
    """
    if not isinstance(callee, Invocable):
        raise Mismatch(_("{kind} is no function").format(kind=kind_of(callee)))
    if names:
        given = dict(zip(names, values, strict=True))
        if len(given) != len(names) or given.keys() - set(callee.names):
            raise Misread(", ".join(names), ", ".join(callee.names))
        values = [given.get(name) for name in callee.names]
    shared = room()
    shared.take(TURN_COSTS + sum(map(size, values)))
    with shared.deeper():
        return callee(*values)


def counted_call(act: Callable[..., Any]) -> Callable[..., Any]:
    """Let a call inside a loop use up room according to the size of its arguments."""

    def counted(*values: Any) -> Any:
        room().take(sum(map(size, values)))
        return act(*values)

    return counted
