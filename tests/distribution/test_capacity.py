"""Room of an operator follows his card and what a supervisor changes for a while (guide 4.3, 5.11)."""

import datetime as dt

import pytest

from cec.appeals.models import Status
from cec.distribution import choosing, lanes, queries, temporary
from cec.distribution.models import Assignment, Capacity, ChannelCapacity, OperatorLane
from cec.platform import clock as centre_clock
from cec.platform import journal
from cec.platform.db import db, unit_of_work
from cec.queues import queries as queues
from cec.queues.lanes import open_lane
from cec.staff.models import EmployeeSkill, Skill
from tests import cast
from tests.stories import close


@pytest.fixture(autouse=True)
def _centre(db):
    cast.a_centre()
    db.session.commit()


def card(employee, **values):
    with unit_of_work():
        for name, value in values.items():
            setattr(employee, name, value)
        journal.record("employee.changed", employee.key, by="test")
    db.session.expire_all()


def room(employee):
    row = db.session.get_one(Capacity, employee.id, populate_existing=True)
    return row.cap, row.load, row.over


def mail_room(employee):
    row = db.session.get_one(ChannelCapacity, (employee.id, "email"), populate_existing=True)
    return row.cap, row.load, row.over


def change(employee, kind, *, minutes=10, **what):
    with unit_of_work():
        return temporary.begin(
            employee, kind, until=centre_clock.now() + dt.timedelta(minutes=minutes), by=cast.boris().key, **what
        )


def test_a_card_says_how_many_units_an_operator_holds_of_all_and_of_a_channel():
    card(cast.anna(), units=4, channel_units={"email": 2})

    cast.at_work(cast.anna())

    assert (room(cast.anna()), mail_room(cast.anna())) == ((4, 0, 0), (2, 0, 0))


def test_a_cap_lowered_below_the_load_is_exceeded_for_a_while_and_nothing_comes(clock):
    card(cast.anna(), auto_accept=True)
    cast.at_work(cast.anna())
    taken = [cast.an_appeal(f"Вопрос {number}") for number in range(3)]
    assert choosing.distribute() == 3

    card(cast.anna(), units=1)
    assert (room(cast.anna()), mail_room(cast.anna())) == ((1, 3, 2), (1, 3, 2))
    waiting = cast.an_appeal("Ещё один")
    assert choosing.distribute() == 0
    for appeal in taken[:2]:
        close(cast.reread(appeal), cast.anna())
    assert room(cast.anna()) == (1, 1, 0)
    assert choosing.distribute() == 0
    close(cast.reread(taken[2]), cast.anna())

    assert choosing.distribute() == 1
    assert cast.reread(waiting).operator_id == cast.anna().id


def test_auto_accept_puts_several_into_work_without_a_ring():
    card(cast.anna(), auto_accept=True)
    cast.at_work(cast.anna())
    appeals = [cast.an_appeal(f"Вопрос {number}") for number in range(3)]

    assert choosing.distribute() == 3

    assert {cast.reread(appeal).status for appeal in appeals} == {Status.IN_WORK}
    assert queries.offers(cast.anna()) == []
    assert cast.story(appeals[0].key)[-1] == "appeal.accepted"
    assert {row.state for row in db.session.scalars(db.select(Assignment))} == {"accepted"}
    close(cast.reread(appeals[0]), cast.anna())
    assert room(cast.anna()) == (5, 2, 0)


def test_a_queue_can_put_its_appeals_into_work_at_once():
    with unit_of_work():
        cast.a_queue().auto_accept = True
    cast.at_work(cast.igor())
    appeal = cast.an_appeal()

    choosing.distribute()

    assert cast.reread(appeal).status == Status.IN_WORK


def test_an_appeal_takes_the_units_that_its_queue_says():
    with unit_of_work():
        cast.a_queue().channel_units = {"email": 2}
        journal.record("queue.changed", f"queue:{cast.a_queue().id}", by="test")
    card(cast.anna(), auto_accept=True)
    cast.at_work(cast.anna())
    for number in range(3):
        cast.an_appeal(f"Вопрос {number}")

    assert choosing.distribute() == 2
    assert room(cast.anna()) == (5, 4, 0)


