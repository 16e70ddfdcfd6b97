"""Quiet hours of an account: no first message goes to a client then (guide 3.2.6).

Hours are what the clock on the wall shows in the zone of the account. Where it is put back they last until it shows
their end the second time: a client is rather left alone for an hour longer.
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from cec.channels.models import ChannelAccount
from cec.platform import wall_clock
from cec.platform.errors import InvalidFields
from cec.platform.i18n import gettext, mark

# Under this name they are kept with the account: {"from": "22:00", "to": "09:00", "zone": "Europe/Moscow"}.
KEPT = "quiet"
USUAL = {"from": "22:00", "to": "09:00"}
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)
_DAY = dt.timedelta(days=1)
TIME_UNFIT = mark("Write a time from 00:00 to 23:59, for example 22:00.")
SAME = mark("Write another time than that at which they begin.")
ZONE_UNKNOWN = mark("Choose a time zone from the list, for example Europe/Moscow.")


def read(form: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Read the fields quiet (whether there are any), quiet_from, quiet_to and quiet_zone; gives what is to be kept.

    :raises InvalidFields: naming each wrong field.
    """
    if not form.get(KEPT):
        return {}
    hours = {name: str(form.get(f"{KEPT}_{name}") or "").strip() for name in ("from", "to", "zone")}
    wrong = {name: TIME_UNFIT for name in ("from", "to") if not _TIME.fullmatch(hours[name])}
    if not wrong and hours["from"] == hours["to"]:
        wrong["to"] = SAME
    if hours["zone"] not in available_timezones():
        wrong["zone"] = ZONE_UNKNOWN
    if wrong:
        raise InvalidFields({f"{KEPT}_{name}": gettext(sentence) for name, sentence in wrong.items()})
    return {KEPT: hours}


def ends(account: ChannelAccount, at: dt.datetime) -> dt.datetime | None:
    """Tell when the quiet hours end in which a moment lies; None if it lies in none."""
    hours = account.config.get(KEPT)
    if not hours:
        return None
    begin, end = _minutes(hours["from"]), _minutes(hours["to"])
    if end <= begin:
        end += 24 * 60
    today = at.astimezone(ZoneInfo(hours["zone"])).date()
    for day in (today - _DAY, today):
        over = wall_clock.last_moment(day, end, hours["zone"])
        if wall_clock.moment(day, begin, hours["zone"]) <= at < over:
            return over
    return None


def _minutes(clock_face: str) -> int:
    hour, minute = map(int, clock_face.split(":"))
    return hour * 60 + minute
