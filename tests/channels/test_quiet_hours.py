"""Quiet hours of an account: by the clock on the wall of its zone, over midnight and over both changes of the clock."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from cec.channels import quiet_hours
from cec.channels.models import ChannelAccount
from cec.platform.errors import InvalidFields

NIGHT = {"quiet": "1", "quiet_from": "22:00", "quiet_to": "09:00", "quiet_zone": "Europe/Moscow"}


def until(begin, end, zone, at, *, fold=0):
    account = ChannelAccount(config={"quiet": {"from": begin, "to": end, "zone": zone}})
    place = ZoneInfo(zone)
    moment = dt.datetime.fromisoformat(at).replace(tzinfo=place, fold=fold)
    over = quiet_hours.ends(account, moment.astimezone(dt.UTC))
    return over and f"{over.astimezone(place):%Y-%m-%d %H:%M %z}"


@pytest.mark.parametrize(
    ("at", "over"),
    [
        ("2026-11-27 21:59", None),
        ("2026-11-27 22:00", "2026-11-28 09:00 +0300"),
        ("2026-11-27 23:59", "2026-11-28 09:00 +0300"),
        ("2026-11-28 00:00", "2026-11-28 09:00 +0300"),
        ("2026-11-28 08:59", "2026-11-28 09:00 +0300"),
        ("2026-11-28 09:00", None),
        ("2026-12-31 23:00", "2027-01-01 09:00 +0300"),
    ],
)
def test_they_last_over_midnight(at, over):
    assert until("22:00", "09:00", "Europe/Moscow", at) == over


def test_within_a_day_and_in_the_zone_of_the_account():
    assert until("13:00", "14:00", "Asia/Vladivostok", "2026-11-27 13:30") == "2026-11-27 14:00 +1000"
    assert until("13:00", "14:00", "Asia/Vladivostok", "2026-11-27 14:00") is None


@pytest.mark.parametrize(
    ("at", "fold", "over"),
    [
        # 29 March 2026, 2:00 becomes 3:00 in Berlin.
        ("2026-03-29 01:59", 0, "2026-03-29 09:00 +0200"),
        ("2026-03-29 08:59", 0, "2026-03-29 09:00 +0200"),
        # 25 October 2026, 3:00 becomes 2:00 again.
        ("2026-10-25 02:30", 0, "2026-10-25 09:00 +0100"),
        ("2026-10-25 02:30", 1, "2026-10-25 09:00 +0100"),
    ],
)
def test_the_night_in_which_the_clock_is_changed_is_quiet_until_its_end(at, fold, over):
    assert until("22:00", "09:00", "Europe/Berlin", at, fold=fold) == over


def test_an_end_that_the_clock_leaves_out_is_when_it_jumps():
    assert until("22:00", "02:30", "Europe/Berlin", "2026-03-29 01:30") == "2026-03-29 03:00 +0200"
    assert until("22:00", "02:30", "Europe/Berlin", "2026-03-29 03:00") is None


def test_an_end_that_the_clock_shows_twice_is_the_second_one():
    assert until("22:00", "02:30", "Europe/Berlin", "2026-10-25 02:45", fold=0) == "2026-10-25 02:30 +0100"
    assert until("22:00", "02:30", "Europe/Berlin", "2026-10-25 02:30", fold=1) is None


def test_who_has_none_is_never_quiet():
    assert quiet_hours.ends(ChannelAccount(config={}), dt.datetime(2026, 11, 27, 3, tzinfo=dt.UTC)) is None
    assert quiet_hours.read({**NIGHT, "quiet": ""}) == {}


def test_what_is_typed_is_kept():
    assert quiet_hours.read(NIGHT) == {"quiet": {"from": "22:00", "to": "09:00", "zone": "Europe/Moscow"}}


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"quiet_from": "24:00"}, {"quiet_from"}), ({"quiet_from": ""}, {"quiet_from"}),
        ({"quiet_to": "9"}, {"quiet_to"}), ({"quiet_to": "٠٩:٠٠"}, {"quiet_to"}), ({"quiet_to": "22:00"}, {"quiet_to"}),
        ({"quiet_zone": "Moscow"}, {"quiet_zone"}),
        ({"quiet_from": "x", "quiet_to": "y", "quiet_zone": ""}, {"quiet_from", "quiet_to", "quiet_zone"}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_field(wrong, fields):
    with pytest.raises(InvalidFields) as refused:
        quiet_hours.read(NIGHT | wrong)

    assert set(refused.value.fields()) == fields
