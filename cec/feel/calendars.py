"""The functions of FEEL that ask a date or the clock."""

import datetime as dt
from typing import Any

from cec.feel.far import near
from cec.feel.functions import function, taken
from cec.platform import clock

_DATED = ("date", "date and time")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip


@function("now", "", is_pure=False)
def _now() -> dt.datetime:
    return clock.now()


@function("today", "", is_pure=False)
def _today() -> dt.date:
    return clock.now().date()


@function("day of week", "date")
def _day_of_week(date: Any) -> str:
    return _DAYS[near(taken(date, *_DATED)).weekday()]


@function("day of year", "date")
def _day_of_year(date: Any) -> int:
    return int(near(taken(date, *_DATED)).timetuple().tm_yday)


@function("week of year", "date")
def _week_of_year(date: Any) -> int:
    return int(near(taken(date, *_DATED)).isocalendar().week)


@function("month of year", "date")
def _month_of_year(date: Any) -> str:
    return _MONTHS[near(taken(date, *_DATED)).month - 1]
