"""The break guard: a queue keeps as many active operators as it needs."""

import pytest

from cec.distribution import guarding, resting
from cec.platform.db import unit_of_work
from cec.staff import presence
from cec.staff.models import Employee, Presence
from cec.staff.presence import Choice
from tests import cast

BREAK = Choice(Presence.BREAK)


@pytest.fixture
def queue(db):
    queue = cast.a_queue(least_active=1)
    db.session.commit()
    cast.at_work(cast.anna(), cast.igor())
    return queue


def goes(employee, choice=BREAK):
    with unit_of_work():
        resting.turn(employee, choice)


def status_of(employee):
    return presence.current_of([employee.id])[employee.id]


def test_a_break_that_leaves_enough_begins_and_the_next_one_is_refused(queue):
    goes(cast.anna())

    with pytest.raises(guarding.BreakLeavesTooFew, match="“General” needs 1 active operators and would have 0"):
        goes(cast.igor())

    assert (status_of(cast.anna()), status_of(cast.igor())) == (Presence.BREAK, Presence.ACTIVE)


def test_two_who_want_to_go_at_once_take_turns(queue, db, at_once):
    ids = [cast.anna().id, cast.igor().id]
    db.session.commit()

    results = at_once(*[lambda id_=id_: goes(db.session.get(Employee, id_)) for id_ in ids])

    assert sorted(type(result).__name__ for result in results) == ["BreakLeavesTooFew", "NoneType"]


def test_no_detour_leads_to_a_break(queue):
    goes(cast.anna(), Choice(Presence.NOT_ACCEPTING))
    goes(cast.igor(), Choice(Presence.NOT_ACCEPTING))

    with pytest.raises(guarding.BreakLeavesTooFew):
        goes(cast.anna())
    with pytest.raises(guarding.BreakLeavesTooFew), unit_of_work():
        resting.turn_when_done(cast.anna(), BREAK)


def test_who_has_chosen_a_break_for_later_does_not_count(queue, db):
    with unit_of_work():
        presence.choose_next(cast.anna(), BREAK, by=cast.anna().key)

    assert [(margin.left, margin.refuses) for margin in guarding.margins(cast.igor())] == [(0, True)]


def test_a_queue_without_a_number_or_that_takes_nothing_guards_nobody(queue, db):
    queue.is_active = False
    db.session.commit()

    goes(cast.anna())
    goes(cast.igor())

    assert guarding.margins(cast.igor()) == []


def test_who_is_away_already_may_change_his_reason(queue):
    goes(cast.anna())
    cast.at_work(cast.igor())

    goes(cast.anna(), Choice(Presence.BREAK))
