"""Why this appeal, why me, why does it wait, why do I get nothing: in words, from what decided (guide 3.1, 4.2)."""

import datetime as dt

import pytest

from bench.statements import said
from cec.distribution import choosing, empty_handed, explaining, forgetting, lanes, offering, queries, waiting
from cec.distribution.models import Assignment, OperatorLane
from cec.platform import i18n, journal
from cec.platform.clock import now
from cec.platform.db import db, unit_of_work
from cec.queues.lanes import open_lane
from cec.queues.models import Calendar
from cec.staff import presence
from cec.staff.models import Presence
from tests import cast


@pytest.fixture(autouse=True)
def _centre(db):
    cast.a_centre()
    db.session.commit()
    with i18n.reader("en", "Europe/Moscow"):
        yield


def card(employee, **values):
    with unit_of_work():
        for name, value in values.items():
            setattr(employee, name, value)
        journal.record("employee.changed", employee.key, by="test")
    db.session.expire_all()


def excluded(appeal):
    return {each.name: each.excluded for each in waiting.why_waiting(appeal).candidates}


def test_a_decision_is_told_with_its_rank_and_its_person(clock):
    cast.a_queue("payment", weight=4.0, target=dt.timedelta(minutes=5))
    db.session.commit()
    cast.an_appeal("Просто вопрос")
    payment = cast.an_appeal("Не прошла оплата", sender="ivanov@client.example")
    cast.at_work(cast.anna())
    clock.forward(dt.timedelta(minutes=2))
    cast.at_work(cast.igor())

    choosing.distribute()

    (first,) = db.session.scalars(db.select(Assignment).where(Assignment.appeal_id == payment.id))
    rank, runner_up, person, others = explaining.sentences(first.why)
    assert first.employee_id == cast.anna().id
    assert rank.startswith("“Payment”: waited 2 min, the target is 5 min;")
    assert "weight 4" in rank
    assert runner_up.startswith("Next would have been “General”")
    assert person == "Of those free you had been idle longest: 2 min."
    assert others == "1 other was free; next would have been Игорь Лапшин."


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ({"owner": True}, "You had this appeal before."),
        ({"taken": True}, "You took it yourself"),
        ({"preferred": True, "above": True}, "one unit above your capacity"),
        ({"strategy": "least_loaded", "load": 1, "cap": 4, "free": 0}, "1 of 4 units were taken"),
        ({"strategy": "round_robin", "free": 0}, "It was your turn."),
        ({"strategy": "highest_skill", "level": 9, "share": 0.5, "free": 0}, "9 points of level"),
        (
            {"strategy": "highest_skill", "level": 9, "share": 0.5, "waited": 4000},
            "from 50\N{NO-BREAK SPACE}% of the target on",
        ),
        ({"strategy": "longest_idle", "waited": 4000, "target": 45}, "waited 1 h 6 min, the target is 45 s"),
    ],
)
def test_each_way_to_an_appeal_has_its_words(why, words):
    assert words in " ".join(explaining.sentences(why))


def test_what_has_been_forgotten_is_not_explained(clock):
    cast.accepted(cast.an_appeal(), cast.anna())
    offered = now()
    assert forgetting.forget(offered, 10) == 0

    assert forgetting.forget(offered + dt.timedelta(seconds=1), 10) == 1
    db.session.expire_all()
    assert explaining.sentences(db.session.scalars(db.select(Assignment.why)).one()) == []


def test_of_each_operator_the_first_thing_that_excludes_him_is_told(clock):
    appeal = cast.an_appeal()
    names = {cast.anna().name, cast.igor().name}
    assert excluded(appeal) == dict.fromkeys(names, "status “Offline”")

    cast.at_work(cast.anna())
    assert excluded(appeal)[cast.anna().name] == ""
    choosing.distribute()
    second = cast.an_appeal("Второе", sender="ivanov@client.example")
    assert excluded(second)[cast.anna().name] == "another offer rings at him"
    with unit_of_work():
        offering.decline(queries.offers(cast.anna())[0].assignment.id, by=cast.anna(), reason="busy")
    assert excluded(appeal)[cast.anna().name] == "has just declined or missed it, or let it lie"
    card(cast.anna(), channel_units={"email": 0})
    assert excluded(appeal)[cast.anna().name] == "does not take this channel"
    card(cast.anna(), channel_units={}, units=1, auto_accept=True)
    choosing.distribute()
    clock.forward(dt.timedelta(minutes=2))
    assert excluded(appeal)[cast.anna().name] == "no room: 1 of 1"


