"""3.9: Anna lets Petrov wait in her hands; she is warned, Boris is told, then the appeal goes back."""

import datetime as dt

import pytest

from cec.appeals import drafts
from cec.appeals.letters import Letter
from cec.appeals.models import Appeal, Status
from cec.distribution import choosing, queries, unanswered
from cec.distribution.models import Assignment, IdleSpell
from cec.notifications.models import Notification
from cec.platform import journal
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from cec.staff import presence, signing_in
from cec.staff.models import Presence
from tests import cast
from tests.stories import answer

AFTER = dt.timedelta(minutes=10)
S = dt.timedelta(seconds=1)


@pytest.fixture
def appeal(db):
    """Petrov's appeal in Anna's hands; mail is idle after ten minutes; Boris leads her group."""
    cast.a_centre()
    cast.a_queue().idle_minutes = {"email": 10}
    cast.a_group().leader_id = cast.boris().id
    db.session.commit()
    with unit_of_work():
        session, _token = signing_in.sign_in("anna", cast.PASSWORD)
        place = signing_in.workplaces(cast.anna().branch_id)[0]
        signing_in.choose(session, "operator", cast.anna().branch_id, place.id, take_over=True)
    return cast.accepted(cast.an_appeal(), cast.anna())


def she_answers(appeal_id):
    """Anna answers, in a transaction world of her own."""
    return lambda: answer(database.session.get_one(Appeal, appeal_id), cast.anna())


def told(db):
    """Whom the watch has told what, in order."""
    db.session.expire_all()
    found = db.session.scalars(db.select(Notification).where(Notification.what.contains("idle")).order_by("id"))
    names = {cast.anna().id: "anna", cast.boris().id: "boris"}
    return [(names[row.employee_id], row.what) for row in found]


def spells(db):
    db.session.expire_all()
    return [(row.level, row.ended_at is not None) for row in db.session.scalars(db.select(IdleSpell).order_by("id"))]


def passes(clock, span):
    clock.forward(span)
    return unanswered.look()


WARNED, TOLD, WENT_BACK = ("anna", "idle_in_hand"), ("boris", "idle_in_hands_of"), ("anna", "returned_idle")


def test_she_is_warned_then_boris_is_told_then_it_goes_back_to_its_place(appeal, clock, db):
    rank = appeal.rank_at

    assert (passes(clock, AFTER - S), told(db)) == (0, [])
    assert (passes(clock, S), told(db)) == (1, [WARNED])
    assert (unanswered.look(), passes(clock, AFTER - S)) == (0, 0)
    assert (passes(clock, S), told(db)) == (1, [WARNED, TOLD])
    assert spells(db) == [(2, False)]
    assert passes(clock, AFTER) == 1

    assert told(db) == [WARNED, TOLD, WENT_BACK]
    appeal = cast.reread(appeal)
    assert (appeal.status, appeal.operator_id, appeal.rank_at) == (Status.QUEUED, None, rank)
    assert db.session.scalars(db.select(Assignment)).one().release_kind == "returned_idle"
    assert spells(db) == [(3, True)]
    levels = [(fact.name, fact.facts.get("level")) for fact in journal.history(appeal.key)[-3:]]
    assert levels == [("appeal.idle", 1), ("appeal.idle", 2), ("appeal.returned", None)]


def test_it_does_not_ring_at_her_again_at_once(appeal, clock):
    for _ in range(3):
        passes(clock, AFTER)

    choosing.distribute()
    assert not queries.offers(cast.anna())
    clock.forward(61 * S)
    choosing.distribute()

    assert [offer.appeal.id for offer in queries.offers(cast.anna())] == [appeal.id]


def test_who_acts_begins_anew_and_who_answers_is_left_alone(appeal, clock, db):
    passes(clock, AFTER)
    with unit_of_work():
        drafts.save(appeal, by=cast.anna(), letter=Letter("Здравствуйте"), is_note=False)

    assert passes(clock, AFTER - S) == 0
    assert spells(db) == [(1, True)]
    assert passes(clock, S) == 1
    answer(appeal, cast.anna())

    assert passes(clock, 3 * AFTER) == 0
    assert spells(db) == [(1, True), (1, True)]
    assert cast.reread(appeal).status == Status.IN_WORK


def test_a_client_who_writes_again_waits_no_less(appeal, clock, db):
    clock.forward(AFTER - S)
    cast.arrives(cast.a_letter("Ау?", In_Reply_To=f"<{appeal.number}>", subject=f"Re: [#{appeal.number}]"))

    assert passes(clock, S) == 1
    assert told(db) == [WARNED]


def test_nobody_loses_an_appeal_of_which_he_was_not_warned(appeal, clock, db):
    """The worker was away for a day."""
    assert passes(clock, dt.timedelta(days=1)) == 1
    assert (unanswered.look(), told(db)) == (0, [WARNED])

    passes(clock, AFTER)
    assert (passes(clock, AFTER - S), cast.reread(appeal).status) == (0, Status.IN_WORK)


def off(db):
    cast.a_queue().idle_minutes = {"webchat": 3}


def on_a_break(db):
    presence.set_status(cast.anna(), Presence.BREAK, by=cast.anna().key, source="self")


def gone_home(db):
    db.session.execute(db.text("UPDATE session SET ended_at = started_at"))


@pytest.mark.parametrize("change", [off, on_a_break, gone_home])
def test_who_is_not_at_work_is_not_watched_nor_a_channel_for_which_it_is_off(appeal, clock, db, change):
    passes(clock, AFTER)
    with unit_of_work():
        change(db)

    assert passes(clock, 3 * AFTER) == 0
    assert spells(db) == [(1, True)]


def test_at_the_very_moment_of_the_return_either_her_answer_goes_out_or_the_appeal_goes_back(
    appeal, clock, db, at_once
):
    for _ in range(2):
        passes(clock, AFTER)
    clock.forward(AFTER)

    went_back, answered = at_once(unanswered.look, she_answers(appeal.id))

    is_answered = not isinstance(answered, Exception)
    assert went_back == (0 if is_answered else 1)
    appeal = cast.reread(appeal)
    assert appeal.status == (Status.IN_WORK if is_answered else Status.QUEUED)
    assert (appeal.last_message_id == appeal.last_client_message_id) is not is_answered
    assert spells(db)[0][0] == (2 if is_answered else 3)


def test_an_answer_that_was_quicker_keeps_the_appeal(appeal, clock, db, at_once, monkeypatch):
    for _ in range(2):
        passes(clock, AFTER)
    clock.forward(AFTER)
    locking = unanswered.lifecycle.lock

    def she_was_quicker(appeal_id):
        monkeypatch.setattr(unanswered.lifecycle, "lock", locking)
        at_once(she_answers(appeal_id))
        return locking(appeal_id)

    monkeypatch.setattr(unanswered.lifecycle, "lock", she_was_quicker)

    assert unanswered.look() == 0
    assert cast.reread(appeal).status == Status.IN_WORK
    assert spells(db) == [(2, True)]
