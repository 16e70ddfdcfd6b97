"""Two press at once, or the client writes at that moment: one wins, the other is told, nothing is lost (CORE 2, 3)."""

import datetime as dt
import uuid

import pytest

from cec.appeals import acting, conversation, drafts, intake_door, lifecycle, queries
from cec.appeals.letters import Letter
from cec.appeals.models import Message, Status
from cec.channels import receiving
from cec.distribution import choosing, offering
from cec.distribution.models import Assignment
from cec.platform import clock as centre_clock
from cec.platform.db import db, unit_of_work
from cec.workflow import engine
from cec.workflow.models import Incident, ProcessInstance
from tests import cast
from tests.stories import answer

pytestmark = pytest.mark.usefixtures("centre")

ROUNDS = 5


def acts(appeal, outcome, **answers):
    """An act as it comes from a screen that was drawn just now."""
    appeal_id, by, version = appeal.id, cast.anna(), appeal.version
    seen = appeal.last_client_message_id

    def act():
        with unit_of_work():
            acting.act(appeal_id, outcome, by=by, expected_version=version, seen_message_id=seen, answers=answers)

    return act


def closing(appeal):
    return acts(appeal, "close", topic_id=cast.a_topic().id, resolution_id=cast.a_resolution().id, comment="")


def postponing(appeal):
    until = centre_clock.now() + dt.timedelta(hours=1)
    return acts(appeal, "postpone", until=until, reason="other", comment="", return_to="me")


def waiting(appeal):
    until = centre_clock.now() + dt.timedelta(days=1)
    return acts(appeal, "wait", until=until, on_silence="close", comment="")


def writing(words):
    """The client's letter has come in and is being taken in."""
    letter = cast.a_letter(words, References="<a@x>")
    with unit_of_work():
        inbound_id = receiving.receive(cast.a_mailbox(), letter["Message-ID"], letter.as_bytes(), {})

    def take_in():
        with unit_of_work():
            intake_door.take_in(inbound_id)

    return take_in


def test_of_two_acts_at_once_one_wins_and_the_other_is_told(appeal, at_once):
    met = at_once(closing(appeal), postponing(appeal))

    refused = [error for error in met if error is not None]
    assert len(refused) == 1
    assert isinstance(refused[0], lifecycle.StaleVersion)
    assert "Анна Котова" in refused[0].sentence()
    assert cast.reread(appeal).status in {Status.CLOSED, Status.POSTPONED}


@pytest.mark.parametrize("_round", range(ROUNDS))
@pytest.mark.parametrize("act", [closing, postponing, waiting])
def test_a_letter_that_comes_at_that_moment_is_never_lost(appeal, act, _round, at_once):
    answer(appeal, cast.anna())
    appeal = cast.reread(appeal)

    met, taken = at_once(act(appeal), writing("Стойте!"))

    appeal = cast.reread(appeal)
    assert taken is None
    assert met is None or isinstance(met, conversation.ClientWroteMeanwhile | lifecycle.StaleVersion)
    assert appeal.status in {Status.IN_WORK, Status.QUEUED}, "an unanswered client is with somebody"
    assert db.session.get_one(Message, appeal.last_client_message_id).text.strip() == "Стойте!"
    assert running(appeal) == 1
    assert db.session.scalar(db.select(db.func.count()).select_from(Incident)) == 0


def transferring(appeal, target):
    payments = cast.a_group("payments", cast.igor())
    to = {
        "operator": {"operator_id": cast.igor().id},
        "group": {"group_id": payments.id},
        "queue": {"queue_id": cast.a_queue("payments", payments).id},
    }[target]
    db.session.commit()
    nobody = {"queue_id": None, "operator_id": None, "group_id": None}
    return acts(appeal, "transfer", target=target, comment="Нужна ваша помощь", **{**nobody, **to})


