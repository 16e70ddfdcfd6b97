"""Shifts: who is to work when, in the clock of his branch."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from cec.platform import hours, journal, wall_clock
from cec.platform.db import unit_of_work
from cec.staff import shifts
from cec.staff.models import Presence, Shift
from tests import cast

MONDAY = dt.date(2026, 11, 23)
H = dt.timedelta(hours=1)


def day(number):
    return MONDAY + dt.timedelta(days=number)


def plan(person, **texts):
    """Plan days of the week for a person: mon="9-18"."""
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    wanted = {(person.id, day(names.index(name))): hours.read(text, over_midnight=True) for name, text in texts.items()}
    return shifts.write(wanted, [person], by="employee:7")


def utc(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def test_a_week_is_planned_by_the_clock_of_the_branch(db):
    anna = cast.anna()

    plan(anna, mon="9-18", tue="22:00-06:00", thu="9-13, 14-18")

    assert shifts.plan_of([anna], MONDAY) == {
        (anna.id, day(0)): [(540, 1080)],
        (anna.id, day(1)): [(1320, 1800)],
        (anna.id, day(3)): [(540, 780), (840, 1080)],
    }
    night = shifts.current_or_next(anna, utc("2026-11-24T20:00"))
    assert (night.during.lower, night.during.upper) == (utc("2026-11-24T19:00"), utc("2026-11-25T03:00"))


def test_what_runs_or_comes_next_is_told(db):
    anna = cast.anna()
    plan(anna, mon="9-18", wed="9-18")

    def found(text):
        shift = shifts.current_or_next(anna, utc(text))
        return shift and (shift.during.lower.day, shifts.runs(shift, utc(text)))

    assert found("2026-11-23T05:59") == (23, False)
    assert found("2026-11-23T06:00") == (23, True)
    assert found("2026-11-23T15:00") == (25, False)
    assert found("2026-11-25T15:00") is None


def test_a_day_is_written_anew_and_the_others_stay_and_the_change_is_told(db):
    anna = cast.anna()
    plan(anna, mon="9-18", tue="9-18")

    assert plan(anna, mon="10-19", tue="9-18") == 1
    assert plan(anna, mon="10-19") == 0
    assert plan(anna, tue="") == 1

    assert shifts.plan_of([anna], MONDAY) == {(anna.id, MONDAY): [(600, 1140)]}
    assert [entry.facts["changed"] for entry in journal.history(anna.key, names=["shifts.changed"])] == [
        {"2026-11-23": ["", "09:00–18:00"], "2026-11-24": ["", "09:00–18:00"]},
        {"2026-11-23": ["09:00–18:00", "10:00–19:00"]},
        {"2026-11-24": ["09:00–18:00", ""]},
    ]


def test_a_night_shift_that_reaches_into_the_next_days_is_refused_and_nothing_is_written(db):
    anna, igor = cast.anna(), cast.igor()
    plan(anna, tue="5-12")
    db.session.commit()
    both = {(anna.id, day(0)): [(1320, 1800)], (igor.id, day(0)): [(540, 1080)]}

    with (
        pytest.raises(shifts.ShiftsOverlap, match="Анна Котова would have two shifts at once on 2026-11-24"),
        unit_of_work(),
    ):
        shifts.write(both, [igor, anna], by="test")

    db.session.expire_all()
    assert shifts.plan_of([anna, igor], MONDAY) == {(anna.id, day(1)): [(300, 720)]}


def test_two_planners_of_one_person_take_turns(db, at_once):
    anna_id = cast.anna().id
    db.session.commit()

    def planner(text):
        def act():
            with unit_of_work():
                anna = db.session.get(type(cast.anna()), anna_id)
                return shifts.write({(anna_id, MONDAY): hours.read(text)}, [anna], by="test")

        return act

    assert at_once(*[planner(f"{n}-{n + 9}") for n in range(1, 7)]) == [1] * 6
    assert len(shifts.plan_of([cast.anna()], MONDAY)[anna_id, MONDAY]) == 1


def test_a_week_is_copied_by_the_clock_on_the_wall_and_planned_days_stay(db):
    anna = cast.anna()
    anna.branch.zone = "Europe/Berlin"
    db.session.flush()
    before, after = dt.date(2026, 10, 19), dt.date(2026, 10, 26)
    shifts.write({(anna.id, before + dt.timedelta(days=n)): [(540, 1080)] for n in range(3)}, [anna], by="test")
    shifts.write({(anna.id, after): [(600, 720)]}, [anna], by="test")

    assert shifts.copy_week([anna], before, after, by="test") == 1

    assert list(shifts.plan_of([anna], after).values()) == [[(600, 720)], [(540, 1080)], [(540, 1080)]]
    assert shifts.copy_week([anna], before, after, by="test") == 0


@pytest.mark.parametrize(
    ("date", "text", "lasts"),
    [("2026-03-29", "1-4", 2), ("2026-10-25", "1-4", 4), ("2026-03-28", "22-06", 7), ("2026-10-24", "22-06", 9)],
)
def test_a_shift_over_a_change_of_clocks_lasts_as_long_as_it_does(db, date, text, lasts):
    anna = cast.anna()
    anna.branch.zone = "Europe/Berlin"
    place = anna.id, dt.date.fromisoformat(date)

    shifts.write({place: hours.read(text, over_midnight=True)}, [anna], by="test")

    shift = db.session.scalars(db.select(Shift)).one()
    assert shift.during.upper - shift.during.lower == lasts * H
    assert shifts.plan_of([anna], place[1]) == {place: hours.read(text, over_midnight=True)}


def test_who_should_be_working_now_and_is_not_is_listed(db, clock):
    anna, igor, oleg = cast.anna(), cast.igor(), cast.an_operator("oleg", "Олег Сомов")
    for person in (anna, igor, oleg):
        plan(person, mon="9-18" if person != oleg else "14-23")
    cast.at_work(anna)

    def missing():
        return [(shift.employee, status) for shift, status in shifts.list_missing(clock_now())]

    def clock_now():
        return clock.forward(dt.timedelta())

    assert missing() == [(igor, Presence.OFFLINE)]
    clock.forward(6 * H)
    assert missing() == [(oleg, Presence.OFFLINE)]
    oleg.is_active = False
    db.session.flush()
    assert missing() == []


def test_shifts_that_touch_a_time_are_listed(db):
    plan(cast.anna(), mon="9-18")
    plan(cast.igor(), mon="12-21")

    def people(begin, end):
        return [shift.employee.login for shift in shifts.planned_between(utc(begin), utc(end))]

    assert people("2026-11-23T00:00", "2026-11-24T00:00") == ["anna", "igor"]
    assert people("2026-11-23T15:00", "2026-11-23T16:00") == ["igor"]
    assert people("2026-11-23T18:00", "2026-11-23T19:00") == []


@settings(max_examples=200, deadline=None)
@given(
    some.dates(dt.date(2026, 1, 1), dt.date(2027, 1, 1)),
    some.integers(0, 1439),
    some.sampled_from(["Europe/Berlin", "Europe/Moscow", "Africa/Cairo", "Australia/Lord_Howe", "America/New_York"]),
)
def test_moments_of_a_wall_clock_never_run_backwards(date, minutes, zone):
    assert wall_clock.moment(date, minutes, zone) <= wall_clock.moment(date, minutes + 1, zone)
    assert wall_clock.moment(date, 1440, zone) == wall_clock.moment(date + dt.timedelta(days=1), 0, zone)
