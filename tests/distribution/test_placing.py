"""What a client who waits is told of his place and of how long it takes (guide 5.6): honestly or not at all."""

import datetime as dt

import pytest

from cec.appeals.auto_answering import Occasion
from cec.distribution import placing
from cec.distribution.models import Assignment
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from cec.queues.models import Calendar, Strategy
from cec.replies import auto_replies
from cec.replies.auto_replies import Event, Wanted
from cec.replies.models import AutoReply
from tests import cast
from tests.appeals.test_auto_answering import automatic, withheld
from tests.stories import answer, close

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _centre(db):
    cast.a_centre()
    database.session.commit()


def taken(clock, times):
    """Anna takes and closes one every four minutes."""
    anna = cast.anna()
    for number in range(times):
        appeal = cast.accepted(cast.an_appeal(sender=f"before{number}@client.example"), anna)
        answer(appeal, anna)
        close(appeal, anna)
        clock.forward(4 * MINUTE)


def position(appeal):
    return placing.say_position(Occasion(appeal, AutoReply()))


def wait(appeal):
    return placing.say_wait(Occasion(appeal, AutoReply()))


def waiting(count):
    with unit_of_work():
        database.session.execute(database.text("UPDATE capacity SET receiving = false"))
    return [cast.an_appeal(sender=f"client{number}@client.example") for number in range(count)]


def test_places_go_by_rank_in_the_lane_and_an_appeal_in_work_has_none(clock):
    cast.a_queue("payments", cast.a_group("payments", cast.igor()))
    first, second, third = waiting(3)

    assert [position(appeal) for appeal in (first, second, third)] == ["1", "2", "3"]
    assert position(cast.accepted(first, cast.anna())) == ""
    assert position(cast.reread(third)) == "2"


def test_where_anybody_takes_what_he_likes_nobody_has_a_place(clock):
    cast.a_queue().strategy = Strategy.BROADCAST
    (appeal,) = waiting(1)

    assert (position(appeal), wait(appeal)) == ("", "")


def test_the_wait_follows_from_the_pace_of_the_lane(clock):
    taken(clock, 5)
    first, second, third = waiting(3)

    assert [placing.find_wait(appeal) for appeal in (first, second, third)] == [4 * MINUTE, 8 * MINUTE, 12 * MINUTE]
    assert [wait(appeal) for appeal in (first, third)] == ["около 4 минут", "около 15 минут"]
    clock.forward(20 * MINUTE)
    assert placing.find_wait(first) == 8 * MINUTE, "nobody was taken since: it takes longer"


def test_of_few_nothing_follows(clock):
    taken(clock, 4)

    assert [placing.find_wait(appeal) for appeal in waiting(1)] == [None]


def test_of_long_ago_and_of_what_only_came_back_to_its_owner_nothing_follows(clock):
    taken(clock, 5)
    (appeal,) = waiting(1)
    with unit_of_work():
        database.session.execute(database.update(Assignment).values(why={"owner": True}))
    assert placing.find_wait(appeal) is None
    with unit_of_work():
        database.session.execute(database.update(Assignment).values(why={}))
    assert placing.find_wait(appeal) is not None
    clock.forward(61 * MINUTE)
    assert placing.find_wait(appeal) is None


def test_outside_its_hours_and_too_far_ahead_no_time_is_told(clock, monkeypatch):
    taken(clock, 5)
    appeals = waiting(2)
    with unit_of_work():
        calendar = Calendar(name="Ночь", zone="Europe/Moscow", week=[[["01:00", "02:00"]]] * 7, days={})
        cast.a_queue().calendar = calendar
    assert wait(cast.reread(appeals[0])) == ""
    with unit_of_work():
        cast.a_queue().calendar = None
    monkeypatch.setattr(placing, "FARTHEST", 7 * MINUTE)
    assert [placing.find_wait(cast.reread(appeal)) for appeal in appeals] == [4 * MINUTE, None]


def a_greeting():
    with unit_of_work():
        words = "Вы {{queue.position}}-й, ждать {{queue.wait}}."
        auto_replies.create(Wanted("Очередь", Event.ARRIVED.value, words), by="system")


def test_an_answer_tells_the_place_and_the_wait(clock):
    taken(clock, 5)
    a_greeting()

    assert [automatic(appeal) for appeal in waiting(2)] == [
        ["Вы 1-й, ждать около 4 минут."],
        ["Вы 2-й, ждать около 8 минут."],
    ]


def test_an_answer_that_would_have_to_guess_is_not_sent():
    a_greeting()
    (appeal,) = waiting(1)

    assert automatic(appeal) == []
    assert withheld(appeal) == ["nothing is known for one of its placeholders"]
