"""Mail of ours that comes back is kept at the message it is about; addresses that cannot receive are marked."""

import datetime as dt

import pytest

from cec.appeals import delivering
from cec.appeals.models import Appeal, Message, MessageState, Status
from cec.channels.channel import Sent, Undelivered
from cec.channels.email import threading as signatures
from cec.clients.models import Address
from cec.platform.db import db, unit_of_work
from tests import cast
from tests.channels.test_bounces import dsn, recipient
from tests.stories import answer, close, postpone

pytestmark = pytest.mark.usefixtures("centre")

WIFE = "wife@client.example"


def sent(appeal, *, cc=()):
    """Anna's answer that the mail server has taken."""
    message = answer(appeal, cast.anna())
    with unit_of_work():
        message.headers = {"to": [cast.PETROV], "cc": list(cc)}
        message.state = MessageState.SENDING
    with unit_of_work():
        delivering.settle(message.id, Sent(signatures.message_id(message.id, appeal.id, cast.MAILBOX)))
    db.session.expire_all()
    return db.session.get_one(Message, message.id)


def comes_back(message, *groups, message_id="<report@mx.client.example>", ours=None):
    """A report of the client's mail system."""
    raw = dsn(*groups, original=f"Message-ID: {ours or message.provider_event_id}\n\nold")
    return cast.arrives_raw(raw, message_id)


def address(value=cast.PETROV):
    db.session.expire_all()
    return db.session.scalars(db.select(Address).where(Address.value == value)).one_or_none()


def test_a_bounce_is_kept_at_its_message_which_has_failed_and_its_address_is_marked():
    appeal = cast.accepted(cast.an_appeal(), cast.anna())
    message = sent(appeal)

    report = comes_back(message, recipient(cast.PETROV))

    assert (report.appeal_id, report.about_id) == (appeal.id, message.id)
    assert message.state == MessageState.FAILED
    assert message.undelivered == {cast.PETROV: {"reason": "550 5.1.1 User unknown", "final": True}}
    marked = address()
    assert (marked.can_receive, marked.cannot_reason) == (False, "550 5.1.1 User unknown")
    assert marked.cannot_since is not None
    assert db.session.scalar(db.select(db.func.count()).select_from(Appeal)) == 1


def test_a_bounce_reopens_nothing_wakes_nothing_and_starts_no_clock(clock):
    closed = cast.accepted(cast.an_appeal(message_id="<a@x>"), cast.anna())
    message = sent(closed)
    closed = close(closed, cast.anna())
    known = (closed.status, closed.version, closed.last_message_id, closed.last_client_message_id)

    comes_back(message, recipient(cast.PETROV))

    closed = cast.reread(closed)
    assert (closed.status, closed.version, closed.last_message_id, closed.last_client_message_id) == known
    assert closed.due_response is None

    put_aside = cast.accepted(cast.an_appeal(message_id="<b@x>"), cast.anna())
    message = sent(put_aside)
    postpone(put_aside, cast.anna(), hours=5)
    comes_back(message, recipient(cast.PETROV), message_id="<second@mx.client.example>")

    assert cast.reread(put_aside).status == Status.POSTPONED


def test_one_address_out_of_reach_does_not_make_the_message_fail_for_the_others():
    message = sent(cast.accepted(cast.an_appeal(), cast.anna()), cc=[WIFE])

    comes_back(message, recipient(WIFE))

    assert message.state == MessageState.SENT
    assert list(message.undelivered) == [WIFE]
    assert not address(WIFE).can_receive
    assert address().can_receive


def test_a_full_mailbox_and_a_delay_do_not_mark_the_address():
    message = sent(cast.accepted(cast.an_appeal(), cast.anna()))

    comes_back(message, recipient(cast.PETROV, action="delayed", status="4.4.1", words="timed out"))
    assert message.state == MessageState.SENT
    assert not message.undelivered[cast.PETROV]["final"]
    comes_back(
        message, recipient(cast.PETROV, status="5.2.2", words="552 Mailbox full"), message_id="<full@mx.client.example>"
    )

    assert message.state == MessageState.FAILED
    assert message.undelivered[cast.PETROV]["final"]
    assert address().can_receive


def test_a_later_letter_from_the_address_makes_it_good_again():
    comes_back(sent(cast.accepted(cast.an_appeal(), cast.anna())), recipient(cast.PETROV))
    assert not address().can_receive

    cast.arrives(cast.a_letter("Я снова здесь"))

    good = address()
    assert (good.can_receive, good.cannot_since, good.cannot_reason) == (True, None, None)


