"""Working time: hours of the wall clock, counted right whatever it does."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from cec.queues import calendars
from cec.queues.models import Calendar
from tests import cast

NINE_TO_SIX = [["09:00", "18:00"]]
OFFICE = [NINE_TO_SIX] * 5 + [[], []]
ALWAYS = [[["00:00", "24:00"]]] * 7
H = dt.timedelta(hours=1)


def a_calendar(week=OFFICE, zone="Europe/Moscow", **days):
    return Calendar(
        name="Office", zone=zone, week=week, days={day.strip("d").replace("_", "-"): h for day, h in days.items()}
    )


def at(text, zone="Europe/Moscow"):
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23T08:59", False),
        ("2026-11-23T09:00", True),
        ("2026-11-23T17:59", True),
        ("2026-11-23T18:00", False),
        ("2026-11-28T12:00", False),
    ],
)
def test_hours_begin_with_their_first_minute_and_end_before_their_last(moment, is_open):
    assert calendars.is_open(a_calendar(), at(moment)) == is_open


def test_a_closed_calendar_opens_with_its_next_hours_and_an_open_one_is_open_now():
    assert calendars.opens_at(a_calendar(), at("2026-11-27T18:00")) == at("2026-11-30T09:00")
    assert calendars.opens_at(a_calendar(), at("2026-11-27T17:59")) == at("2026-11-27T17:59")


def test_eight_hours_from_friday_afternoon_are_over_on_monday():
    calendar = a_calendar()

    assert calendars.add_working(calendar, at("2026-11-27T15:00"), 8 * H) == at("2026-11-30T14:00")
    assert calendars.working_between(calendar, at("2026-11-27T15:00"), at("2026-11-30T14:00")) == 8 * H


def test_what_ends_with_the_day_is_due_then_and_not_next_morning():
    assert calendars.add_working(a_calendar(), at("2026-11-23T09:00"), 9 * H) == at("2026-11-23T18:00")


def test_holidays_and_short_days_count_as_they_are():
    calendar = a_calendar(d2026_12_31=[["09:00", "12:00"]], d2027_01_01=[])

    assert calendars.add_working(calendar, at("2026-12-31T10:00"), 3 * H) == at("2027-01-04T10:00")


def test_a_break_at_noon_is_no_working_time():
    calendar = a_calendar([[["09:00", "13:00"], ["14:00", "18:00"]]] * 7)

    assert calendars.add_working(calendar, at("2026-11-23T12:30"), H) == at("2026-11-23T14:30")


@pytest.mark.parametrize(
    ("begin", "end"), [("2026-03-28T00:00", "2026-03-31T00:00"), ("2026-10-24T00:00", "2026-10-27T00:00")]
)
def test_round_the_clock_has_no_hole_at_midnight_nor_where_clocks_change(begin, end):
    calendar = a_calendar(ALWAYS, "Europe/Berlin")
    begin, end = at(begin, "Europe/Berlin"), at(end, "Europe/Berlin")

    assert calendars.working_between(calendar, begin, end) == end - begin
    assert calendars.add_working(calendar, begin, end - begin) == end
    moment = begin
    while moment < end:
        assert calendars.is_open(calendar, moment)
        moment += dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    ("date", "span", "hours"),
    [
        # At two it is three: what the clock leaves out is not worked.
        ("2026-03-29", ["02:00", "03:00"], 0),
        ("2026-03-29", ["02:15", "02:45"], 0),
        ("2026-03-29", ["01:00", "02:30"], 1),
        ("2026-03-29", ["02:30", "04:00"], 1),
        ("2026-03-29", ["00:00", "24:00"], 23),
        # At three it is two again.
        ("2026-10-25", ["01:00", "04:00"], 4),
        ("2026-10-25", ["02:00", "03:00"], 2),
        ("2026-10-25", ["01:00", "02:30"], 1.5),
        ("2026-10-25", ["00:00", "24:00"], 25),
    ],
)
def test_a_day_on_which_clocks_change_has_the_hours_it_has(date, span, hours):
    calendar = Calendar(name="Night", zone="Europe/Berlin", week=[[]] * 7, days={date: [span]})

    begin = at(date + "T00:00", "Europe/Berlin")
    assert calendars.working_between(calendar, begin, begin + 30 * H) == hours * H


def test_a_midnight_that_is_jumped_over_leaves_no_hole():
    calendar = a_calendar(ALWAYS, "Africa/Cairo")
    begin = at("2026-04-22T00:00", "Africa/Cairo")

    assert calendars.working_between(calendar, begin, begin + 96 * H) == 96 * H


def test_a_calendar_in_which_nobody_ever_works_says_so():
    with pytest.raises(calendars.WithoutHours):
        calendars.opens_at(a_calendar([[]] * 7), at("2026-11-23T09:00"))
    with pytest.raises(calendars.WithoutHours):
        calendars.add_working(a_calendar([[]] * 7), at("2026-11-23T09:00"), H)
    assert not calendars.has_hours(a_calendar([[]] * 7))


def test_working_time_does_not_run_backwards():
    with pytest.raises(ValueError, match="forward"):
        calendars.add_working(a_calendar(), at("2026-11-23T09:00"), -H)
    assert calendars.working_between(a_calendar(), at("2026-11-24T09:00"), at("2026-11-23T09:00")) == 0 * H


minutes_of_a_day = some.integers(0, 1440)


@some.composite
def calendars_with_hours(draw):
    def face(minutes):
        return f"{minutes // 60:02}:{minutes % 60:02}"

    def day(*, least):
        count = draw(some.integers(least, 3))
        ends = sorted(draw(some.lists(minutes_of_a_day, min_size=2 * count, max_size=2 * count, unique=True)))
        return [[face(begin), face(end)] for begin, end in zip(ends[::2], ends[1::2], strict=True)]

    week = [day(least=1)] + [day(least=0) for _ in range(6)]
    dates = some.dates(dt.date(2026, 3, 1), dt.date(2026, 11, 30)).map(dt.date.isoformat)
    days = {date: day(least=0) for date in draw(some.lists(dates, max_size=3))}
    zone = draw(
        some.sampled_from(["Europe/Berlin", "Europe/Moscow", "America/New_York", "Africa/Cairo", "Australia/Lord_Howe"])
    )
    return Calendar(name="Any", zone=zone, week=week, days=days)


# From the spring change of clocks to the autumn one, to the minute.
moments = some.integers(0, 350_000).map(lambda n: dt.datetime(2026, 3, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=n))


@settings(deadline=None)
@given(calendars_with_hours(), moments, some.integers(0, 6000))
def test_what_is_added_lies_between(calendar, start, minutes):
    duration = dt.timedelta(minutes=minutes)

    end = calendars.add_working(calendar, start, duration)

    assert calendars.working_between(calendar, start, end) == duration
    assert not duration or calendars.is_open(calendar, end - dt.timedelta(seconds=1))


@settings(deadline=None)
@given(calendars_with_hours(), moments, moments, moments)
def test_working_time_adds_up(calendar, one, another, third):
    first, second, third = sorted((one, another, third))

    parts = calendars.working_between(calendar, first, second) + calendars.working_between(calendar, second, third)

    assert calendars.working_between(calendar, first, third) == parts


@settings(deadline=None)
@given(calendars_with_hours(), moments)
def test_it_opens_when_it_is_open_and_not_before(calendar, at_):
    opens = calendars.opens_at(calendar, at_)

    assert calendars.is_open(calendar, opens)
    assert calendars.working_between(calendar, at_, opens) == dt.timedelta()


def test_an_appeal_is_due_in_the_hours_of_its_queue(db):
    cast.a_centre()
    queue = cast.a_queue()
    queue.calendar = a_calendar()
    db.session.commit()

    # Monday, 12:00 in Moscow: six hours are left of the day; the next two are of Tuesday.
    appeal = cast.an_appeal()

    assert (appeal.due_since, appeal.due_response) == (appeal.created_at, at("2026-11-24T11:00"))
    assert appeal.due_resolution == calendars.add_working(queue.calendar, appeal.created_at, queue.resolve_within)
