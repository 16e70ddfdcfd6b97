"""Working time: when a calendar is open, and counting in its hours, whatever the clocks of its zone do (guide 5.1).

Hours are what the clock on the wall shows. Where it is put forward, an hour that is left out does not exist; where it
is put back, hours begin and end the first time that it shows them: round the clock has neither hole nor overlap.
"""

import datetime as dt
import itertools
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from cec.platform import wall_clock
from cec.queues.models import Calendar, Queue

Hours = tuple[dt.datetime, dt.datetime]

_DAY = dt.timedelta(days=1)
# Days that differ, at most; and how far ahead hours are looked for: further than so many holidays in a row.
MOST_DAYS = 500
_AHEAD = 800


class WithoutHours(RuntimeError):
    """A calendar in which nobody ever works: it cannot be saved, and nothing can be counted in it."""


def is_open(calendar: Calendar, at: dt.datetime) -> bool:
    """Tell whether a moment lies in the hours of a calendar."""
    return any(begin <= at < end for begin, end in _around(calendar, at, at))


def opens_at(calendar: Calendar, at: dt.datetime) -> dt.datetime:
    """Tell when a calendar is open next: the moment itself if it is open then.

    :raises WithoutHours: when it never is.
    """
    begin, _end = next(_hours(calendar, at))
    return max(begin, at)


def add_working(calendar: Calendar, start: dt.datetime, duration: dt.timedelta) -> dt.datetime:
    """Tell the moment by which so much working time has passed since a start.

    :raises WithoutHours: when it never does.
    """
    if duration < dt.timedelta():
        message = "working time runs forward"
        raise ValueError(message)
    rest = duration
    for begin, end in _hours(calendar, start):
        begin = max(begin, start)  # noqa: PLW2901 - what is left of these hours
        if rest <= end - begin:
            return begin + rest
        rest -= end - begin
    raise WithoutHours


def working_between(calendar: Calendar, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
    """Tell how much working time lies between two moments; none if the second is not later."""
    spans = ((max(begin, start), min(until, end)) for begin, until in _around(calendar, start, end))
    return sum((until - begin for begin, until in spans if until > begin), dt.timedelta())


def due(queue: Queue, since: dt.datetime, within: dt.timedelta) -> dt.datetime:
    """Tell by when a promise of a queue is due: in its working time if it has a calendar, else round the clock."""
    return add_working(queue.calendar, since, within) if queue.calendar else since + within


def has_hours(calendar: Calendar) -> bool:
    """Tell whether a calendar has hours on any day of the week."""
    return any(calendar.week)


def _hours(calendar: Calendar, start: dt.datetime) -> Iterator[Hours]:
    """Give the hours from a moment on, for ever: those that run at it, then the next ones.

    :raises WithoutHours: when none come for longer than holidays last.
    """
    today = _day_of(calendar, start)
    barren = 0
    for day in (today + _DAY * n for n in itertools.count(-1)):
        found = [hours for hours in _hours_of(calendar, day) if hours[1] > start]
        yield from found
        barren = 0 if found else barren + 1
        if barren > _AHEAD:
            raise WithoutHours


def _around(calendar: Calendar, start: dt.datetime, end: dt.datetime) -> Iterator[Hours]:
    """Give the hours of all days that two moments may touch."""
    day, last = _day_of(calendar, start) - _DAY, _day_of(calendar, end) + _DAY
    while day <= last:
        yield from _hours_of(calendar, day)
        day += _DAY


def _day_of(calendar: Calendar, at: dt.datetime) -> dt.date:
    return at.astimezone(ZoneInfo(calendar.zone)).date()


def _hours_of(calendar: Calendar, day: dt.date) -> Iterator[Hours]:
    week = calendar.week[day.weekday()] if calendar.week else []
    for begin, end in calendar.days.get(day.isoformat(), week):
        hours = _moment(day, begin, calendar.zone), _moment(day, end, calendar.zone)
        if hours[0] < hours[1]:
            yield hours


def _moment(day: dt.date, clock_face: str, zone: str) -> dt.datetime:
    hour, minute = map(int, clock_face.split(":"))
    return wall_clock.moment(day, hour * 60 + minute, zone)
