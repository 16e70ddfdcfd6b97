"""An incoming message opens an appeal or continues one (SPEC 2.3, 1C)."""

import datetime as dt

import pytest

from cec.appeals.models import Appeal, Direction, Message, MessageState, Status
from cec.channels.email import threading as signatures
from cec.channels.models import Inbound, InboundState
from cec.platform.db import db, unit_of_work
from cec.rulebook import files
from cec.workflow.models import ProcessInstance
from tests import cast
from tests.stories import close, postpone, wait

pytestmark = pytest.mark.usefixtures("centre")


def test_a_letter_becomes_a_queued_appeal_with_its_verdicts():
    cast.petrov()

    appeal = cast.an_appeal("Где мой заказ?", subject="Заказ 5206")

    assert appeal.status == Status.QUEUED
    assert appeal.number.startswith("2026-")
    assert appeal.client.name == "Пётр Петров"
    assert appeal.subject == "Заказ 5206"
    assert set(appeal.verdicts) == {"screening", "routing", "prioritization"}
    assert {name: verdict["version"] for name, verdict in appeal.verdicts.items()} == {
        name: files.current_stamp(name).version for name in appeal.verdicts
    }
    assert cast.story(appeal.key) == ["message.received", "appeal.arrived", "appeal.queued"]


def test_a_letter_that_comes_twice_is_one_message():
    letter = cast.a_letter()

    first, second = cast.arrives(letter), cast.arrives(letter)

    assert first is not None
    assert second is None
    assert db.session.scalar(db.select(db.func.count()).select_from(Message)) == 1


def test_the_same_letter_to_two_mailboxes_is_an_appeal_in_each():
    cast.a_mailbox("info@centre.example")
    letter = cast.a_letter()

    to_shop, to_info = cast.arrives(letter), cast.arrives(letter, at="info@centre.example")

    assert to_shop.appeal_id != to_info.appeal_id
    assert to_info.appeal.parent_id == to_shop.appeal_id, "one leads to the other"


def test_an_answer_to_two_mailboxes_is_read_once_in_each():
    cast.a_mailbox("info@centre.example")
    appeal = cast.an_appeal()
    ours = signatures.message_id(1, appeal.id, cast.MAILBOX)
    answer = cast.a_letter("И вам тоже", to=f"{cast.MAILBOX}, info@centre.example", In_Reply_To=ours)
    again = cast.a_letter("Ещё раз", to=f"info@centre.example, {cast.MAILBOX}", References=ours)
    again["In-Reply-To"] = answer["Message-ID"]

    in_shop, in_info = cast.arrives(answer), cast.arrives(answer, at="info@centre.example")
    more_in_info, more_in_shop = cast.arrives(again, at="info@centre.example"), cast.arrives(again)

    assert in_shop.appeal_id == more_in_shop.appeal_id == appeal.id
    assert in_info.appeal_id == more_in_info.appeal_id != appeal.id
    assert in_info.appeal.parent_id == appeal.id


def test_an_answer_that_went_to_another_mailbox_alone_joins_its_appeal():
    cast.a_mailbox("info@centre.example")
    appeal = cast.an_appeal()
    answer = cast.a_letter(to="info@centre.example", In_Reply_To=signatures.message_id(1, appeal.id, cast.MAILBOX))

    assert cast.arrives(answer, at="info@centre.example").appeal_id == appeal.id


def test_two_clients_with_the_same_subject_have_two_appeals():
    first = cast.an_appeal(subject="help", sender="one@client.example")
    second = cast.an_appeal(subject="help", sender="two@client.example")

    assert first.id != second.id


def test_an_answer_to_our_letter_joins_its_appeal_even_from_another_address():
    appeal = cast.an_appeal()
    ours = signatures.message_id(1, appeal.id, cast.MAILBOX)

    message = cast.arrives(cast.a_letter("А мне?", sender="wife@client.example", In_Reply_To=ours))

    assert message.appeal_id == appeal.id


def test_a_stranger_has_an_appeal_of_his_own_where_the_mailbox_wants_it_and_who_got_a_copy_joins():
    with unit_of_work():
        account = cast.a_mailbox()
        account.config = {**account.config, "strangers": "apart"}
    appeal = cast.an_appeal(Cc="Wife@client.example")
    ours = signatures.message_id(1, appeal.id, cast.MAILBOX)

    def writes(sender, **headers):
        return cast.arrives(cast.a_letter("А мне?", sender=sender, In_Reply_To=ours, **headers))

    stranger, wife = writes("stranger@client.example"), writes("wife@client.example")
    machine = writes("desk@client.example", Auto_Submitted="auto-replied")

    assert stranger.appeal_id != appeal.id
    assert stranger.appeal.parent_id == appeal.id
    assert wife.appeal_id == machine.appeal_id == writes(cast.PETROV).appeal_id == appeal.id


def test_a_forged_signature_joins_nothing():
    appeal = cast.an_appeal()
    ours = signatures.message_id(1, appeal.id, cast.MAILBOX)
    forged = ours.replace(f".{appeal.id}.", f".{appeal.id + 1}.")

    message = cast.arrives(cast.a_letter(sender="stranger@client.example", In_Reply_To=forged))

    assert message.appeal_id != appeal.id


def test_a_second_letter_of_the_same_thread_joins_by_its_references():
    appeal = cast.an_appeal(message_id="<first@client.example>")

    message = cast.arrives(cast.a_letter("И ещё", References="<first@client.example>"))

    assert message.appeal_id == appeal.id


