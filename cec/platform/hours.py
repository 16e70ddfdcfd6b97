"""Hours as people write them: "9-18", "09:00–13:00, 14:00–18:00", "22:00-06:00"; minutes of a day in the code."""

import itertools
import re
from collections.abc import Iterable

from cec.platform.errors import Invalid

# From and to, in minutes since midnight of the day they begin at; "24:00" is 1440, the next morning is above.
Span = tuple[int, int]

DAY = 24 * 60
_SPAN = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*[-–—]\s*(\d{1,2})(?:[:.](\d{2}))?")
_CLOSED = {"", "-", "–", "—"}
LONGEST = 200


class HoursUnclear(Invalid):
    """Write hours as 9-18, or several as 09:00-13:00, 14:00-18:00."""

    field = "hours"


class HoursOverMidnight(Invalid):
    """Hours of a day end at 24:00: write the rest at the next day."""

    field = "hours"


class HoursOverlap(Invalid):
    """These hours overlap: write them one after the other."""

    field = "hours"


def read(text: str, *, over_midnight: bool = False) -> list[Span]:
    """Read the hours of a day, in order; nothing and a dash are no hours.

    :raises Invalid: when they cannot be read, overlap, or end after midnight where they must not.
    """
    if text.strip() in _CLOSED:
        return []
    if len(text) > LONGEST:
        raise HoursUnclear
    spans = sorted(_span(part, over_midnight=over_midnight) for part in re.split(r"[,;]", text))
    for earlier, later in itertools.pairwise(spans):
        if later[0] < earlier[1]:
            raise HoursOverlap
    return spans


def _span(text: str, *, over_midnight: bool) -> Span:
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise HoursUnclear
    begin, end = _minutes(found[1], found[2]), _minutes(found[3], found[4])
    if begin >= DAY or begin == end:
        raise HoursUnclear
    if end < begin:
        if not over_midnight:
            raise HoursOverMidnight
        end += DAY
    return begin, end


def _minutes(hour: str, minute: str | None) -> int:
    minutes = int(hour) * 60 + int(minute or 0)
    if int(minute or 0) > 59 or minutes > DAY:  # noqa: PLR2004 - minutes of an hour
        raise HoursUnclear
    return minutes


def clock_face(minutes: int) -> str:
    """Say a minute of the day as 09:00; the end of a day as 24:00, an hour of the next morning as 06:00."""
    if minutes > DAY:
        minutes -= DAY
    return f"{minutes // 60:02}:{minutes % 60:02}"


def write(spans: Iterable[Span]) -> str:
    """Write the hours of a day as they are read."""
    return ", ".join(f"{clock_face(begin)}–{clock_face(end)}" for begin, end in spans)
