"""Answers on their way: in order to each address, held up by nothing else, no faster than the account may."""

import datetime as dt

import cast
import orjson
import pytest

from cec.appeals import conversation, delivering
from cec.appeals.letters import Letter
from cec.appeals.models import Appeal, Message
from cec.channels import webhooks
from cec.channels.models import ChannelAccount
from cec.platform import signatures, work
from cec.platform.db import unit_of_work


@pytest.fixture
def shop(db, program):
    """The channel of the shop's application, which takes answers at an address."""
    cast.a_centre()
    account, secret = cast.an_api_channel(url=program.url)
    db.session.commit()
    return account, secret


@pytest.fixture
def writes(shop, db):
    """Give a function that lets somebody write; gives his appeal, which Anna has in work."""

    def write(who, conversation="", name="1"):
        told = {"external_id": f"{who}-{conversation}-{name}", "sender": {"id": who}, "text": "Где?"}
        body = orjson.dumps(told | ({"conversation_id": conversation} if conversation else {}))
        with unit_of_work():
            webhooks.take("app", {signatures.HEADER: signatures.sign(shop[1], body)}, body)
        while work.run_due():
            pass
        appeal = db.session.scalars(db.select(Appeal).order_by(Appeal.id.desc()).limit(1)).one()
        return cast.accepted(appeal, cast.anna())

    return write


def answer(appeal, text):
    with unit_of_work():
        return conversation.send(
            cast.reread(appeal), by=cast.anna(), letter=Letter(text), client_uuid=cast.a_uuid(),
            seen_message_id=2**30, undo=cast.AT_ONCE,
        )  # fmt: skip


def states(*messages):
    return [cast.reread_message(message).state for message in messages]


def test_a_message_that_has_to_wait_holds_up_its_own_address_only(writes, program, clock):
    peter, also_peter, olga = writes("peter"), writes("peter", "bills"), writes("olga")
    program.answers = [500]
    messages = [answer(peter, "1"), answer(also_peter, "2"), answer(olga, "3")]

    delivering.deliver_due()
    assert states(*messages) == ["queued", "queued", "sent"]

    clock.forward(dt.timedelta(seconds=2))
    delivering.deliver_due()
    assert [each["text"] for each in program.heard] == ["1", "3", "1", "2"]


def test_the_provider_says_when_to_go_on_and_the_whole_account_waits(writes, program, clock):
    peter, olga = writes("peter"), writes("olga")
    program.answers = [(429, {"Retry-After": "120"})]
    messages = [answer(peter, "1"), answer(olga, "2")]

    delivering.deliver_due()
    clock.forward(dt.timedelta(seconds=119))
    delivering.deliver_due()
    assert states(*messages) == ["queued", "queued"]

    clock.forward(dt.timedelta(seconds=1))
    delivering.deliver_due()
    assert states(*messages) == ["sent", "sent"]
    assert len(program.heard) == 3


def test_what_is_refused_for_good_is_told_and_holds_up_nothing(writes, program):
    peter = writes("peter")
    program.answers = [400]
    messages = [answer(peter, "1"), answer(peter, "2")]

    delivering.deliver_due()

    assert states(*messages) == ["failed", "sent"]


def test_an_answer_that_was_lost_is_unknown_and_never_sent_again_by_itself(writes, program, clock):
    message = answer(writes("peter"), "1")
    program.answers = [0]

    delivering.deliver_due()
    for _ in range(3):
        clock.forward(dt.timedelta(hours=9))
        delivering.deliver_due()

    assert states(message) == ["unknown"]
    assert len(program.heard) == 1


def test_an_account_sends_no_faster_than_it_may(writes, program, clock, shop, db):
    peter, olga = writes("peter"), writes("olga")
    with unit_of_work():
        account = db.session.get_one(ChannelAccount, shop[0].id)
        account.config = {**account.config, "per_minute": 2}
    messages = [answer(peter, "1"), answer(olga, "2")]

    delivering.deliver_due()
    assert states(*messages) == ["sent", "queued"]
    clock.forward(dt.timedelta(seconds=30))
    delivering.deliver_due()
    assert states(*messages) == ["sent", "sent"]


def test_two_workers_never_send_one_message_twice(writes, program, at_once):
    messages = [answer(writes(f"client{number}"), str(number)) for number in range(4)]

    at_once(*[delivering.deliver_due] * 4)

    assert states(*messages) == ["sent"] * 4
    assert sorted(each["text"] for each in program.heard) == ["0", "1", "2", "3"]


def test_the_name_that_the_program_gives_an_answer_is_kept_for_its_receipts(writes, program):
    program.body = b'{"message_id": "theirs-1"}'

    message = answer(writes("peter"), "1")
    delivering.deliver_due()

    assert cast.reread_message(message).provider_event_id == "theirs-1"
    assert program.headers[0]["idempotency-key"] == str(message.id)


def test_without_an_address_answers_are_out_at_once(db, clock):
    cast.a_centre()
    _account, secret = cast.an_api_channel("quiet")
    db.session.commit()
    body = orjson.dumps({"external_id": "1", "sender": {"id": "p"}, "text": "Где?"})
    with unit_of_work():
        webhooks.take("quiet", {signatures.HEADER: signatures.sign(secret, body)}, body)
    while work.run_due():
        pass
    message = answer(cast.accepted(db.session.scalars(db.select(Appeal)).one(), cast.anna()), "1")

    delivering.deliver_due()

    assert states(message) == ["sent"]
    assert db.session.get_one(Message, message.id).account.last_out_at is not None
