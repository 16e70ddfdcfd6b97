"""What has had its term goes in small steps, what is still needed stays, and a crash in the middle loses nothing."""

import datetime as dt
import uuid
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cec.appeals import first_messages
from cec.appeals.first_messages import Wanted
from cec.appeals.models import Appeal, Attachment, Draft, Message
from cec.channels import receiving
from cec.channels.models import Inbound, Visitor
from cec.distribution.models import Assignment
from cec.integrations import events, posting, receivers
from cec.integrations.models import Event
from cec.notifications import telling
from cec.notifications.models import Notification
from cec.platform import audit, journal, partitions, storage, work
from cec.platform.clock import now
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from cec.retention import erasing, files, purging, steps, terms
from cec.retention.kinds import KINDS
from cec.retention.models import RetentionTerm
from cec.staff.models import Session
from tests import cast, stories

DAY = dt.timedelta(days=1)
purge = partial(purging.purge, rest=lambda _seconds: None)


def a_letter_with_a_file(**headers):
    letter = cast.a_letter("Где мой заказ?", **headers)
    letter.add_attachment(b"receipt", maintype="application", subtype="octet-stream", filename="receipt.bin")
    return letter


@pytest.fixture
def closed(db):
    """Anna has closed one appeal with a file, and works at another one."""
    cast.a_centre()
    db.session.commit()
    message = cast.arrives(a_letter_with_a_file())
    appeal = cast.accepted(db.session.get_one(Appeal, message.appeal_id), cast.anna())
    stories.answer(appeal, cast.anna())
    return stories.close(appeal, cast.anna())


@pytest.fixture
def still_open(closed):
    message = cast.arrives(a_letter_with_a_file(subject="Второй", sender="ivanov@client.example"))
    return cast.accepted(database.session.get_one(Appeal, message.appeal_id), cast.anna())


def words_of(appeal):
    database.session.expire_all()
    found = database.session.scalars(database.select(Message).filter_by(appeal_id=appeal.id).order_by(Message.id))
    return [message.text.strip() for message in found]


def kept_files():
    return sorted(path.name for path in storage.folder().rglob("*") if path.is_file())


def everything_due():
    purge()
    work.run_due()
    database.session.expire_all()


def test_words_go_after_their_term_and_what_is_open_is_never_touched(closed, still_open, clock):
    clock.forward(1094 * DAY)
    everything_due()
    assert words_of(closed) == ["Где мой заказ?", "Здравствуйте! Заказ у курьера."]

    clock.forward(2 * DAY)
    everything_due()
    clock.forward(files.GRACE + dt.timedelta(seconds=2))
    work.run_due()

    assert words_of(closed) == ["", ""]
    assert cast.reread(closed).subject == ""
    assert cast.reread(closed).closed_at is not None
    assert words_of(still_open) == ["Где мой заказ?"]
    assert cast.reread(still_open).subject == "Второй"
    inbound = database.session.scalars(database.select(Inbound).order_by(Inbound.id)).all()
    assert [bool(each.raw) for each in inbound] == [False, True]
    # The same bytes are named by the open appeal too; the letter as it came was of the closed one alone.
    names = set(database.session.scalars(database.select(Attachment.sha256))) | {inbound[1].raw}
    assert kept_files() == sorted(names)


def test_a_file_goes_with_the_last_row_that_names_it_and_its_message_says_that_there_was_one(closed, clock):
    sha256 = database.session.scalars(database.select(Attachment.sha256)).one()

    clock.forward(366 * DAY)
    everything_due()
    assert sha256 in kept_files()
    clock.forward(files.GRACE + dt.timedelta(seconds=2))
    work.run_due()

    assert kept_files() == []
    first = database.session.scalars(database.select(Message).order_by(Message.id)).first()
    assert first.headers["removed_files"] == 1
    assert words_of(closed)[0] == "Где мой заказ?"


def test_whoever_keeps_the_same_bytes_in_between_keeps_the_file(closed, clock):
    clock.forward(366 * DAY)
    everything_due()
    clock.forward(files.GRACE)
    storage.put(b"receipt")  # its row is not committed yet
    clock.forward(dt.timedelta(seconds=2))

    work.run_due()

    assert len(kept_files()) == 1


def test_a_letter_in_quarantine_waits_for_a_person_and_a_discarded_one_cannot_come_back(db, clock):
    cast.a_centre()
    with unit_of_work():
        waits, gone = (
            receiving.get(receiving.receive(cast.a_mailbox(), f"<{n}@x>", b"\xff broken", {"mail_from": "x@y.example"}))
            for n in (1, 2)
        )
        for each in (waits, gone):
            receiving.quarantine(each, "The mail has too many parts.")
        receiving.discard(gone.id, by="system")

    clock.forward(91 * DAY)
    everything_due()

    assert receiving.raw(receiving.get(waits.id)) == b"\xff broken"
    assert receiving.get(gone.id).envelope == {}
    with pytest.raises(receiving.NoLongerKept), unit_of_work():
        receiving.put_back(gone.id, by="system")


