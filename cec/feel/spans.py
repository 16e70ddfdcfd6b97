"""How points and ranges lie to each other: before, meets, overlaps and the rest."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cec.feel.functions import function, taken
from cec.feel.refusals import Mismatch
from cec.feel.values import ORDERED, Range, kind_of, ordered, same
from cec.platform.i18n import gettext as _


@dataclass(frozen=True)
class _Span:
    """A range, or a point as the range that holds only it."""

    start: Any
    end: Any
    with_start: bool
    with_end: bool
    is_point: bool


def _span(value: Any) -> _Span:
    value = taken(value, "range", *ORDERED)
    if not isinstance(value, Range):
        if kind_of(value) == "range":
            raise Mismatch(_("expected {expected}, got {found}").format(expected="range", found="(!=)"))
        return _Span(value, value, with_start=True, with_end=True, is_point=True)
    if value.start is None or value.end is None:
        raise Mismatch(_("a range with an open end has no place here"))
    return _Span(value.start, value.end, value.with_start, value.with_end, is_point=False)


def _before(left: Any, right: Any) -> bool:
    first, second = ordered(left, right) or (0, 0)
    return bool(first < second)


def _equal(left: Any, right: Any) -> bool:
    ordered(left, right)
    return same(left, right) is True


def _all_before(a: _Span, b: _Span) -> bool:
    return _before(a.end, b.start) or (_equal(a.end, b.start) and not (a.with_end and b.with_start))


def _meets(a: _Span, b: _Span) -> bool:
    return a.with_end and b.with_start and _equal(a.end, b.start)


def _overlaps(a: _Span, b: _Span) -> bool:
    return not _all_before(a, b) and not _all_before(b, a)


def _starts_first(a: _Span, b: _Span) -> bool:
    return _before(a.start, b.start) or (_equal(a.start, b.start) and a.with_start and not b.with_start)


def _ends_first(a: _Span, b: _Span) -> bool:
    return _before(a.end, b.end) or (_equal(a.end, b.end) and b.with_end and not a.with_end)


def _overlaps_before(a: _Span, b: _Span) -> bool:
    return _starts_first(a, b) and not _ends_first(b, a) and _overlaps(a, b)


def _includes(a: _Span, b: _Span) -> bool:
    return not _starts_first(b, a) and not _ends_first(a, b)


def _finishes(a: _Span, b: _Span) -> bool:
    return _equal(a.end, b.end) and a.with_end == b.with_end and not _starts_first(a, b)


def _starts(a: _Span, b: _Span) -> bool:
    return _equal(a.start, b.start) and a.with_start == b.with_start and not _ends_first(b, a)


def _coincides(a: _Span, b: _Span) -> bool:
    return (
        _equal(a.start, b.start) and _equal(a.end, b.end) and (a.with_start, a.with_end) == (b.with_start, b.with_end)
    )


def _turned(act: Callable[[_Span, _Span], bool]) -> Callable[[_Span, _Span], bool]:
    return lambda a, b: act(b, a)


def _between(name: str, act: Callable[[_Span, _Span], bool], *kinds: str) -> None:
    """Put a function into the table; each kind says which arguments are points (p) and which ranges (r)."""

    def ask(left: Any, right: Any) -> bool:
        a, b = _span(left), _span(right)
        if "".join("p" if one.is_point else "r" for one in (a, b)) not in kinds:
            raise Mismatch(_("“{name}” does not go with a point there").format(name=name))
        return act(a, b)

    words = {"p": "point", "r": "range"}
    ways = [
        ", ".join(words[one] + (str(at) if kind[0] == kind[1] else "") for at, one in enumerate(kind, 1))
        for kind in kinds
    ]
    function(name, *ways, is_test=True)(ask)


_between("before", _all_before, "pp", "pr", "rp", "rr")
_between("after", _turned(_all_before), "pp", "pr", "rp", "rr")
_between("meets", _meets, "rr")
_between("met by", _turned(_meets), "rr")
_between("overlaps", _overlaps, "rr")
_between("overlaps before", _overlaps_before, "rr")
_between("overlaps after", _turned(_overlaps_before), "rr")
_between("finishes", _finishes, "pr", "rr")
_between("finished by", _turned(_finishes), "rp", "rr")
_between("includes", _includes, "rp", "rr")
_between("during", _turned(_includes), "pr", "rr")
_between("starts", _starts, "pr", "rr")
_between("started by", _turned(_starts), "rp", "rr")
_between("coincides", _coincides, "pp", "rr")