def test_skills_and_steps_of_widening_are_told_with_the_time_of_the_next_one(clock):
    with unit_of_work():
        queue = cast.a_queue()
        queue.widening = [{"after": 0.5, "drop": "wishes"}]
        wished, required = open_lane(queue, "email", ["english?"]), open_lane(queue, "email", ["english>=5"])
    appeal = cast.an_appeal()
    with unit_of_work():
        appeal.lane_id = required.id
    cast.at_work(cast.anna())
    assert excluded(appeal)[cast.anna().name] == "lacks: english>=5"
    with unit_of_work():
        appeal.lane_id = wished.id

    assert excluded(appeal)[cast.anna().name] == "from 50\N{NO-BREAK SPACE}% of the target on"
    why = waiting.why_waiting(appeal)
    assert why.widening == "At 12:05 it widens: wishes no longer count."
    assert (why.ahead, why.target) == (0, "10 min")
    clock.forward(dt.timedelta(minutes=6))
    assert excluded(appeal)[cast.anna().name] == ""
    assert waiting.why_waiting(appeal).widening == ""


def test_outside_the_hours_of_its_queue_it_is_told_when_they_begin(clock):
    with unit_of_work():
        queue = cast.a_queue()
        queue.calendar = Calendar(
            name="Дневной", zone="Europe/Moscow", week=[[["09:00", "11:00"], ["13:00", "18:00"]]] * 7, days={}
        )
    appeal = cast.an_appeal()

    closed = waiting.why_waiting(appeal).closed
    clock.forward(dt.timedelta(hours=2))

    assert closed == "Its queue is closed now by the calendar “Дневной” and opens at 13:00."
    assert waiting.why_waiting(appeal).closed == ""


def test_an_appeal_that_waits_no_more_is_not_explained():
    assert waiting.why_waiting(cast.accepted(cast.an_appeal(), cast.anna())) is None


def test_who_gets_nothing_is_told_why():
    def reason():
        return empty_handed.why_idle(cast.anna()).reason

    groups = list(cast.anna().groups)
    with unit_of_work():
        cast.anna().groups = []
    assert reason() == "No queue is served by your groups and skills: ask your supervisor."
    with unit_of_work():
        cast.anna().groups = groups
    cast.an_appeal()
    assert reason() == "Your status is “Offline”: nothing is offered."
    assert [lane.held_back for lane in empty_handed.why_idle(cast.anna()).lanes] == [""]
    cast.at_work(cast.anna())
    assert reason() == ""
    assert [(lane.queue, lane.waiting, lane.held_back) for lane in empty_handed.why_idle(cast.anna()).lanes] == [
        ("General", 1, "")
    ]
    choosing.distribute()
    assert reason() == "An offer rings: the next one comes after it."
    with unit_of_work():
        offering.accept(queries.offers(cast.anna())[0].assignment.id, by=cast.anna())
    with unit_of_work():
        presence.choose_next(cast.anna(), presence.Choice(Presence.BREAK, None), by="test")
    assert reason() == "“Break” follows when you are done: nothing more is offered."
    with unit_of_work():
        presence.cancel_next(cast.anna(), by="test")
    card(cast.anna(), units=1)
    assert reason() == "You hold 1 of 1: there is no room."
    with unit_of_work():
        presence.set_status(cast.anna(), Presence.NOT_ACCEPTING, by="test", source="self")
    assert "Not accepting" in reason()


def test_what_keeps_a_lane_from_an_operator_is_told():
    with unit_of_work():
        queue = cast.a_queue()
        queue.widening = [{"after": 1.0, "drop": "wishes"}]
        lane = open_lane(queue, "email", ["english?"])
    appeal = cast.an_appeal()
    with unit_of_work():
        appeal.lane_id = lane.id
    cast.at_work(cast.anna())

    assert empty_handed.why_idle(cast.anna()).lanes[0].held_back == "yours from 100\N{NO-BREAK SPACE}% of the target on"
    with unit_of_work():
        queue.strategy = "broadcast"
    assert empty_handed.why_idle(cast.anna()).lanes[0].held_back == "up for taking: nobody is offered them"


def test_questions_cost_the_same_however_many_people_and_lanes_there_are():
    appeal = cast.an_appeal()
    counts = []
    for more in (0, 15):
        with unit_of_work():
            people = [cast.an_operator(f"extra{number}", f"Оператор {number}") for number in range(more)]
            cast.a_group().members += people
            for number in range(more):
                open_lane(cast.a_queue(), "email", [f"skill{number}"])
            lanes.refresh()
        db.session.expire_all()
        anna = cast.anna()
        db.session.refresh(appeal)
        with said() as statements:
            waiting.why_waiting(appeal)
            empty_handed.why_idle(anna)
        counts.append(len(statements))

    assert db.session.scalar(db.select(db.func.count()).select_from(OperatorLane)) == 17
    assert counts[0] == counts[1] == 4


def test_who_serves_a_queue_into_which_nothing_came_yet_is_not_told_that_he_serves_none():
    cast.at_work(cast.anna())

    assert empty_handed.why_idle(cast.anna()).reason == ""
