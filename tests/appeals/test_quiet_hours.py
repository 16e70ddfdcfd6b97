"""Guide 3.2.6: in the quiet hours of an account no first message goes out; answers do."""

import datetime as dt

import orjson
import pytest

from cec.appeals import delivering, first_messages, outgoing, planning, sparing, ways
from cec.appeals.first_messages import FirstMessage, Wanted
from cec.appeals.models import Appeal, Message
from cec.platform import clock as centre_clock
from cec.platform import signatures, work
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from tests import cast
from tests.stories import answer, close
from tests.visitor import everything_is_done

HOUR = dt.timedelta(hours=1)
NIGHT = {"from": "22:00", "to": "09:00", "zone": "Europe/Moscow"}
SIDOROV = "sidorov@client.example"


@pytest.fixture(autouse=True)
def _centre(centre):
    """Everything that an appeal meets; it is 12:00 in Moscow."""


def quiet(account=None, hours=NIGHT):
    with unit_of_work():
        account = account or cast.a_mailbox()
        account.config = {**account.config, "quiet": hours}


def wanted(**more):
    facts = {"queue_id": cast.a_queue().id, "text": "Скидки!", "subject": "Скидки", "email": SIDOROV}
    return Wanted(**{"name": cast.a_uuid(), **facts, **more})


def begun(message=None, known=None):
    with unit_of_work():
        return outgoing.begin(message or wanted(), by=cast.anna(), known=known)


def planned(message=None, *, in_hours):
    with unit_of_work():
        return planning.plan(message or wanted(), at=centre_clock.now() + in_hours * HOUR, by=cast.anna())


def passes(clock, hours):
    clock.forward(hours * HOUR + dt.timedelta(seconds=1))
    work.run_due()
    database.session.expire_all()


def outgoing_ones():
    return list(database.session.scalars(database.select(Appeal).where(Appeal.direction == "out")))


def test_at_night_it_is_not_sent_and_planned_for_the_morning_it_is(clock):
    quiet()
    assert begun(wanted(email="day@client.example")).direction == "out", "by day it is sent"
    clock.forward(11 * HOUR)

    with pytest.raises(sparing.QuietNow, match=r"24 ноября 2026, 09:00") as refused:
        begun()
    message = wanted()
    with unit_of_work():
        planning.plan(message, at=refused.value.moment_on, by=cast.anna())
    passes(clock, 10)

    assert {each.address.value for each in outgoing_ones()} == {"day@client.example", SIDOROV}


def test_a_moment_at_night_is_refused_at_its_field_with_the_earliest_one():
    quiet()

    with pytest.raises(sparing.QuietThen, match=r"24 ноября 2026, 09:00") as refused:
        planned(in_hours=12)

    assert refused.value.field == "at"
    assert first_messages.list_of(cast.anna()) == []
    planned(in_hours=21)


def test_what_was_planned_before_there_were_quiet_hours_waits_for_their_end(clock):
    planned(in_hours=11)
    quiet()

    passes(clock, 11)
    (held,) = first_messages.list_of(cast.anna())
    assert (outgoing_ones(), held.refusal) == ([], None)
    assert held.due_at - held.held_from == 10 * HOUR
    assert "first_message.held_back" in cast.story(held.key)

    passes(clock, 10)
    assert len(outgoing_ones()) == 1
    assert database.session.scalars(database.select(FirstMessage)).all() == []


def test_what_waits_for_the_morning_is_cancelled_or_planned_anew(clock):
    message = wanted()
    planned(message, in_hours=11)
    quiet()
    passes(clock, 11)

    planned(message, in_hours=15)
    (first,) = first_messages.list_of(cast.anna())
    assert first.held_from is None
    passes(clock, 10)
    assert outgoing_ones() == []
    with unit_of_work():
        first_messages.cancel(message.name, by=cast.anna())
    passes(clock, 6)

    assert outgoing_ones() == []


def test_answers_go_out_at_night(clock):
    quiet()
    clock.forward(11 * HOUR)
    appeal = cast.accepted(cast.an_appeal(), cast.anna())

    assert answer(appeal, cast.anna()).state == "queued"


HELLO = {"external_id": "1", "conversation_id": "chat-7", "sender": {"id": "79001234567", "name": "Зоя"}, "text": "?"}


@pytest.fixture
def sms(client, program):
    """Zoya has written by the gateway of the shop, whose program takes answers; what she asked is closed."""
    account, secret = cast.an_api_channel("sms", url=program.url)
    database.session.commit()

    def zoya_writes(**more):
        body = orjson.dumps({**HELLO, **more})
        headers = {"X-CEC-Signature": signatures.sign(secret, body)}
        assert client.post("/api/v1/channels/sms/messages", data=body, headers=headers).status_code == 202
        everything_is_done()
        return database.session.scalars(database.select(Message).order_by(Message.id.desc())).first().appeal

    appeal = cast.accepted(zoya_writes(), cast.anna())
    answer(appeal, cast.anna())
    return account, close(appeal, cast.anna()), zoya_writes


def test_by_a_gateway_zoya_is_written_to_first_by_day_only_and_answers_there(sms, program, clock):
    account, past, zoya_writes = sms
    quiet(account)
    (way,) = [way.name for way in ways.list_of(cast.reread(past))]
    message = {"email": "", "way": way, "subject": ""}

    appeal = begun(wanted(**message), known=cast.reread(past))
    clock.forward(dt.timedelta(seconds=6))
    while delivering.deliver_due():
        pass
    told = program.heard[-1]
    assert (told["text"], told["recipient"], told["conversation_id"]) == ("Скидки!", {"id": "79001234567"}, "chat-7")
    assert zoya_writes(external_id="2", text="Спасибо").id == appeal.id, "it goes on where she was written to"
    close(appeal, cast.anna())

    clock.forward(11 * HOUR)
    with pytest.raises(sparing.QuietNow):
        begun(wanted(**message), known=cast.reread(past))


def test_whom_the_gateway_tells_that_he_wants_none_is_not_written_to(sms):
    _account, past, zoya_writes = sms
    (way,) = [way.name for way in ways.list_of(cast.reread(past))]

    assert zoya_writes(external_id="3", text="стоп").id == past.id

    assert cast.reread(past).status == "closed"
    with pytest.raises(sparing.OptedOut) as refused:
        begun(wanted(email="", way=way, subject=""), known=cast.reread(past))
    assert refused.value.field == "way"
