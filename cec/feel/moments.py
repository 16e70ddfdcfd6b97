"""Dates, times and durations of FEEL: read from text, written as text, their parts, added and subtracted."""

import calendar
import datetime as dt
import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from cec.feel.far import FAR, FarDate, FarMoment, combined, far_date
from cec.feel.refusals import Misread
from cec.feel.values import Months, Range
from cec.platform.i18n import gettext as _

_DATE = re.compile(r"(-?(?:[0-9]{4}|[1-9][0-9]{4,8}))-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(Z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@[A-Za-z0-9_+/-]{1,50})?"
)
_DAYS = re.compile(
    r"(-?)P(?:([0-9]{1,9})D)?(?:T(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9}(?:\.[0-9]{1,9})?)S)?)?"
)
_MONTHS = re.compile(r"(-?)P(?:([0-9]{1,9})Y)?(?:([0-9]{1,9})M)?")
_FRACTION = re.compile(r"(\.[0-9]*?[1-9])0+(?![0-9])")
_YEAR = 12
FARTHEST_ZONE = dt.timedelta(hours=18)


def read_date(text: str) -> dt.date | FarDate:
    """Read 2026-12-31.

    :raises Mismatch: when it is no date.
    """
    found = _DATE.fullmatch(text)
    if not found:
        raise _no(text, _("a date like 2026-12-31"))
    try:
        return far_date(*map(int, found.groups()))
    except ValueError:
        raise _no(text, _("a date like 2026-12-31")) from None


def read_time(text: str) -> dt.time:
    """Read 09:30:00, 09:30:00Z, 09:30:00+03:00 or 09:30:00@Europe/Moscow.

    :raises Mismatch: when it is no time of day.
    """
    found = _TIME.fullmatch(text)
    if not found:
        raise _no(text, _("a time like 09:30:00"))
    hour, minute, second, fraction, zone = found.groups()
    try:
        micro = int((fraction or "0").ljust(6, "0")[:6])
        return dt.time(int(hour), int(minute), int(second), micro, tzinfo=_zone(zone))
    except (ValueError, OSError, KeyError):
        raise _no(text, _("a time like 09:30:00")) from None


def read_moment(text: str) -> dt.datetime | FarMoment:
    """Read 2026-12-31T09:30:00 and a zone; without one it has none. A date alone is its midnight.

    :raises Mismatch: when it is no date and time.
    """
    day, _t, hour = text.partition("T")
    return combined(read_date(day), read_time(hour) if _t else dt.time(0))


def date_from(year: int, month: int, day: int) -> dt.date | FarDate:
    """Make a date of its numbers.

    :raises Mismatch: when there is no such day.
    """
    try:
        return far_date(year, month, day)
    except (ValueError, OverflowError):
        raise _no(f"{year}-{month}-{day}", _("a date like 2026-12-31")) from None


def time_from(hour: int, minute: int, second: Any, zone: dt.tzinfo | None) -> dt.time:
    """Make a time of day of its numbers; seconds may have a fraction.

    :raises Mismatch: when there is no such time.
    """
    try:
        whole = int(second)
        return dt.time(hour, minute, whole, int((second - whole) * 1_000_000), tzinfo=zone)
    except (ValueError, OverflowError):
        raise _no(f"{hour}:{minute}:{second}", _("a time like 09:30:00")) from None


def zone_of(shift: dt.timedelta) -> dt.tzinfo:
    """Make a zone of its distance from UTC.

    :raises Mismatch: when it is too far.
    """
    if abs(shift) > FARTHEST_ZONE:
        raise _no(_written_days(shift), _("at most 18 hours"))
    return dt.UTC if not shift else dt.timezone(shift)


def read_duration(text: str) -> dt.timedelta | Months:
    """Read PT5M, P1DT12H or P1Y6M.

    :raises Mismatch: when it is no duration.
    """
    found = _MONTHS.fullmatch(text)
    if found and (found[2] or found[3]):
        months = int(found[2] or 0) * _YEAR + int(found[3] or 0)
        return Months(-months if found[1] else months)
    found = _DAYS.fullmatch(text)
    if not found or not any(found.groups()[1:]):
        raise _no(text, _("a duration like PT5M, P1DT12H or P1Y6M"))
    days, hours, minutes = (int(part or 0) for part in found.groups()[1:4])
    whole, _dot, fraction = (found[5] or "0").partition(".")
    try:
        length = dt.timedelta(days, int(whole), int((fraction or "0").ljust(6, "0")[:6]), 0, minutes, hours)
    except OverflowError:
        raise _no(text, _("a duration like PT5M, P1DT12H or P1Y6M")) from None
    return -length if found[1] else length


def read_any(text: str) -> Any:
    """Read what follows @: the text itself says which kind it is.

    :raises Mismatch: when it is neither date nor time nor duration.
    """
    if text.lstrip("-").startswith("P"):
        return read_duration(text)
    if "T" in text:
        return read_moment(text)
    return read_time(text) if ":" in text else read_date(text)


def _zone(text: str | None) -> dt.tzinfo | None:
    if not text:
        return None
    if text == "Z":
        return dt.UTC
    if text.startswith("@"):
        return ZoneInfo(text[1:])
    hours, minutes, seconds = (int(part) for part in (text[1:] + ":00").split(":")[:3])
    shift = dt.timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if shift > FARTHEST_ZONE:
        raise ValueError
    return dt.timezone(-shift if text[0] == "-" else shift)