def test_what_is_kept_for_an_operator_comes_one_unit_above_his_cap_where_the_queue_allows_it(clock):
    with unit_of_work():
        cast.a_queue().sticky_above = True
    card(cast.anna(), auto_accept=True, units=1)
    cast.at_work(cast.anna())
    first = cast.an_appeal()
    choosing.distribute()
    close(cast.reread(first), cast.anna())
    cast.an_appeal("Чужой", sender="ivanov@client.example")
    choosing.distribute()
    assert room(cast.anna()) == (1, 1, 0)

    back = cast.an_appeal("Снова я")
    assert back.preferred_operator_id == cast.anna().id
    choosing.distribute()

    assert cast.reread(back).operator_id == cast.anna().id
    assert room(cast.anna()) == (1, 2, 1)


def test_another_capacity_for_a_while_ends_by_itself(clock):
    cast.at_work(cast.anna())
    change(cast.anna(), temporary.Kind.UNITS, units=2)
    assert room(cast.anna())[0] == 2

    clock.forward(dt.timedelta(minutes=10))
    with unit_of_work():
        assert temporary.end_due() == 1

    assert room(cast.anna())[0] == 5
    assert cast.story(cast.anna().key)[-2:] == ["operator.change_begun", "operator.change_ended"]


def test_a_queue_more_or_less_for_a_while(clock):
    cast.an_appeal()
    queue = cast.a_queue()
    cast.an_operator("olga", "Ольга Зимина")
    lanes.refresh()
    olga = cast.an_operator("olga", "Ольга Зимина")
    assert not choosing.serves(olga.id)

    change(olga, temporary.Kind.QUEUE_ADDED, queue_id=queue.id)
    change(cast.anna(), temporary.Kind.QUEUE_REMOVED, queue_id=queue.id)

    assert choosing.serves(olga.id)
    assert not choosing.serves(cast.anna().id)
    with unit_of_work():
        temporary.end(temporary.running(cast.anna())[0].id, by="test")
    assert choosing.serves(cast.anna().id)
    assert [each.kind for each in temporary.running(olga)] == ["queue_added"]


def test_a_change_needs_a_time_that_comes_and_units_or_a_queue_that_fit():
    for refusal, kind, what in (
        (temporary.EndsInThePast, temporary.Kind.UNITS, {"units": 1, "minutes": -1}),
        (temporary.UnitsUnfit, temporary.Kind.UNITS, {"units": 101}),
        (queues.NoSuchQueue, temporary.Kind.QUEUE_ADDED, {"queue_id": 0}),
    ):
        with pytest.raises(refusal):
            change(cast.anna(), kind, **what)


def test_a_channel_that_an_operator_does_not_serve_never_comes_to_him():
    cast.an_appeal()

    card(cast.anna(), channel_units={"email": 0})

    served = set(db.session.scalars(db.select(OperatorLane.employee_id)))
    assert served == {cast.igor().id}


def test_who_has_the_skill_goes_first_where_the_queue_wants_it(clock):
    with unit_of_work():
        cast.a_queue().strategy = "highest_skill"
        english = Skill(code="english", name="Английский")
        cast.anna().skills = [EmployeeSkill(skill=english, level=3)]
        cast.igor().skills = [EmployeeSkill(skill=english, level=8)]
    cast.at_work(cast.anna())
    clock.forward(dt.timedelta(minutes=5))
    cast.at_work(cast.igor())
    appeal = cast.an_appeal()
    with unit_of_work():
        appeal.lane_id = open_lane(cast.a_queue(), "email", ["english>=2"]).id

    choosing.distribute()

    assert cast.reread(appeal).operator_id == cast.igor().id
    (held,) = db.session.scalars(db.select(Assignment))
    assert (held.why["strategy"], held.why["level"], held.why["free"]) == ("highest_skill", 8, 1)
    assert held.why["next_person"] == cast.anna().id