def test_the_number_in_the_subject_counts_only_with_its_sender():
    appeal = cast.an_appeal()
    subject = f"Re: [#{appeal.number}]"

    own = cast.arrives(cast.a_letter(subject=subject))
    foreign = cast.arrives(cast.a_letter(subject=subject, sender="stranger@client.example"))

    assert own.appeal_id == appeal.id
    assert foreign.appeal_id != appeal.id


def test_a_letter_to_an_appeal_that_waits_brings_it_back_to_its_operator():
    appeal = wait(cast.accepted(cast.an_appeal(message_id="<a@x>"), cast.anna()), cast.anna())
    assert appeal.status == Status.WAITING

    cast.arrives(cast.a_letter("Спасибо, жду", References="<a@x>"))

    appeal = cast.reread(appeal)
    assert appeal.status == Status.IN_WORK
    assert appeal.operator_id == cast.anna().id


def test_a_letter_wakes_a_postponed_appeal_at_once(clock):
    appeal = postpone(cast.accepted(cast.an_appeal(message_id="<a@x>"), cast.anna()), cast.anna(), hours=5)
    assert appeal.status == Status.POSTPONED

    cast.arrives(cast.a_letter("Ну что?", References="<a@x>"))

    assert cast.reread(appeal).status == Status.IN_WORK


def test_a_letter_soon_after_closing_reopens_the_appeal_with_a_new_process():
    appeal = close(cast.accepted(cast.an_appeal(message_id="<a@x>"), cast.anna()), cast.anna())
    assert appeal.status == Status.CLOSED

    message = cast.arrives(cast.a_letter("Не помогло", References="<a@x>"))

    assert message.appeal_id == appeal.id
    assert cast.reread(appeal).status in {Status.QUEUED, Status.IN_WORK}
    instances = db.session.scalars(db.select(ProcessInstance).where(ProcessInstance.subject == appeal.key)).all()
    assert [instance.ended_at is None for instance in instances].count(True) == 1
    assert len(instances) == 2


def test_a_letter_long_after_closing_is_a_new_linked_appeal(clock):
    appeal = close(cast.accepted(cast.an_appeal(message_id="<a@x>"), cast.anna()), cast.anna())
    clock.forward(dt.timedelta(hours=25))

    message = cast.arrives(cast.a_letter("Опять я", References="<a@x>"))

    new = db.session.get_one(Appeal, message.appeal_id)
    assert new.id != appeal.id
    assert new.parent_id == appeal.id
    assert cast.reread(appeal).status == Status.CLOSED


def test_an_auto_responder_neither_reopens_nor_wakes():
    appeal = close(cast.accepted(cast.an_appeal(message_id="<a@x>"), cast.anna()), cast.anna())

    message = cast.arrives(cast.a_letter("Я в отпуске", References="<a@x>", Auto_Submitted="auto-replied"))

    assert message.appeal_id == appeal.id
    assert cast.reread(appeal).status == Status.CLOSED


def test_what_cannot_be_read_is_in_quarantine_with_a_reason_and_stops_nobody():
    letter = cast.a_letter()
    del letter["From"]
    letter["X-Sender"] = "nobody"

    assert cast.arrives(letter) is None
    assert cast.an_appeal().status == Status.QUEUED
    quarantined = db.session.scalars(db.select(Inbound).where(Inbound.state == InboundState.QUARANTINED)).one()
    assert quarantined.reason


def test_a_client_who_comes_back_within_a_day_is_kept_for_his_operator_first():
    close(cast.accepted(cast.an_appeal(), cast.anna()), cast.anna())

    appeal = cast.an_appeal("Другой вопрос")

    assert appeal.preferred_operator_id == cast.anna().id
    assert appeal.points > 0, "a repeated appeal has points"


def test_a_message_counts_as_unanswered_until_it_is_answered():
    appeal = cast.an_appeal()

    message = db.session.get_one(Message, appeal.last_message_id)
    assert (message.direction, message.state) == (Direction.IN, MessageState.RECEIVED)
    assert appeal.due_response is not None


def test_a_letter_from_a_mailbox_of_ours_is_no_word_of_a_client():
    cast.a_mailbox("info@centre.example")
    appeal = close(cast.accepted(cast.an_appeal(message_id="<a@x>"), cast.anna()), cast.anna())

    message = cast.arrives(cast.a_letter("Передаём", sender="Info@Centre.example", References="<a@x>"))

    assert message.appeal_id == appeal.id
    assert message.headers["auto"]
    assert cast.reread(appeal).status == Status.CLOSED


def test_who_writes_too_often_reopens_nothing_and_loses_nothing():
    first = cast.an_appeal(message_id="<a@x>")
    for number in range(4):
        cast.arrives(cast.a_letter(f"И ещё {number}", References="<a@x>"))
    closed = close(cast.accepted(first, cast.anna()), cast.anna())

    sixth = cast.arrives(cast.a_letter("Автоответ без пометки", References="<a@x>"))

    assert cast.reread(closed).status == Status.CLOSED
    new = db.session.get_one(Appeal, sixth.appeal_id)
    assert (new.parent_id, new.status) == (closed.id, Status.QUEUED)


def test_who_writes_too_often_still_wakes_the_appeal_that_waits_for_him():
    first = cast.an_appeal(message_id="<a@x>")
    for number in range(5):
        cast.arrives(cast.a_letter(f"И ещё {number}", References="<a@x>"))
    appeal = wait(cast.accepted(first, cast.anna()), cast.anna())

    cast.arrives(cast.a_letter("Вот он я", References="<a@x>"))

    assert cast.reread(appeal).status == Status.IN_WORK
