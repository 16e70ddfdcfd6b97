"""Who gets an appeal when several things happen at once (reliability classes R12 and R13; SPEC part 5, item 1)."""

import datetime as dt

import pytest

from cec.appeals.models import Status
from cec.distribution import choosing, offering, queries
from cec.distribution.models import Assignment, Capacity, ChannelCapacity
from cec.platform import work
from cec.platform.db import db, unit_of_work
from cec.staff import presence
from cec.staff.models import Employee, Presence
from tests import cast
from tests.stories import close


@pytest.fixture(autouse=True)
def _centre(db):
    cast.a_centre()
    db.session.commit()


def turn(employee_id, status):
    with unit_of_work():
        presence.set_status(db.session.get_one(Employee, employee_id), status, by="test", source="self")


def accept(assignment_id, employee_id):
    with unit_of_work():
        offering.accept(assignment_id, by=db.session.get_one(Employee, employee_id))


def held_are_counted():
    """Whatever happened: each open assignment takes its room, no room is over its cap, no appeal has two owners."""
    db.session.expire_all()
    open_ones = db.session.scalars(db.select(Assignment).where(Assignment.released_at.is_(None))).all()
    assert len({each.appeal_id for each in open_ones}) == len(open_ones)
    for table in (Capacity, ChannelCapacity):
        for row in db.session.scalars(db.select(table)):
            assert row.load == sum(each.weight for each in open_ones if each.employee_id == row.employee_id)
            assert row.load <= row.cap
    return open_ones


def test_r12_two_operators_accept_one_appeal_and_one_has_it(at_once):
    appeal = cast.an_appeal()
    cast.at_work(cast.anna())
    choosing.distribute()
    (offer,) = queries.offers(cast.anna())
    anna, igor, assignment = cast.anna().id, cast.igor().id, offer.assignment.id
    db.session.commit()

    results = at_once(*[lambda who=who: accept(assignment, who) for who in (anna, igor, anna, igor)])

    assert sum(result is None for result in results) == 1
    assert cast.reread(appeal).operator_id == anna
    held_are_counted()


def test_r12_distributors_and_operators_who_come_and_go_give_each_appeal_once(at_once):
    people = [cast.anna().id, cast.igor().id]
    for number in range(8):
        cast.an_appeal(f"Вопрос {number}")
    cast.at_work(cast.anna())
    db.session.commit()

    for _ in range(4):
        results = at_once(
            choosing.distribute, choosing.distribute,
            lambda: turn(people[1], Presence.ACTIVE), lambda: turn(people[1], Presence.NOT_ACCEPTING),
            lambda: turn(people[0], Presence.BREAK), lambda: turn(people[0], Presence.ACTIVE),
        )  # fmt: skip
        assert not [result for result in results if isinstance(result, Exception)]
        while work.run_due():
            pass
        held_are_counted()


def test_r13_a_waiting_appeal_comes_when_somebody_comes_online():
    appeal = cast.an_appeal()
    assert choosing.distribute() == 0

    cast.at_work(cast.igor())

    assert choosing.distribute() == 1
    assert cast.reread(appeal).operator_id == cast.igor().id


def test_r13_a_waiting_appeal_comes_when_somebody_has_room_again():
    cast.at_work(cast.anna())
    taken = [cast.accepted(cast.an_appeal(f"Вопрос {number}"), cast.anna()) for number in range(5)]
    waiting = cast.an_appeal("Шестой")
    assert choosing.distribute() == 0

    close(taken[0], cast.anna())

    assert choosing.distribute() == 1
    assert cast.reread(waiting).status == Status.OFFERED
    assert len(held_are_counted()) == 5


def test_r13_the_limit_holds_however_many_distributors_push(at_once):
    cast.at_work(cast.anna())
    for number in range(9):
        cast.an_appeal(f"Вопрос {number}")
    anna = cast.anna().id
    db.session.commit()

    for _ in range(9):
        at_once(*[choosing.distribute] * 4)
        for offer in queries.offers(cast.anna()):
            accept(offer.assignment.id, anna)
        held_are_counted()

    assert db.session.get_one(Capacity, anna).load == 5


def test_r13_room_that_frees_while_an_appeal_arrives_is_not_forgotten(at_once, clock):
    for number in range(6):
        busy = [cast.accepted(cast.an_appeal(f"Занято {number}-{n}"), cast.anna()) for n in range(5)]
        waiting = []

        at_once(
            lambda: close(busy[0], cast.anna()),  # noqa: B023 - at once
            lambda: waiting.append(cast.an_appeal("Ждёт").id),  # noqa: B023
            choosing.distribute,
        )
        # The sweep of every second sees what a push and a pull in two open transactions missed.
        choosing.distribute()

        (offer,) = queries.offers(cast.anna())
        assert offer.appeal.id == waiting[0]
        accept(offer.assignment.id, cast.anna().id)
        for appeal in [*busy[1:], offer.appeal]:
            close(appeal, cast.anna())
        clock.forward(dt.timedelta(minutes=1))