def test_each_kind_goes_by_its_own_term(closed, db, clock):
    receivers.create(name="CRM", url="https://crm.example/", kinds=receivers.KINDS, by="system")
    db.session.commit()
    events.gather()
    cast.an_appeal(subject="Третий")
    events.gather()
    with unit_of_work():
        telling.tell(cast.anna().id, "client_wrote", closed.id)
        audit.opened("appeal:1", by=cast.vera().key)
        db.session.add(Session(token_sha256="x", employee_id=cast.vera().id, ended_at=now()))
        seen = dict.fromkeys(("created_at", "seen_at", "left_at", "paced_until"), now())
        told = dict.fromkeys(("name", "email", "phone", "page", "title", "came_from"), "x")
        db.session.add(Visitor(channel_account_id=cast.a_mailbox().id, key="k", **seen, **told))
        begun, planned = (Wanted(uuid.uuid4(), closed.queue_id, words) for words in ("Начато", "Решено"))
        first_messages.keep(begun, by=cast.anna())
        at = now() + 2000 * DAY
        first_messages.plan(planned, at=at, by=cast.anna(), known=None, confirmed=False)
    tables = {"events": Event, "notices": Notification, "sessions": Session, "visitors": Visitor}
    tables["audit"] = audit.AuditEntry
    left = {}

    for days in (15, 31, 366, 1096):
        clock.to(closed.closed_at + days * DAY)
        everything_due()
        left[days] = {name for name, table in tables.items() if db.session.scalars(db.select(table)).first()}
        left[days] |= {f"first: {draft.text}" for draft in db.session.scalars(db.select(Draft))}
        left[days] |= {"decisions"} if any(db.session.scalars(db.select(Assignment.why))) else set()

    planned = "first: Решено"
    assert left[15] == {"notices", "sessions", "visitors", "audit", "decisions", "first: Начато", planned}
    assert left[31] == {"sessions", "visitors", "audit", planned}
    assert left[366] == {"audit", planned}
    assert left[1096] == {planned}
    assert posting.post_due() == 0


def test_a_month_of_the_journal_goes_whole_unless_an_appeal_of_it_is_still_open(closed, still_open, db, clock):
    with unit_of_work():
        partitions.prepare()
    facts = "select count(*) from journal where at < '2026-12-01'"

    clock.forward(1870 * DAY)
    everything_due()
    assert db.session.scalar(text(facts)) > 0

    stories.close(still_open, cast.anna())
    clock.forward(purging.EVERY)
    everything_due()

    assert db.session.scalar(text(facts)) == 0
    assert journal.history(still_open.key) != []


def test_what_was_erased_and_opened_again_is_erased_again_after_it_has_ended_anew(closed, db, clock):
    clock.forward(1096 * DAY)
    everything_due()
    clock.forward(DAY)
    db.session.execute(text("update message set text = 'Снова'"))
    with unit_of_work():
        db.session.get_one(Appeal, closed.id).closed_at = now()

    everything_due()
    assert words_of(closed) == ["Снова", "Снова"]

    clock.forward(1096 * DAY)
    everything_due()
    assert words_of(closed) == ["", ""]


def test_steps_are_small_and_what_one_died_in_the_next_one_does(db, clock, monkeypatch):
    cast.a_centre()
    for number in range(5):
        stories.close(cast.accepted(cast.an_appeal(subject=f"№ {number}"), cast.anna()), cast.anna())
        clock.forward(dt.timedelta(minutes=1))
    clock.forward(1096 * DAY)
    erase, done = erasing.erase, []

    def dies_in_the_third(appeals, **more):
        if len(done) == 2:
            raise DBAPIError("killed", None, OSError())
        done.append(list(appeals))
        return erase(appeals, **more)

    monkeypatch.setattr(erasing, "erase", dies_in_the_third)
    with pytest.raises(DBAPIError):
        for _minute in range(len(KINDS)):
            purge(batch=10)
            clock.forward(dt.timedelta(minutes=1))
    assert [len(each) for each in done] == [1, 1]
    assert steps.APPEALS[1](terms.before(1095)) == 3

    monkeypatch.setattr(erasing, "erase", erase)
    purge(batch=10)
    assert steps.APPEALS[1](terms.before(1095)) == 0


def test_what_somebody_holds_is_left_for_the_next_look_and_nobody_waits(closed, db, clock, at_once):
    clock.forward(1096 * DAY)
    with unit_of_work():
        db.session.execute(text("select 1 from appeal where id = :id for update"), {"id": closed.id})
        assert at_once(purge) != [TimeoutError]
        assert words_of(closed)[0] == "Где мой заказ?"

    clock.forward(purging.EVERY)
    everything_due()
    assert words_of(closed)[0] == ""


def test_each_look_is_noted_with_what_went_that_day(closed, db, clock):
    clock.forward(1096 * DAY)
    everything_due()
    clock.forward(dt.timedelta(hours=1))
    everything_due()

    term = db.session.get_one(RetentionTerm, "messages")
    assert (term.removed, term.looked_at, term.days) == (1, now(), 1095)
    assert term.removed_at == now() - dt.timedelta(hours=1)


def test_shelves_are_tidied_of_what_nothing_names(closed, clock):
    upload = storage.put(b"never sent")
    named = set(kept_files()) - {upload}

    clock.forward(files.UNNAMED + dt.timedelta(seconds=1))
    gone = sum(files.tidy(shelf) for shelf in range(files.SHELVES))

    assert gone == 1
    assert set(kept_files()) == named