@pytest.mark.parametrize("_round", range(ROUNDS))
@pytest.mark.parametrize("target", ["operator", "group", "queue"])
def test_a_letter_that_comes_while_the_appeal_is_handed_over_is_unread_at_the_new_operator(
    appeal, target, _round, at_once
):
    hand_over = transferring(appeal, target)

    met, taken = at_once(hand_over, writing("Вот ещё чек"))
    cast.at_work(cast.igor())
    choosing.distribute()
    (ring,) = db.session.scalars(db.select(Assignment).filter_by(state="offered")).all()
    igor = cast.igor()

    accepting, taken_too = at_once(accepts(ring, igor), writing("И ещё один"))

    assert (met, taken, accepting, taken_too) == (None, None, None, None)
    appeal = cast.reread(appeal)
    assert (appeal.status, appeal.operator_id, appeal.transfers) == (Status.IN_WORK, igor.id, 1)
    (line,) = queries.worklist(igor).in_work
    assert (line.id, line.unread) == (appeal.id, 3), "the first letter was not opened by Anna either"
    assert queries.worklist(cast.anna()).in_work == []
    said = db.session.scalars(db.select(Message.text).filter_by(appeal_id=appeal.id).order_by(Message.id)).all()
    assert [words.strip() for words in said] == ["Где мой заказ?", "Вот ещё чек", "И ещё один"]
    assert (running(appeal), db.session.scalar(db.select(db.func.count()).select_from(Incident))) == (1, 0)


def accepts(ring, employee):
    number = ring.id

    def accept():
        with unit_of_work():
            offering.accept(number, by=employee)

    return accept


def running(appeal):
    instances = db.select(db.func.count()).where(
        ProcessInstance.subject == appeal.key, ProcessInstance.ended_at.is_(None)
    )
    return db.session.scalar(instances)


def test_a_timer_and_the_client_at_one_moment_bring_the_appeal_back_once(appeal, at_once, clock):
    postponing(appeal)()
    take_in = writing("Вот и я")
    clock.forward(dt.timedelta(hours=2))

    at_once(engine.run_due, take_in, engine.run_due)

    appeal = cast.reread(appeal)
    assert appeal.status == Status.IN_WORK
    assert cast.story(appeal.key).count("appeal.resumed") == 1
    assert running(appeal) == 1


def test_pressing_send_twice_at_once_is_one_message(appeal, at_once):
    once, by = uuid.uuid4(), cast.anna()
    appeal_id, seen = appeal.id, appeal.last_client_message_id

    def send():
        with unit_of_work():
            conversation.send(
                lifecycle.get(appeal_id), by=by, letter=Letter("Здравствуйте"), client_uuid=once, seen_message_id=seen,
                undo=dt.timedelta(seconds=5),
            )  # fmt: skip

    assert at_once(send, send, send) == [None, None, None]
    assert db.session.scalar(db.select(db.func.count()).where(Message.direction == "out")) == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_words_and_files_that_come_at_once_are_one_draft(appeal, _round, at_once):
    number, by = appeal.id, cast.anna()

    def types():
        with unit_of_work():
            drafts.save(lifecycle.get(number), by=by, letter=Letter("Высылаем талон"), is_note=False)

    def attaches():
        with unit_of_work():
            draft = drafts.get(lifecycle.get(number), by=by)
            drafts.attach(draft, name="талон.txt", kind="text/plain", content=b"talon", limit_megabytes=1)

    assert at_once(types, attaches, types, attaches) == [None, None, None, None]
    draft = drafts.find(lifecycle.get(number), by, is_note=False)
    assert (draft.text, [file.name for file in draft.attachments]) == ("Высылаем талон", ["талон.txt", "талон.txt"])


def test_two_workers_take_a_letter_in_once(at_once):
    take_in = writing("Здравствуйте")

    assert at_once(take_in, take_in) == [None, None]
    assert db.session.scalar(db.select(db.func.count()).select_from(Message)) == 1
