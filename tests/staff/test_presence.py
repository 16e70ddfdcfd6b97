"""Statuses of operators: one unbroken line, no overlaps, whatever happens at once."""

import datetime as dt

from cast import anna, igor, story

from cec.platform.db import unit_of_work
from cec.staff import presence
from cec.staff.models import Employee, OperatorStatus, Presence


def intervals(db, employee):
    rows = db.session.scalars(
        db.select(OperatorStatus).where(OperatorStatus.employee_id == employee.id).order_by(OperatorStatus.id)
    )
    return [(row.status, row.during.lower, row.during.upper) for row in rows]


def turn(employee, status):
    with unit_of_work():
        presence.set_status(employee, status, by=employee.key, source="self")


def test_a_new_status_begins_where_the_old_one_ends(db, clock):
    operator, nine = anna(), dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
    turn(operator, Presence.NOT_ACCEPTING)
    ten = clock.forward(dt.timedelta(hours=1))

    turn(operator, Presence.ACTIVE)

    assert intervals(db, operator) == [("not_accepting", nine, ten), ("active", ten, None)]
    assert story(operator.key) == ["operator.status_changed"] * 2


def test_the_same_status_goes_on(db, clock):
    operator = anna()
    turn(operator, Presence.ACTIVE)
    clock.forward(dt.timedelta(minutes=5))

    turn(operator, Presence.ACTIVE)

    assert len(intervals(db, operator)) == 1
    assert story(operator.key) == ["operator.status_changed"]


def test_two_moves_at_the_same_moment_leave_the_second_one(db, clock):
    operator = anna()

    turn(operator, Presence.NOT_ACCEPTING)
    turn(operator, Presence.ACTIVE)

    assert [status for status, *_ in intervals(db, operator)] == ["active"]
    assert len(story(operator.key)) == 2


def test_a_clock_that_steps_back_makes_no_overlap(db, clock):
    operator = anna()
    turn(operator, Presence.ACTIVE)
    clock.forward(dt.timedelta(seconds=-3))

    turn(operator, Presence.BREAK)

    assert [status for status, *_ in intervals(db, operator)] == ["break"]


def test_two_requests_at_once_take_turns(db, clock, at_once):
    operator = anna()
    turn(operator, Presence.NOT_ACCEPTING)
    db.session.commit()
    clock.forward(dt.timedelta(minutes=1))

    def choose(status):
        with unit_of_work():
            presence.set_status(db.session.get_one(Employee, operator.id), status, by="test", source="self")

    results = at_once(lambda: choose(Presence.ACTIVE), lambda: choose(Presence.BREAK))

    assert results == [None, None]
    lines = intervals(db, operator)
    assert len(lines) == 2
    assert lines[0][2] == lines[1][1]
    assert lines[1][2] is None


def test_two_first_statuses_at_once_make_one_line(db, at_once):
    operator = anna()
    db.session.commit()

    def begin():
        with unit_of_work():
            presence.set_status(
                db.session.get_one(Employee, operator.id), Presence.NOT_ACCEPTING, by="test", source="self"
            )

    assert at_once(begin, begin, begin) == [None, None, None]
    assert len(intervals(db, operator)) == 1


def test_who_never_signed_in_is_offline(db):
    turn(anna(), Presence.ACTIVE)

    assert presence.current_of([anna().id, igor().id]) == {anna().id: Presence.ACTIVE, igor().id: Presence.OFFLINE}
    assert presence.current(igor().id) is None


def test_a_status_says_whether_appeals_stay():
    assert presence.FLAGS[Presence.ACTIVE].receives
    assert not presence.FLAGS[Presence.NOT_ACCEPTING].receives
    assert presence.FLAGS[Presence.NOT_ACCEPTING].keeps_appeals
    assert not presence.FLAGS[Presence.BREAK].keeps_appeals
    assert presence.FLAGS[Presence.BREAK].online
    assert not presence.FLAGS[Presence.OFFLINE].online
