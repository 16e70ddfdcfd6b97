"""Guide 3.2.4: what came back stands at the message it is about, and a bad address is told before one writes there."""

import datetime as dt

import cast
import pytest

from cec.appeals import delivering
from cec.appeals.models import Message, MessageState
from cec.channels.channel import Refused, Sent, Undelivered
from cec.channels.email import sending
from cec.channels.email import threading as signatures
from cec.clients import addresses
from cec.platform.db import unit_of_work
from tests.channels.test_bounces import dsn, recipient
from tests.stories import answer

WIFE = "wife@client.example"


@pytest.fixture
def message(db, appeal) -> Message:
    """Give Anna's answer to Petrov and his wife, which is out."""
    message = answer(appeal, cast.anna(), "Уже везём")
    with unit_of_work():
        message.headers, message.state = {"to": [cast.PETROV], "cc": [WIFE]}, MessageState.SENDING
    with unit_of_work():
        delivering.settle(message.id, Sent(signatures.message_id(message.id, appeal.id, cast.MAILBOX)))
    return message


def comes_back(message: Message, address: str) -> None:
    """Let the mail system report that the message has not reached an address."""
    original = f"Message-ID: {message.provider_event_id}\n\nold"
    cast.arrives_raw(dsn(recipient(address), original=original), f"<{address}@mx>")


def test_a_report_stands_at_its_message_and_is_no_word_of_the_client(desk, appeal, message, words):
    before = desk.page(f"/appeals/{appeal.id}").count('class="msg')
    unseen = f'data-unseen="{appeal.last_client_message_id}"'

    comes_back(message, WIFE)

    page = desk.page(f"/appeals/{appeal.id}")
    assert page.count('class="msg') == before
    assert f"Не доставлено: {WIFE}: 550 5.1.1 User unknown" in words(page)
    assert "Что написала почтовая система" in words(page)
    assert unseen in page, "only Petrov's own letter is new"
    assert "Отправлено" in words(page)


def test_an_address_that_cannot_receive_is_told_in_the_card_and_before_the_answer(desk, appeal, message, words):
    comes_back(message, cast.PETROV)

    page = words(desk.page(f"/appeals/{appeal.id}"))
    composer = words(desk.page(f"/appeals/{appeal.id}").partition('class="composer"')[2].partition("</form>")[0])

    assert page.count("Письма сюда не доходят с") == 2
    assert "Письма сюда не доходят с" in composer
    assert "550 5.1.1 User unknown" in composer


def test_whom_the_server_takes_later_is_said_so(desk, appeal, db, words):
    message = answer(appeal, cast.anna())
    with unit_of_work():
        message.headers, message.state = {"to": [cast.PETROV], "cc": [WIFE]}, MessageState.SENDING
    with unit_of_work():
        delivering.settle(message.id, Sent("<x@y>", [Undelivered(WIFE, "450 busy", is_final=False, is_hard=False)]))

    assert f"Пока не доставлено: {WIFE}, пробуем ещё: 450 busy" in words(desk.page(f"/appeals/{appeal.id}"))


def test_hostile_words_of_a_mail_server_are_words(desk, appeal, db):
    message = answer(appeal, cast.anna())
    evil = Undelivered(WIFE, "550 <script>alert(1)</script>", is_final=True, is_hard=True)
    with unit_of_work():
        message.headers, message.state = {"to": [cast.PETROV], "cc": [WIFE]}, MessageState.SENDING
    with unit_of_work():
        delivering.settle(message.id, Sent("<x@y>", [evil]))

    page = desk.page(f"/appeals/{appeal.id}")

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_copy_to_where_mail_does_not_arrive_is_warned_of(desk, appeal, words):
    with unit_of_work():
        addresses.mark_unreachable("email", {"Wife@client.example": "550 No such user"})

    typed = f"/appeals/{appeal.id}/unreachable?to={appeal.address.value}&cc=wife@client.example, friend@client.example"

    assert "wife@client.example" in words(desk.part(typed)).lower()
    assert "550 No such user" in words(desk.part(typed))
    assert "friend" not in desk.part(typed)


def test_an_answer_that_has_to_wait_says_why_and_until_when(desk, appeal, message, words, clock):
    with unit_of_work():
        message.state, message.sent_at = MessageState.SENDING, None
    with unit_of_work():
        delivering.settle(message.id, Refused(sending.AWAY, retryable=True, retry_after=dt.timedelta(minutes=10)))

    page = words(desk.page(f"/appeals/{appeal.id}"))

    assert "Следующая попытка в 12:10." in page
