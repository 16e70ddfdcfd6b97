"""Events on their way: signed, in order for each appeal, tried for a day, then told to the administrators."""

import datetime as dt

import cast
import pytest

from cec.integrations import events, posting, receivers
from cec.integrations.models import Event, Receiver
from cec.notifications.models import Notification
from cec.platform import signatures
from cec.platform.clock import now
from cec.platform.db import unit_of_work


def tried_for(clock, length, step=dt.timedelta(minutes=10)):
    """Let time pass, and what is due be posted."""
    for _ in range(int(length / step)):
        clock.forward(step)
        posting.post_due()


def test_an_event_is_signed_and_has_one_id_at_every_try(told, passes, program, clock):
    _receiver, secret = told("message.created")
    program.answers = [500]
    cast.an_appeal()
    passes()

    clock.forward(dt.timedelta(seconds=5))
    posting.post_due()

    first, again = program.headers
    assert first["x-cec-event-id"] == again["x-cec-event-id"] == program.heard[0]["id"]
    assert first["x-cec-event"] == "message.created"
    assert signatures.fits(secret, again["x-cec-signature"], again["raw"])
    assert program.heard[0] == program.heard[1]


def test_an_event_that_is_stuck_holds_up_its_own_appeal_only(told, passes, program, clock, db):
    told("appeal.status")
    program.answers = [500]
    cast.an_appeal("Первое")
    cast.an_appeal("Второе")

    heard = passes()
    assert [(each["appeal"]["id"], each["seq"]) for each in heard] == [(1, 1), (2, 1), (2, 2)]

    clock.forward(dt.timedelta(seconds=5))
    posting.post_due()
    assert [(each["appeal"]["id"], each["seq"]) for each in program.heard[3:]] == [(1, 1), (1, 2)]


@pytest.mark.parametrize("answer", [500, 302, 404, 0])
def test_whatever_is_no_success_is_tried_again_with_doubled_pauses(told, passes, program, clock, db, answer):
    told("message.created")
    program.answers = [answer] * 3
    cast.an_appeal()
    passes()

    pauses = []
    while len(program.headers) < 4:
        event = db.session.scalars(db.select(Event)).one()
        pauses.append(round((event.due_at - now()).total_seconds()))
        clock.forward(dt.timedelta(seconds=pauses[-1]))
        posting.post_due()
        db.session.expire_all()

    assert pauses == [5, 10, 20]
    assert db.session.scalars(db.select(Event.state)).one() == "delivered"


def test_after_a_day_it_gives_up_and_tells_then_all_that_waited_goes_out_in_order(told, passes, program, clock, db):
    vera = cast.vera()
    receiver, _secret = told("appeal.status")
    program.answers = [503] * 1000
    cast.an_appeal("Первое")
    passes()
    tried_for(clock, dt.timedelta(hours=25))
    db.session.expire_all()
    stopped = db.session.get_one(Receiver, receiver.id)
    assert stopped.gave_up_because.startswith("503")
    (notice,) = db.session.scalars(db.select(Notification).where(Notification.employee_id == vera.id)).all()
    assert (notice.what, notice.standing) == ("receiver_gave_up", True)
    tries = len(program.headers)
    cast.an_appeal("Второе")
    passes()
    tried_for(clock, dt.timedelta(hours=1))
    assert len(program.headers) == tries

    program.answers = []
    with unit_of_work():
        receivers.resume(db.session.get_one(Receiver, receiver.id), by=vera.key)

    heard = passes()
    assert [(each["appeal"]["id"], each["seq"]) for each in heard] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert db.session.get_one(Notification, notice.id, populate_existing=True).dealt_at is not None


def test_one_event_is_sent_again_with_its_id(told, passes, program, db):
    told("message.created")
    cast.an_appeal()
    (first,) = passes()

    with unit_of_work():
        receivers.send_again(db.session.scalars(db.select(Event.id)).one(), by="system")

    assert passes() == [first]
    with pytest.raises(receivers.NothingToSendAgain), unit_of_work():
        event = db.session.scalars(db.select(Event)).one()
        event.state = "waiting"
        db.session.flush()
        receivers.send_again(event.id, by="system")


def test_a_worker_that_died_in_the_middle_is_stood_in_for(told, passes, program, clock, db):
    told("message.created")
    cast.an_appeal()
    events.gather()
    event = db.session.scalars(db.select(Event)).one()
    event.state, event.due_at = "sending", now() + posting.LEASE
    db.session.commit()

    assert posting.post_due() == 0
    clock.forward(posting.LEASE)
    assert posting.post_due() == 1


def test_our_own_network_is_told_nothing_unless_the_installation_says_so(told, db, app, monkeypatch):
    told("message.created", name="Metadata", url="http://169.254.169.254/")
    cast.an_appeal()
    events.gather()

    posting.post_due()

    event = db.session.scalars(db.select(Event)).one()
    assert (event.state, event.answer) == ("waiting", posting.NOT_THERE)
