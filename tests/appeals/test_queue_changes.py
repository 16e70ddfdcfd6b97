"""A queue is full, closes, or gets another target while appeals wait in it (guide 5.1)."""

import datetime as dt

import pytest

from cec.appeals import rerouting
from cec.appeals.models import Appeal, Status
from cec.distribution import returning
from cec.platform import clock, journal, work
from cec.platform.db import db, unit_of_work
from cec.queues import diverting, prioritizing
from cec.queues.models import Calendar
from tests import cast


@pytest.fixture
def hands(request):
    """The hands of the stopped clock."""
    return request.getfixturevalue("clock")


@pytest.fixture(autouse=True)
def _centre(db):
    cast.a_centre()
    db.session.commit()


def change(queue, **values):
    with unit_of_work():
        for name, value in values.items():
            setattr(queue, name, value)
        db.session.flush()
        journal.record("queue.changed", f"queue:{queue.id}", by="test")


def let_take_the_rest(queue):
    """Let another queue be the default one."""
    with unit_of_work():
        cast.a_queue().is_default = False
        db.session.flush()
        queue.is_default = True


def do_work():
    while work.run_due():
        pass
    db.session.expire_all()


def test_what_comes_into_a_full_queue_goes_to_the_one_it_overflows_into():
    spare = cast.a_queue("spare")
    change(cast.a_queue(), longest=1, overflow_queue_id=spare.id)
    first = cast.an_appeal()

    second = cast.an_appeal("Второе")

    assert (first.queue.code, second.queue.code) == ("general", "spare")
    assert second.lane.queue_id == spare.id
    assert second.verdicts["routing"]["diverted"] == [{"from": "General", "into": "Spare", "longest": 1}]
    assert "appeal.diverted" in cast.story(second.key)


def test_overflow_stops_at_a_loop_and_at_the_last_one_that_is_full():
    general, spare, third = cast.a_queue(), cast.a_queue("spare"), cast.a_queue("third")
    general.overflow_queue_id, spare.overflow_queue_id, third.overflow_queue_id = spare.id, third.id, general.id

    way = diverting.divert(general, clock.now(), lambda _queue: True)
    assert [step.into.code for step in way] == ["spare", "third"]

    assert [step.into.code for step in diverting.divert(general, clock.now(), lambda queue: queue is general)] == [
        "spare"
    ]
    assert diverting.divert(general, clock.now(), lambda _queue: False) == []
    spare.is_active = False
    assert diverting.divert(general, clock.now(), lambda _queue: True) == []


def test_what_comes_after_hours_goes_to_the_queue_that_is_named_for_it(hands):
    night = cast.a_queue("night")
    week = [[["09:00", "18:00"]]] * 5 + [[], []]
    office = Calendar(name="Office", zone="Europe/Moscow", week=week)
    change(cast.a_queue(), calendar=office, closed_queue_id=night.id)
    by_day = cast.an_appeal()

    hands.forward(dt.timedelta(hours=8))
    by_night = cast.an_appeal("Ночью")

    assert (by_day.queue.code, by_night.queue.code) == ("general", "night")
    assert by_night.verdicts["routing"]["diverted"] == [{"from": "General", "into": "Night", "closed": True}]


def many(count, queue):
    """That many waiting appeals, as rows."""
    first = cast.an_appeal()
    appeals = [
        Appeal(
            number=f"2026-9{number:06}", channel="email", account=first.account, address=first.address,
            status=Status.QUEUED, queue_id=queue.id, lane_id=first.lane_id, rank_at=first.rank_at,
            enqueued_at=first.enqueued_at, points=first.points,
        ) for number in range(count - 1)
    ]  # fmt: skip
    db.session.add_all(appeals)
    db.session.commit()


def test_a_queue_that_closes_with_500_inside_leaves_nobody_behind():
    cast.a_queue()
    other = cast.a_queue("other")
    many(500, cast.a_queue())

    let_take_the_rest(other)
    change(cast.a_queue(), is_active=False)
    do_work()

    waiting = db.session.scalars(db.select(Appeal).where(Appeal.status == Status.QUEUED)).all()
    assert len(waiting) == 500
    assert {(appeal.queue_id, appeal.lane.queue_id) for appeal in waiting} == {(other.id, other.id)}
    assert cast.story(waiting[0].key)[-1] == "appeal.rerouted"


def test_what_comes_back_into_a_closed_queue_moves_over_too():
    spare = cast.a_queue("spare")
    appeal = cast.accepted(cast.an_appeal(), cast.anna())
    let_take_the_rest(spare)
    change(cast.a_queue(), is_active=False)
    assert rerouting.look() == 0
    with unit_of_work():
        returning.return_one(appeal.id, cast.anna().id, "test")

    with unit_of_work():
        assert rerouting.look() == 1
    do_work()

    assert cast.reread(appeal).queue.code == "spare"


def test_with_no_other_queue_open_they_stay_where_they_are():
    appeal = cast.an_appeal()
    change(cast.a_queue(), is_active=False)

    do_work()

    assert cast.reread(appeal).queue.code == "general"


def test_another_target_gives_those_who_wait_new_places():
    appeal = cast.an_appeal("Не прошла оплата, верните деньги")
    with unit_of_work():
        appeal.points, appeal.escalation = 10, 1

    change(appeal.queue, target=dt.timedelta(hours=1))
    do_work()

    appeal = cast.reread(appeal)
    expected = prioritizing.rank_at(appeal.enqueued_at, 10, dt.timedelta(hours=1)) - dt.timedelta(hours=1)
    assert abs(appeal.rank_at - expected) < dt.timedelta(milliseconds=1)
    assert db.session.scalar(db.text("select count(*) from due_work")) == 0
