"""When the clock on the wall of a zone shows a time of a day, whatever is done to it that day."""

import datetime as dt
from zoneinfo import ZoneInfo

_MINUTE = dt.timedelta(minutes=1)


def moment(day: dt.date, minutes: int, zone: str) -> dt.datetime:
    """Tell when the clock first shows so many minutes after a day's midnight; if it jumps over it, when it jumps.

    More than 1440 minutes are a time of the next day.
    """
    place = ZoneInfo(zone)
    wall = dt.datetime.combine(day, dt.time()) + _MINUTE * minutes
    found = wall.replace(tzinfo=place).astimezone(dt.UTC)
    if found.astimezone(place).replace(tzinfo=None) == wall:
        return found
    return _jump(wall.replace(tzinfo=place, fold=1).astimezone(dt.UTC), found, place)


def last_moment(day: dt.date, minutes: int, zone: str) -> dt.datetime:
    """Tell when the clock last shows so many minutes after a day's midnight: put back, it shows them twice."""
    place = ZoneInfo(zone)
    wall = dt.datetime.combine(day, dt.time()) + _MINUTE * minutes
    found = wall.replace(tzinfo=place, fold=1).astimezone(dt.UTC)
    return found if found.astimezone(place).replace(tzinfo=None) == wall else moment(day, minutes, zone)


def _jump(before: dt.datetime, after: dt.datetime, place: ZoneInfo) -> dt.datetime:
    """Find the moment between two at which the clock is put forward."""
    offset = before.astimezone(place).utcoffset()
    low, high = 0, (after - before) // _MINUTE
    while low < high:
        middle = (low + high) // 2
        if (before + _MINUTE * middle).astimezone(place).utcoffset() == offset:
            low = middle + 1
        else:
            high = middle
    return before + _MINUTE * low
