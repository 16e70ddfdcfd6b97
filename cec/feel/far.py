"""Dates outside the years 1 to 9999, which Python does not have: read, written, compared, asked for their parts.

The calendar repeats every 400 years to the day of the week, so a near date of the same place tells the rest.
"""

import datetime as dt
from dataclasses import dataclass

FARTHEST_YEAR = 999_999_999
_ROUND = 400


@dataclass(frozen=True, order=True)
class FarDate:
    """A day of a far year; years before our era are negative."""

    year: int
    month: int
    day: int

    def near(self) -> dt.date:
        """Give the day of a near year that has the same place in week and year."""
        return dt.date(2000 + self.year % _ROUND, self.month, self.day)

    def isoformat(self) -> str:
        """Write it as the standard does."""
        return f"{'-' if self.year < 0 else ''}{abs(self.year):04}-{self.month:02}-{self.day:02}"


@dataclass(frozen=True)
class FarMoment:
    """A time of day on a far day."""

    day: FarDate
    time: dt.time

    @property
    def tzinfo(self) -> dt.tzinfo | None:
        """Tell the zone of its time."""
        return self.time.tzinfo


def far_date(year: int, month: int, day: int) -> dt.date | FarDate:
    """Make a day of any year.

    :raises ValueError: when there is no such day, or it is too far.
    """
    if dt.MINYEAR <= year <= dt.MAXYEAR:
        return dt.date(year, month, day)
    if year == 0 or abs(year) > FARTHEST_YEAR:
        raise ValueError
    far = FarDate(year, month, day)
    far.near()
    return far


def combined(day: dt.date | FarDate, time: dt.time) -> dt.datetime | FarMoment:
    """Put a time on a day."""
    return FarMoment(day, time) if isinstance(day, FarDate) else dt.datetime.combine(day, time)


def near(value: dt.date | FarDate | FarMoment) -> dt.date:
    """Give a near day of the same place in week and year."""
    if isinstance(value, FarMoment):
        return value.day.near()
    return value.near() if isinstance(value, FarDate) else value


def place_in_time(value: dt.date | FarDate | FarMoment) -> tuple[int, ...]:
    """Give what far and near days are ordered by; the zone counts for nothing so far away."""
    day = value.day if isinstance(value, FarMoment) else value
    time = (
        value.time if isinstance(value, FarMoment) else value.time() if isinstance(value, dt.datetime) else dt.time(0)
    )
    return day.year, day.month, day.day, time.hour, time.minute, time.second, time.microsecond


FAR = (FarDate, FarMoment)
