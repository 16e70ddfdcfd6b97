"""Up for taking: a broadcast queue offers to nobody, the first who takes an appeal has it (guide 3.1)."""

import datetime as dt

import pytest

from cec.appeals.models import Status
from cec.distribution import broadcasting, choosing, queries, standing
from cec.distribution.models import Capacity
from cec.platform import journal
from cec.platform.db import db, unit_of_work
from cec.staff.models import Employee
from tests import cast
from tests.stories import close


@pytest.fixture(autouse=True)
def _centre(db):
    cast.a_centre()
    cast.a_queue().strategy = "broadcast"
    db.session.commit()


def take(appeal_id, employee_id):
    with unit_of_work():
        broadcasting.take(appeal_id, by=db.session.get_one(Employee, employee_id))


def test_nobody_is_offered_an_appeal_of_a_broadcast_queue_and_all_see_it():
    appeal = cast.an_appeal()
    cast.at_work(cast.anna(), cast.igor())

    assert choosing.distribute() == 0

    for who in (cast.anna(), cast.igor()):
        (seen,) = broadcasting.up_for_taking(who)
        assert (seen.id, seen.queue, seen.words) == (appeal.id, "General", "Где мой заказ?")
        assert standing.of(who.id).takes


def test_of_two_who_take_it_at_once_one_has_it_and_the_other_is_told_who(at_once):
    people = {cast.anna().id: cast.anna().name, cast.igor().id: cast.igor().name}
    cast.at_work(cast.anna(), cast.igor())
    for number in range(5):
        appeal = cast.an_appeal(f"Вопрос {number}", sender=f"client{number}@client.example")
        db.session.commit()

        results = at_once(*[lambda who=who: take(appeal.id, who) for who in people])  # noqa: B023 - at once

        appeal = cast.reread(appeal)
        (refused,) = [result for result in results if result is not None]
        assert isinstance(refused, broadcasting.TakenAlready), refused
        assert people[appeal.operator_id] in refused.sentence()
        assert appeal.status == Status.IN_WORK
    assert sum(db.session.scalars(db.select(Capacity.load))) == 5


def test_what_is_taken_takes_room_and_gives_it_back():
    cast.at_work(cast.anna())
    appeal = cast.an_appeal()

    take(appeal.id, cast.anna().id)
    assert db.session.get_one(Capacity, cast.anna().id, populate_existing=True).load == 1
    assert queries.why(cast.reread(appeal)) == {"taken": True}
    close(cast.reread(appeal), cast.anna())

    assert db.session.get_one(Capacity, cast.anna().id, populate_existing=True).load == 0


def test_taking_is_refused_without_room_status_or_a_queue_that_is_ones_own(clock):
    appeal = cast.an_appeal()
    stranger = cast.an_operator("olga", "Ольга Зимина")
    cast.at_work(stranger)
    with pytest.raises(broadcasting.NotActive):
        take(appeal.id, cast.anna().id)
    with pytest.raises(broadcasting.NotYourQueue):
        take(appeal.id, stranger.id)
    with unit_of_work():
        cast.anna().units = 1
        journal.record("employee.changed", cast.anna().key, by="test")
    cast.at_work(cast.anna())
    take(appeal.id, cast.anna().id)
    with pytest.raises(broadcasting.NoRoom):
        take(cast.an_appeal("Второе", sender="ivanov@client.example").id, cast.anna().id)
    close(cast.reread(appeal), cast.anna())
    with pytest.raises(broadcasting.NotUpForTaking):
        take(appeal.id, cast.anna().id)


def test_a_second_line_sees_it_once_the_queue_has_widened(clock):
    with unit_of_work():
        queue = cast.a_queue()
        queue.widening = [{"after": 1.0, "level": 2}]
        db.session.execute(db.text("UPDATE queue_group SET level = 2"))
        journal.record("queue.changed", f"queue:{queue.id}", by="test")
    appeal = cast.an_appeal()
    cast.at_work(cast.anna())
    assert broadcasting.up_for_taking(cast.anna()) == []
    with pytest.raises(broadcasting.NotYourQueue):
        take(appeal.id, cast.anna().id)

    clock.forward(dt.timedelta(minutes=10))

    assert [each.id for each in broadcasting.up_for_taking(cast.anna())] == [appeal.id]
    take(appeal.id, cast.anna().id)


def test_the_lists_of_all_who_may_take_it_are_drawn_anew(app, monkeypatch):
    told = []
    cast.at_work(cast.anna(), cast.igor())
    from cec.platform import live  # noqa: PLC0415

    monkeypatch.setattr(app.extensions[live.SPEAKER], "say", told.append)

    appeal = cast.an_appeal()
    assert {("worklist", cast.anna().key), ("worklist", cast.igor().key)} <= _pairs(told)
    told.clear()
    take(appeal.id, cast.anna().id)

    assert ("worklist", cast.igor().key) in _pairs(told)


def _pairs(told):
    return {tuple(notice[:2]) for notices in told for notice in notices}
