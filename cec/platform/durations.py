"""Durations as people write them: "10 min", "1 h 30 min", "3 days", "10 мин", "1 ч 30 мин", "3 дня"."""

import datetime as dt
import math
import re

from cec.platform.errors import Invalid
from cec.platform.i18n import gettext, mark, ngettext

_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800}
# The beginnings of what people write for a unit, and the whole words that are shorter.
_WORDS = {
    "s": ("s", "sec", "secs", "second", "seconds", "с", "сек", "секунда", "секунды", "секунду", "секунд"),
    "min": ("m", "min", "mins", "minute", "minutes", "м", "мин", "минута", "минуты", "минуту", "минут"),
    "h": ("h", "hr", "hrs", "hour", "hours", "ч", "час", "часа", "часов"),
    "d": ("d", "day", "days", "д", "дн", "день", "дня", "дней", "сут", "сутки", "суток"),
    "w": ("w", "week", "weeks", "н", "нед", "неделя", "недели", "неделю", "недель"),
}
_UNITS = {word: unit for unit, words in _WORDS.items() for word in words}
_PART = re.compile(r"(\d{1,7}(?:[.,]\d{1,3})?)\s*([a-zа-яё]+)\.?\s*")
_SHOWN = (("d", mark("{n} d")), ("h", mark("{n} h")), ("min", mark("{n} min")), ("s", mark("{n} s")))
LONGEST = dt.timedelta(days=366)


class DurationUnclear(Invalid):
    """Write a duration with its unit: 30 s, 10 min, 8 h, 1 h 30 min, 3 days."""


class DurationTooLong(Invalid):
    """A duration is a year at most."""


def read(text: str) -> dt.timedelta:
    """Read a duration; each unit once, the larger before the smaller.

    :raises Invalid: when it cannot be read, or is longer than a year.
    """
    rest, seconds, last = text.strip().casefold(), 0.0, float("inf")
    if not rest:
        raise DurationUnclear
    while rest:
        part = _PART.match(rest)
        worth = _SECONDS.get(_UNITS.get(part[2], "")) if part else None
        if part is None or worth is None or worth >= last:
            raise DurationUnclear
        seconds += float(part[1].replace(",", ".")) * worth
        last, rest = worth, rest[part.end() :]
    if seconds > LONGEST.total_seconds():
        raise DurationTooLong
    return dt.timedelta(seconds=round(seconds))


def write(duration: dt.timedelta, *, most: int = len(_SHOWN)) -> str:
    """Write a duration in the reader's language, as it is read: 1 h 30 min; its `most` largest units alone."""
    rest = int(duration.total_seconds())
    said = []
    for unit, words in _SHOWN:
        count, rest = divmod(rest, _SECONDS[unit])
        if count:
            said.append(gettext(words).format(n=count))
    return " ".join(said[:most]) or gettext(_SHOWN[-1][1]).format(n=0)


# From so many minutes on they are told by fives.
_BY_FIVES, _HOUR = 10, 60


def about(duration: dt.timedelta) -> str:
    """Say in words about how long something takes, never too short: about 15 minutes, около 2 часов."""
    minutes = max(1, math.ceil(duration / dt.timedelta(minutes=1)))
    if minutes > _BY_FIVES:
        minutes = math.ceil(minutes / 5) * 5
    if minutes < _HOUR:
        return ngettext("about {n} minute", "about {n} minutes", minutes).format(n=minutes)
    hours = math.ceil(minutes / _HOUR)
    return ngettext("about {n} hour", "about {n} hours", hours).format(n=hours)
