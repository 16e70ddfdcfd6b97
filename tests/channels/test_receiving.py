"""What came in is kept before anything is made of it."""

import datetime as dt

import pytest

from cec.channels import receiving
from cec.channels.models import Inbound, InboundState
from cec.platform import work
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from cec.platform.errors import NotFound
from tests import cast

RAW = b"From: petrov@client.example\n\nHello"


@pytest.fixture
def mailbox(db):
    with unit_of_work():
        return cast.a_mailbox()


def receive(mailbox, event_id="<1@client.example>", raw=RAW):
    with unit_of_work():
        number = receiving.receive(mailbox, event_id, raw, {"mail_from": "petrov@client.example"})
        return receiving.get(number) if number else None


def due():
    return database.session.scalar(database.select(database.func.count()).select_from(work.DueWork))


def test_it_is_kept_raw_and_left_to_the_worker(mailbox):
    inbound = receive(mailbox)

    assert receiving.raw(inbound) == RAW
    assert (inbound.state, inbound.size, inbound.envelope) == (
        InboundState.NEW, len(RAW), {"mail_from": "petrov@client.example"},
    )  # fmt: skip
    assert due() == 1


def test_a_repeat_is_not_kept_twice(mailbox):
    receive(mailbox)

    assert receive(mailbox) is None
    assert database.session.scalars(database.select(Inbound)).all() == [receiving.get(1)]
    assert due() == 1


def test_the_same_mail_at_once_is_kept_once(mailbox, at_once):
    results = at_once(*[lambda: receive(mailbox)] * 8)

    assert len([result for result in results if isinstance(result, Inbound)]) == 1
    assert results.count(None) == 7


def test_one_mail_to_two_mailboxes_is_kept_for_each(mailbox):
    with unit_of_work():
        other = cast.a_mailbox("sales@shop.example")

    assert receive(mailbox) is not None
    assert receive(other) is not None


def test_an_undone_transaction_leaves_nothing(mailbox):
    with pytest.raises(RuntimeError), unit_of_work():
        receiving.receive(mailbox, "<1@client.example>", RAW, {})
        raise RuntimeError

    assert receive(mailbox) is not None


def test_the_mailbox_tells_when_something_came(mailbox, clock):
    receive(mailbox)
    database.session.refresh(mailbox)
    first = mailbox.last_in_at
    clock.forward(dt.timedelta(seconds=3))
    receive(mailbox, "<2@client.example>")
    clock.forward(dt.timedelta(minutes=1))
    receive(mailbox, "<3@client.example>")
    database.session.refresh(mailbox)

    assert (first, mailbox.last_in_at) == (clock.to(first) and first, first + dt.timedelta(minutes=1, seconds=3))


def test_what_cannot_be_read_waits_with_its_reason_for_a_person(mailbox):
    inbound = receive(mailbox)
    with unit_of_work():
        receiving.quarantine(inbound, "The mail has no sender to answer.", "nul\x00 \udc00")

    assert receiving.list_quarantined() == [inbound]
    assert receiving.count_quarantined() == 1
    assert inbound.reason == "The mail has no sender to answer."
    assert cast.story(f"inbound:{inbound.id}") == ["inbound.quarantined"]


def test_quarantine_is_paged_newest_first(mailbox):
    for number in range(5):
        inbound = receive(mailbox, f"<{number}@client.example>")
        with unit_of_work():
            receiving.quarantine(inbound, "x")

    assert [row.provider_event_id for row in receiving.list_quarantined(2, size=2)] == [
        "<2@client.example>", "<1@client.example>",
    ]  # fmt: skip


def test_a_second_try_takes_it_out_once(mailbox):
    inbound = receive(mailbox)
    with unit_of_work():
        receiving.quarantine(inbound, "x")
    before = due()

    with unit_of_work():
        receiving.retry(inbound.id, by=cast.vera().key)

    assert (inbound.state, inbound.reason, due()) == (InboundState.NEW, None, before + 1)
    assert receiving.count_quarantined() == 0
    with pytest.raises(receiving.NotInQuarantine), unit_of_work():
        receiving.retry(inbound.id, by=cast.vera().key)


def test_what_is_not_there_is_not_found(mailbox):
    with pytest.raises(NotFound):
        receiving.get(99)
    with pytest.raises(NotFound):
        receiving.retry(99, by="system")
