"""The functions of FEEL that make one kind of value from another."""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from cec.feel import moments, ranges
from cec.feel.far import FarDate, FarMoment, combined
from cec.feel.functions import function, place, taken, text
from cec.feel.refusals import Mismatch, Misread
from cec.feel.values import MAX_TEXT, Months, Other, Range, Room, kind_of, number
from cec.platform.i18n import gettext as _

_DATED = ("date", "date and time")
_NUMBER = re.compile(r"-?(?:[0-9]{1,40}(?:\.[0-9]{1,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,4})?")
_NAME = re.compile(r"[^\W\d][\w ]*")


@function("string", "from", is_heavy=True)
def text_of(value: Any) -> str:
    """Write any value as text."""
    return str(value) if kind_of(value) == "string" else _written(value, Room())


def _written(value: Any, room: Room) -> str:
    """Write a value as it stands in a text of FEEL."""
    room.take()
    kind = kind_of(value)
    if kind in _PLAIN:
        return _PLAIN[kind](value)
    if kind == "list":
        return _limited(f"[{', '.join(_written(one, room) for one in value)}]")
    if kind == "context":
        entries = (f"{_key(key)}: {_written(one, room)}" for key, one in value.items())
        return _limited(f"{{{', '.join(entries)}}}")
    return _range_written(value, room) if kind == "range" else moments.write(value)


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _key(name: str) -> str:
    return name if _NAME.fullmatch(name) else _quoted(name)


def _digits(value: int | Decimal) -> str:
    return str(value) if isinstance(value, int) else format(value, "f")


_PLAIN: dict[str, Callable[[Any], str]] = {
    "null": lambda _value: "null",
    "string": _quoted,
    "boolean": lambda value: "true" if value else "false",
    "number": lambda value: _digits(number(value)),
    "function": lambda value: f"function({', '.join(value.names)})",
}


def _range_written(value: Any, room: Room) -> str:
    if isinstance(value, Other):
        return f"(!= {_written(value.than, room)})"
    if value.sign:
        return f"({value.sign} {_written(value.end if value.start is None else value.start, room)})"
    start, end = _written(value.start, room), _written(value.end, room)
    return f"{'[' if value.with_start else '('}{start}..{end}{']' if value.with_end else ')'}"


def _limited(written: str) -> str:
    if len(written) > MAX_TEXT:
        raise Mismatch(_("the text is too long"))
    return written


@function("number", "from, grouping separator?, decimal separator?", sees_null=True)
def _number(value: Any, grouping: Any = None, point: Any = None) -> int | Decimal | None:
    if value is None:
        return None
    if kind_of(value) == "number":
        return number(value)
    grouping = None if grouping is None else text(grouping)
    point = None if point is None else text(point)
    if grouping not in {None, " ", ",", "."} or point not in {None, ",", "."} or (point and point == grouping):
        raise Mismatch(_("separators are a space, a comma and a point, two different ones"))
    plain = text(value).replace(grouping, "") if grouping else text(value)
    plain = plain.replace(",", ".") if point == "," else plain
    if not _NUMBER.fullmatch(plain):
        raise Misread(f"“{plain[:40]}”", _("a number"))
    return number(Decimal(plain))


@function("date", "from", "year, month, day")
def date_of(source: Any, month: Any = None, day: Any = None) -> dt.date | FarDate:
    """Make a date from text, from a date and time, or from its numbers."""
    if month is not None and day is not None:
        return moments.date_from(place(source), place(month), place(day))
    source = taken(source, "string", *_DATED)
    if isinstance(source, str):
        return moments.read_date(source)
    return _day(source)


def _day(value: Any) -> dt.date | FarDate:
    """Take the day of a date, or of a date and time."""
    if isinstance(value, FarMoment):
        return value.day
    day: dt.date | FarDate = value.date() if isinstance(value, dt.datetime) else value
    return day


@function("time", "from", "hour, minute, second, offset?", sees_null=True)
def _time(source: Any, minute: Any = None, second: Any = None, offset: Any = None) -> dt.time | None:
    if source is None:
        return None
    if minute is not None and second is not None:
        zone = None if offset is None else moments.zone_of(taken(offset, "days and time duration"))
        return moments.time_from(place(source), place(minute), number(taken(second, "number")), zone)
    source = taken(source, "string", "time", *_DATED)
    if isinstance(source, str):
        return moments.read_time(source)
    if isinstance(source, dt.time):
        return source
    if isinstance(source, FarMoment):
        return source.time
    return source.timetz() if isinstance(source, dt.datetime) else dt.time(0, tzinfo=dt.UTC)


@function("date and time", "from", "date, time")
def _date_and_time(source: Any, hour: Any = None) -> Any:
    if hour is not None:
        return combined(_day(taken(source, *_DATED)), taken(hour, "time"))
    source = taken(source, "string", *_DATED)
    return moments.read_moment(source) if isinstance(source, str) else moments.as_moment(source)


@function("duration", "from")
def _duration(source: Any) -> dt.timedelta | Months:
    source = taken(source, "string", "days and time duration", "years and months duration")
    return moments.read_duration(source) if isinstance(source, str) else source


@function("years and months duration", "from, to")
def _years_and_months(start: Any, end: Any) -> Months:
    return moments.months_between(date_of(taken(start, *_DATED)), date_of(taken(end, *_DATED)))


@function("range", "from")
def _range(source: Any) -> Range:
    return ranges.read_range(text(source))