def test_the_mark_keeps_its_first_day(clock):
    comes_back(sent(cast.accepted(cast.an_appeal(), cast.anna())), recipient(cast.PETROV))
    since = address().cannot_since
    clock.forward(dt.timedelta(days=2))
    appeal = cast.an_appeal(message_id="<c@x>", sender=WIFE)

    comes_back(sent(cast.accepted(appeal, cast.anna())), recipient(cast.PETROV), message_id="<again@mx.client.example>")

    assert address().cannot_since == since


def test_a_forged_report_marks_nobody():
    message = sent(cast.accepted(cast.an_appeal(), cast.anna()))
    forged = message.provider_event_id.replace(f"<cec.{message.id}.", f"<cec.{message.id + 1}.")

    report = comes_back(message, recipient(cast.PETROV), ours=forged)

    assert report.about_id is None
    assert message.state == MessageState.SENT
    assert address().can_receive


def test_a_report_about_where_it_was_forwarded_marks_no_address():
    message = sent(cast.accepted(cast.an_appeal(), cast.anna()))

    comes_back(message, recipient("inner@elsewhere.example"))

    assert message.state == MessageState.FAILED
    assert list(message.undelivered) == [cast.PETROV]
    assert address().can_receive
    assert address("inner@elsewhere.example") is None


def test_a_report_that_comes_twice_is_one_report():
    message = sent(cast.accepted(cast.an_appeal(), cast.anna()))

    first, second = comes_back(message, recipient(cast.PETROV)), comes_back(message, recipient(cast.PETROV))

    assert first is not None
    assert second is None


def test_a_copy_of_our_own_answer_is_no_new_appeal():
    appeal = cast.accepted(cast.an_appeal(), cast.anna())
    message = sent(appeal)

    copy = cast.arrives(cast.a_letter(sender=cast.MAILBOX, message_id=message.provider_event_id))

    assert (copy.appeal_id, copy.about_id) == (appeal.id, message.id)
    assert message.state == MessageState.SENT


def test_a_report_is_not_what_the_next_answer_refers_to():
    appeal = cast.accepted(cast.an_appeal(message_id="<a@x>"), cast.anna())
    comes_back(sent(appeal), recipient(WIFE))
    message = answer(appeal, cast.anna(), "Ещё раз")

    outbound = delivering._outbound(message)  # noqa: SLF001

    assert outbound.in_reply_to == "<a@x>"


def test_whom_the_server_refuses_is_noted_and_the_others_have_it():
    appeal = cast.accepted(cast.an_appeal(), cast.anna())
    message = answer(appeal, cast.anna())
    with unit_of_work():
        message.headers, message.state = {"to": [cast.PETROV], "cc": [WIFE]}, MessageState.SENDING
    refused = Undelivered(WIFE, "550 5.1.1 nobody", is_final=True, is_hard=True)

    with unit_of_work():
        delivering.settle(message.id, Sent("<x@y>", [refused]))

    db.session.expire_all()
    assert message.state == MessageState.SENT
    assert message.undelivered == {WIFE: {"reason": "550 5.1.1 nobody", "final": True}}
    assert not address(WIFE).can_receive


def test_whom_the_server_takes_later_is_tried_again_alone(clock):
    appeal = cast.accepted(cast.an_appeal(), cast.anna())
    message = answer(appeal, cast.anna())
    with unit_of_work():
        message.headers, message.state = {"to": [cast.PETROV], "cc": [WIFE]}, MessageState.SENDING
    later = Undelivered(WIFE, "450 greylisted", is_final=False, is_hard=False)

    with unit_of_work():
        delivering.settle(message.id, Sent("<x@y>", [later]))
    db.session.expire_all()
    assert message.state == MessageState.QUEUED
    assert delivering._outbound(message).only_to == [WIFE]  # noqa: SLF001

    with unit_of_work():
        message.state = MessageState.SENDING
    with unit_of_work():
        delivering.settle(message.id, Sent("<x@y>"))
    db.session.expire_all()
    assert (message.state, message.undelivered) == (MessageState.SENT, {})
    assert cast.story(appeal.key).count("message.sent") == 1


def test_who_is_never_taken_is_told_after_a_day(clock):
    appeal = cast.accepted(cast.an_appeal(), cast.anna())
    message = answer(appeal, cast.anna())
    with unit_of_work():
        message.headers, message.state = {"to": [cast.PETROV], "cc": [WIFE]}, MessageState.SENDING
    clock.forward(dt.timedelta(hours=25))

    with unit_of_work():
        delivering.settle(message.id, Sent("<x@y>", [Undelivered(WIFE, "450 later", is_final=False, is_hard=False)]))

    db.session.expire_all()
    assert message.state == MessageState.SENT
    assert message.undelivered[WIFE]["final"]