def _no(text: str, expected: str) -> Misread:
    return Misread(f"“{text[:40]}”", expected)


def write(value: Any) -> str:
    """Write a date, a time or a duration as FEEL does."""
    if isinstance(value, Months):
        return _written_months(value.months)
    if isinstance(value, dt.timedelta):
        return _written_days(value)
    if isinstance(value, FarMoment):
        return f"{value.day.isoformat()}T{write(value.time)}"
    zone = getattr(value, "tzinfo", None)
    if isinstance(zone, ZoneInfo):
        return f"{_short(value.replace(tzinfo=None).isoformat())}@{zone.key}"
    return _short(str(value.isoformat())).replace("+00:00", "Z")


def _short(text: str) -> str:
    """Leave out the zeros at the end of a fraction of a second."""
    return _FRACTION.sub(lambda found: found[1], text)


def _written_months(months: int) -> str:
    years, rest = divmod(abs(months), _YEAR)
    text = (f"{years}Y" if years else "") + (f"{rest}M" if rest else "")
    return ("-" if months < 0 else "") + "P" + (text or "0M")


def _written_days(length: dt.timedelta) -> str:
    size = abs(length)
    hours, rest = divmod(size.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    exact = f"{seconds}.{size.microseconds:06}".rstrip("0").rstrip(".")
    hour = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "") + (f"{exact}S" if exact != "0" else "")
    text = (f"{size.days}D" if size.days else "") + (f"T{hour}" if hour else "")
    return ("-" if length < dt.timedelta() else "") + "P" + (text or "T0S")


def later(value: Any, length: dt.timedelta | Months) -> Any:
    """Move a date, a moment or a time by a duration; the 31st becomes the last day of a shorter month."""
    if isinstance(value, FAR):
        raise OverflowError
    if isinstance(length, Months):
        years, month = divmod(value.year * _YEAR + value.month - 1 + length.months, _YEAR)
        if not dt.MINYEAR <= years <= dt.MAXYEAR:
            raise OverflowError
        return value.replace(year=years, month=month + 1, day=min(value.day, calendar.monthrange(years, month + 1)[1]))
    if isinstance(value, dt.time):
        return (dt.datetime.combine(dt.date(2000, 1, 1), value) + length).timetz()
    return value + length


def as_moment(value: Any) -> Any:
    """Take a date as its midnight, UTC."""
    if isinstance(value, FAR):
        return FarMoment(value, dt.time(0, tzinfo=dt.UTC)) if isinstance(value, FarDate) else value
    moment = value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time(0))
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def months_between(start: dt.date | FarDate, end: dt.date | FarDate) -> Months:
    """Count the whole months from one day to another."""
    if (end.year, end.month, end.day) < (start.year, start.month, start.day):
        return Months(-months_between(end, start).months)
    months = (end.year - start.year) * _YEAR + end.month - start.month
    return Months(months - (end.day < start.day))


def _size(value: dt.timedelta, part: Callable[[dt.timedelta], int]) -> int:
    return part(value) if value >= dt.timedelta() else -part(-value)


def _offset(value: dt.time | dt.datetime) -> dt.timedelta | None:
    # A time of day in a zone of the map has no offset before its day is known; today's is as good as any.
    return value.utcoffset() if isinstance(value, dt.datetime) else _on_a_day(value).utcoffset()


def _on_a_day(value: dt.time) -> dt.datetime:
    return dt.datetime.combine(dt.date(2000, 1, 1), value)


_DAY_PARTS: dict[str, Callable[[Any], Any]] = {
    "year": lambda v: v.year,
    "month": lambda v: v.month,
    "day": lambda v: v.day,
    "weekday": lambda v: v.isoweekday(),
}
_TIME_PARTS: dict[str, Callable[[Any], Any]] = {
    "hour": lambda v: v.hour,
    "minute": lambda v: v.minute,
    "second": lambda v: v.second,
    "time offset": lambda v: None if v.tzinfo is None else _offset(v),
    "timezone": lambda v: v.tzinfo.key if isinstance(v.tzinfo, ZoneInfo) else None,
}


def _of_the_day(part: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda v: part(v.day)


def _of_the_time(part: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda v: part(v.time)


# What may follow the dot after a value that is no context: a fixed list, nothing of Python.
PARTS: dict[type, dict[str, Callable[[Any], Any]]] = {
    FarDate: _DAY_PARTS | {"weekday": lambda v: v.near().isoweekday()},
    FarMoment: {
        **{name: _of_the_day(part) for name, part in _DAY_PARTS.items()},
        **{name: _of_the_time(part) for name, part in _TIME_PARTS.items()},
        "weekday": lambda v: v.day.near().isoweekday(),
    },
    dt.date: _DAY_PARTS,
    dt.time: _TIME_PARTS,
    dt.datetime: _DAY_PARTS | _TIME_PARTS,
    dt.timedelta: {
        "days": lambda v: _size(v, lambda d: d.days),
        "hours": lambda v: _size(v, lambda d: d.seconds // 3600),
        "minutes": lambda v: _size(v, lambda d: d.seconds // 60 % 60),
        "seconds": lambda v: _size(v, lambda d: d.seconds % 60),
    },
    Months: {
        "years": lambda v: int(v.months / _YEAR),
        "months": lambda v: v.months - int(v.months / _YEAR) * _YEAR,
    },
    Range: {
        "start": lambda v: v.start,
        "end": lambda v: v.end,
        "start included": lambda v: v.with_start,
        "end included": lambda v: v.with_end,
    },
}
