"""Events for others: every fact that they want, in the order of each appeal, numbered, nothing before its commit."""

import cast
import pytest

from cec.appeals import acting, conversation, delivering
from cec.appeals.letters import Letter
from cec.integrations import events, receivers
from cec.integrations.models import Event
from cec.platform import journal
from cec.platform.db import unit_of_work


def short(heard):
    return [
        (each["seq"], each["type"], each.get("message", {}).get("state") or each["appeal"]["status"]) for each in heard
    ]


def test_the_story_of_an_appeal_is_told_in_its_order(told, passes, db, postmaster):
    told()
    cast.a_mailbox().config = {"smtp": {"host": "127.0.0.1", "port": postmaster().port, "tls": "none"}}
    db.session.commit()
    anna = cast.anna()
    appeal = cast.accepted(cast.an_appeal(), anna)
    with unit_of_work():
        conversation.send(
            appeal, by=anna, letter=Letter("Едет"), client_uuid=cast.a_uuid(),
            seen_message_id=appeal.last_message_id, undo=cast.AT_ONCE,
        )  # fmt: skip
    delivering.deliver_due()
    topic, resolution = cast.a_topic(), cast.a_resolution()
    with unit_of_work():
        appeal = cast.reread(appeal)
        acting.act(
            appeal.id, "close", by=anna, expected_version=appeal.version, seen_message_id=appeal.last_message_id,
            answers={"topic_id": topic.id, "resolution_id": resolution.id, "comment": "Привезли"},
        )  # fmt: skip

    heard = passes()

    assert short(heard) == [
        (1, "message.created", "received"),
        (2, "appeal.status", "new"),
        (3, "appeal.status", "queued"),
        (4, "appeal.status", "offered"),
        (5, "appeal.status", "in_work"),
        (6, "message.created", "queued"),
        (7, "message.status", "sent"),
        (8, "appeal.status", "closed"),
        (9, "appeal.closed", "closed"),
        (10, "rating.requested", "closed"),
    ]
    assert heard[-2]["closing"]["comment"] == "Привезли"
    assert heard[-1]["rating"]["highest"] == 5
    assert {each["appeal"]["number"] for each in heard} == {appeal.number}
    assert passes() == []


def test_each_receiver_hears_what_it_wants_with_numbers_of_its_own(told, passes, db):
    told("appeal.status", name="Board")
    told("message.created", name="Archive")
    cast.an_appeal()

    passes()

    rows = db.session.scalars(db.select(Event).order_by(Event.receiver_id, Event.seq)).all()
    assert [(row.receiver_id, row.seq, row.kind) for row in rows] == [
        (1, 1, "appeal.status"), (1, 2, "appeal.status"), (2, 1, "message.created"),
    ]  # fmt: skip


def test_what_happened_before_and_what_was_rolled_back_is_not_told(told, passes, db):
    cast.a_centre()
    cast.an_appeal("Раньше")
    told()
    with pytest.raises(RuntimeError), unit_of_work():
        journal.record("appeal.queued", "appeal:1", by="system")
        raise RuntimeError

    assert passes() == []


def test_what_is_not_committed_yet_is_told_once_it_is(told, passes, app, db):
    told("message.created")
    cast.an_appeal("Первое")
    with app.app_context(), unit_of_work():
        journal.note("message.received", "appeal:1", by="client:0", message_id=1)
        db.session.execute(db.select(db.func.pg_current_xact_id()))

    assert len(passes()) == 2


def test_more_than_one_batch_is_told_whole(told, passes, monkeypatch):
    told("appeal.status")
    monkeypatch.setattr(events, "BATCH", 2)
    for number in range(3):
        cast.an_appeal(f"Письмо {number}")

    heard = passes()

    assert sorted(each["appeal"]["id"] for each in heard) == [1, 1, 2, 2, 3, 3]


def test_a_receiver_that_is_switched_off_hears_nothing_of_meanwhile(told, passes, db):
    receiver, _secret = told("message.created")
    with unit_of_work():
        receivers.change(
            receiver, name="CRM", url=receiver.url, kinds=["message.created"], is_active=False, by="system"
        )
    cast.an_appeal("Пока выключен")
    passes()
    with unit_of_work():
        receivers.change(receiver, name="CRM", url=receiver.url, kinds=["message.created"], is_active=True, by="system")
    cast.an_appeal("Снова включён")

    assert [each["message"]["text"] for each in passes()] == ["Снова включён"]
