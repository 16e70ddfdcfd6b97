"""How a person wants to be told (2.2.7)."""

import datetime as dt

import pytest
from cast import anna

from cec.notifications import preferences
from cec.notifications.preferences import Preferences
from cec.platform import i18n


@pytest.mark.parametrize(
    ("begins", "ends", "at", "quiet"),
    [
        ("13:00", "14:00", "12:59", False),
        ("13:00", "14:00", "13:00", True),
        ("13:00", "14:00", "14:00", False),
        ("22:00", "08:00", "23:30", True),
        ("22:00", "08:00", "07:59", True),
        ("22:00", "08:00", "08:00", False),
        ("", "", "03:00", False),
    ],
)
def test_quiet_hours_follow_the_clock_of_the_person_also_over_midnight(db, clock, begins, ends, at, quiet):
    zone = "Asia/Yekaterinburg"
    with i18n.reader("ru", zone):
        clock.to(i18n.from_local(f"2026-11-23T{at}").astimezone(dt.UTC))

        assert Preferences(quiet_from=begins, quiet_to=ends).is_quiet is quiet


def test_what_was_never_chosen_is_as_usual(db):
    assert preferences.of(anna()) == Preferences()
    assert "offer" in Preferences().sounds
    assert Preferences().keys


def test_what_is_chosen_is_kept_and_unknown_sounds_are_not(db):
    preferences.keep(anna(), Preferences(sounds=["offer", "siren"], volume=0, browser=True, keys=False))
    db.session.commit()
    db.session.expire_all()

    assert preferences.of(anna()) == Preferences(sounds=["offer"], volume=0, browser=True, keys=False)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"volume": 101}, preferences.WrongVolume),
        ({"volume": -1}, preferences.WrongVolume),
        ({"quiet_from": "22:00"}, preferences.WrongTime),
        ({"quiet_to": "22:00"}, preferences.WrongTime),
        ({"quiet_from": "25:00", "quiet_to": "08:00"}, preferences.WrongTime),
        ({"quiet_from": "22", "quiet_to": "08:00"}, preferences.WrongTime),
    ],
)
def test_what_cannot_be_is_refused(db, wrong, refusal):
    with pytest.raises(refusal):
        preferences.keep(anna(), Preferences(**wrong))
