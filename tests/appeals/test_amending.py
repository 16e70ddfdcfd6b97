"""What clients do to their messages afterwards, and what providers tell of ours: in whatever order it comes."""

import datetime as dt

import cast
import orjson
import pytest

from cec.appeals import reading, receipts
from cec.appeals.models import Appeal, Message, MessageState
from cec.channels import channel as channels
from cec.channels import webhooks
from cec.channels.models import Inbound
from cec.platform import signatures, work
from cec.platform.db import unit_of_work
from cec.web.operator import marks

PETER = {"id": "42", "name": "Пётр"}


@pytest.fixture
def app_channel(db):
    cast.a_centre()
    account, secret = cast.an_api_channel()
    db.session.commit()
    return account, secret


@pytest.fixture
def happens(app_channel):
    """Give a function that lets an event come in at the webhook door and be taken in."""

    def happen(**told):
        body = orjson.dumps({"sender": PETER, **told})
        with unit_of_work():
            webhooks.take("app", {signatures.HEADER: signatures.sign(app_channel[1], body)}, body)
        while work.run_due():
            pass

    return happen


def only_message(db):
    db.session.expire_all()
    return db.session.scalars(db.select(Message)).one()


def test_a_changed_message_keeps_what_it_said_before(happens, db):
    happens(external_id="1", text="Заказ 17")
    happens(kind="edit", external_id="1", text="Заказ 71")
    happens(kind="edit", external_id="1", text="Заказ 71")

    message = only_message(db)
    assert message.text == "Заказ 71"
    assert [each["text"] for each in message.headers["was"]] == ["Заказ 17"]
    assert cast.story(message.appeal.key).count("message.edited") == 1


def test_a_message_taken_back_stays_and_says_so(happens, db):
    happens(external_id="1", text="Заказ 17")
    happens(kind="delete", external_id="1")

    message = only_message(db)
    assert message.text == "Заказ 17"
    assert message.headers["deleted_at"]


def test_a_sign_is_put_and_taken_away(happens, db):
    happens(external_id="1", text="Заказ 17")
    happens(kind="reaction", external_id="1", text="👍")
    assert only_message(db).headers["signs"] == {"app/42": "👍"}

    happens(kind="reaction", external_id="1", text="")
    assert only_message(db).headers["signs"] == {}


def test_a_sign_to_our_own_answer_is_shown_at_it(happens, db):
    happens(external_id="1", text="Заказ 17")
    appeal = db.session.scalars(db.select(Appeal)).one()
    message = Message(
        appeal_id=appeal.id, direction="out", state=MessageState.SENT, channel_account_id=appeal.channel_account_id,
        provider_event_id="m1", text="Едет",
    )  # fmt: skip
    db.session.add(message)
    db.session.commit()

    happens(kind="reaction", external_id="m1", text="👍")

    assert "👍" in marks.drawn(reading.messages(cast.reread(appeal))[-1])


def test_a_change_that_comes_before_its_message_waits_for_it(happens, db, clock):
    happens(kind="edit", event_id="e1", external_id="1", text="Заказ 71")
    assert db.session.scalars(db.select(Inbound.state)).all() == ["new"]

    happens(external_id="1", text="Заказ 17")
    clock.forward(dt.timedelta(seconds=10))
    while work.run_due():
        pass

    assert only_message(db).text == "Заказ 71"


def test_a_change_whose_message_never_comes_is_told_after_an_hour(happens, db, clock):
    happens(kind="delete", event_id="e1", external_id="none")
    for _ in range(20):
        clock.forward(dt.timedelta(minutes=30))
        while work.run_due():
            pass

    inbound = db.session.scalars(db.select(Inbound)).one()
    assert (inbound.state, inbound.reason) == (
        "quarantined", "It is about a message that the centre does not have.",
    )  # fmt: skip


def test_typing_is_shown_and_kept_nowhere(happens, db):
    happens(external_id="1", text="Заказ 17")
    happens(kind="typing")

    assert db.session.query(Message).count() == 1


def test_who_writes_again_goes_on_in_his_appeal_and_another_conversation_is_another_one(happens, db):
    happens(external_id="1", text="Заказ 17")
    happens(external_id="2", text="Где он?")
    happens(external_id="3", text="И счёт", conversation_id="bills")
    happens(external_id="4", text="Счёт!", conversation_id="bills", sender={"id": "43"})

    assert [appeal.conversation for appeal in db.session.scalars(db.select(Appeal).order_by(Appeal.id))] == [
        None, "bills",
    ]  # fmt: skip


def test_six_messages_of_a_chatterer_are_one_appeal(happens, db):
    for number in range(7):
        happens(external_id=str(number), text="и ещё")

    assert db.session.query(Appeal).count() == 1


ORDERS = [
    (["delivered", "read"], "read"),
    (["read", "delivered"], "read"),
    (["read", "failed"], "read"),
    (["delivered", "sent"], "delivered"),
    (["failed", "delivered"], "delivered"),
    (["nonsense"], "sent"),
]


@pytest.mark.parametrize(("told", "state"), ORDERS)
def test_states_only_move_forward(happens, db, told, state):
    happens(external_id="1", text="Заказ 17")
    appeal = db.session.scalars(db.select(Appeal)).one()
    message = Message(
        appeal_id=appeal.id, direction="out", state=MessageState.SENT, channel_account_id=appeal.channel_account_id,
        provider_event_id="m1", text="Едет",
    )  # fmt: skip
    db.session.add(message)
    db.session.commit()

    for number, each in enumerate(told):
        happens(kind="status", event_id=f"s{number}", message_id="m1", state=each)

    assert cast.reread_message(message).state == state


def test_every_state_on_the_way_has_its_step():
    on_the_way = set(MessageState) - {MessageState.RECEIVED, MessageState.CANCELLED, MessageState.KEPT}

    assert set(receipts.STEPS) == on_the_way


def test_names_of_channels_are_folders():
    for name in ("../api", "api.schema", "nothing"):
        with pytest.raises(channels.NoSuchChannel):
            channels.get(name)
