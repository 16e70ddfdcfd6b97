"""The prompter: what is used most for this topic and queue, then wider (guide 3.3.2)."""

import datetime as dt
import itertools

import pytest

from cec.appeals.models import Direction, Message, MessageState
from cec.platform import clock as clocks
from cec.platform.db import unit_of_work
from cec.replies import suggesting, templates
from cec.replies.models import ReplyUse
from cec.topics.models import Topic
from tests import cast


@pytest.fixture
def uses(db):
    """Give a function that lets people use a template so many times in a queue, for a topic."""
    cast.a_centre()
    appeal = cast.an_appeal()

    def used(template, by, times, *, queue=None, topic=None, days_ago=0):
        at = clocks.now() - dt.timedelta(days=days_ago)
        with unit_of_work():
            for _ in range(times):
                message = Message(appeal_id=appeal.id, direction=Direction.OUT, state=MessageState.SENT, text="Да",
                                  channel_account_id=appeal.channel_account_id, author_id=by.id)  # fmt: skip
                db.session.add(message)
                db.session.flush()
                db.session.add(ReplyUse(
                    message_id=message.id, template_id=template.id, employee_id=by.id, appeal_id=appeal.id, at=at,
                    queue_id=queue.id if queue else None, topic_id=topic.id if topic else None, is_edited=False,
                ))  # fmt: skip

    return used


@pytest.fixture
def place(db):
    """The queue of delivery and the topic of delays."""
    topic = Topic(name="Задержка")
    db.session.add(topic)
    db.session.flush()
    return {"queue": cast.a_queue("delivery"), "topic": topic}


def suggested(queue=None, topic=None, of=None):
    found = suggesting.suggest(
        queue_id=queue.id if queue else None, topic_id=topic.id if topic else None, of=of or cast.anna()
    )
    return [(each.name, each.uses, each.circle) for each in found]


def test_nothing_is_suggested_where_nothing_was_used(a_template, place):
    a_template("Завтра")

    assert suggested(**place) == []


def test_the_three_used_most_for_the_topic_in_the_queue_come_first(a_template, uses, place):
    igor = cast.igor()
    for name, times in (("А", 1), ("Б", 4), ("В", 2), ("Г", 3)):
        uses(a_template(name), igor, times, **place)
    uses(a_template("Д"), igor, 50, queue=place["queue"])

    assert suggested(**place) == [("Б", 4, "alike"), ("Г", 3, "alike"), ("В", 2, "alike")]


def test_ones_own_uses_count_twice(a_template, uses, place):
    uses(a_template("Общее"), cast.igor(), 5, **place)
    uses(a_template("Моё любимое"), cast.anna(), 3, **place)

    assert [name for name, _uses, _circle in suggested(**place)] == ["Моё любимое", "Общее"]
    assert [name for name, _uses, _circle in suggested(**place, of=cast.boris())] == ["Общее", "Моё любимое"]


def test_a_use_halves_in_fourteen_days_and_is_forgotten_in_thirty(a_template, uses, place):
    igor = cast.igor()
    uses(a_template("Прежде"), igor, 7, days_ago=15, **place)
    uses(a_template("Теперь"), igor, 4, **place)
    uses(a_template("Давно"), igor, 90, days_ago=31, **place)

    assert suggested(**place) == [("Теперь", 4, "alike"), ("Прежде", 7, "alike")]


def test_fewer_than_five_uses_ask_the_queue_and_then_everywhere(a_template, uses, place):
    igor, names = cast.igor(), itertools.count(1)
    uses(a_template("Близко"), igor, 4, **place)
    assert suggested(**place) == [("Близко", 4, "everywhere")]

    uses(a_template(f"В очереди {next(names)}"), igor, 6, queue=place["queue"])
    uses(a_template("Где-то"), igor, 40, queue=cast.a_queue("payment"))
    assert suggested(**place) == [("В очереди 1", 6, "here"), ("Близко", 4, "here")]
    assert suggested(queue=cast.a_queue("other")) == [
        ("Где-то", 40, "everywhere"), ("В очереди 1", 6, "everywhere"), ("Близко", 4, "everywhere"),
    ]  # fmt: skip

    uses(a_template("Рядом"), igor, 1, **place)
    assert suggested(**place) == [("Близко", 4, "alike"), ("Рядом", 1, "alike")]


def test_what_one_cannot_use_is_neither_suggested_nor_counted(a_template, a_catalogue, uses, place):
    igor, payment = cast.igor(), cast.a_queue("payment")
    off, gone = a_template("Выключен"), a_template("Удалён")
    for template in (off, gone, a_template("Игоря", owner=igor),
                     a_template("Кассы", catalogue=a_catalogue("Касса", queue_id=payment.id))):  # fmt: skip
        uses(template, igor, 9, **place)
    with unit_of_work():
        off.is_active = False
        templates.remove(gone, by="test")
    uses(a_template("Годится"), igor, 2, **place)

    assert suggested(**place) == [("Годится", 2, "everywhere")]
    assert ("Игоря", 9, "alike") in suggested(**place, of=igor)


def test_an_appeal_without_queue_and_topic_is_suggested_what_is_used_everywhere(a_template, uses):
    uses(a_template("Завтра"), cast.igor(), 1)

    assert suggested() == [("Завтра", 1, "everywhere")]
