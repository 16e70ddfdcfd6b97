"""A first message before its appeal is there: written with its files, kept, planned, or given up (guide 3.2.6)."""

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import ForeignKey
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from cec.appeals import conversation, drafts
from cec.appeals.letters import Letter
from cec.appeals.models import Appeal, Draft
from cec.appeals.ways import MAIL
from cec.clients import addresses
from cec.clients.models import Address
from cec.platform import clock, journal
from cec.platform.db import Table, created, db, identity, moment
from cec.platform.errors import NotFound
from cec.staff.models import Employee

PLANNED = "first_message.planned"
CANCELLED = "first_message.cancelled"
REFUSED = "first_message.refused"
HELD = "first_message.held_back"
BEGUN = "first_message.begun"
LONGEST_SUBJECT = 300
# What becomes of its appeal if the client does not answer: as the form of waiting says it.
ON_SILENCE = ("close", "me", "queue")


class FirstMessage(Table):
    """A first message that is being written, or waits for its moment; words and files are in its draft."""

    id: Mapped[int] = identity()
    # The browser's name of it, which its message gets: a repeated request is one appeal.
    name: Mapped[uuid.UUID] = mapped_column(unique=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    # The appeal by which its client is known, if he was chosen so.
    of_id: Mapped[int | None] = mapped_column(ForeignKey("appeal.id"))
    # Whom it goes to: one of the ways to a known client, else a mail address as typed; and its row, if it has one.
    way: Mapped[str]
    email: Mapped[str]
    address_id: Mapped[int | None] = mapped_column(ForeignKey("address.id"))
    queue_id: Mapped[int | None] = mapped_column(ForeignKey("queue.id"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    subject: Mapped[str]
    on_silence: Mapped[str]
    # Whether its author wants it sent although something speaks against it.
    is_confirmed: Mapped[bool]
    # Whether it is about an order or an open matter: that goes also to who does not want to be written to first.
    is_service: Mapped[bool]
    # When it leaves; none: it is being written.
    due_at: Mapped[dt.datetime | None] = moment(optional=True)
    # When it was to leave, if quiet hours hold it back until it is due.
    held_from: Mapped[dt.datetime | None] = moment(optional=True)
    # Why it did not leave at its moment, in its author's language.
    refusal: Mapped[str | None]
    saved_at: Mapped[dt.datetime] = created()

    employee: Mapped[Employee] = relationship()
    known: Mapped[Appeal | None] = relationship()
    address: Mapped[Address | None] = relationship()
    draft: Mapped[Draft] = relationship(uselist=False, viewonly=True)

    @property
    def key(self) -> str:
        """Name it in the journal."""
        return f"first_message:{self.id}"

    @property
    def recipient(self) -> str:
        """Name whom it goes to; empty while nobody is chosen."""
        if self.email:
            return self.email
        if self.known and self.known.client:
            return self.known.client.name
        address = self.address or (self.known.address if self.known else None)
        return address.display or address.value if address else ""


@dataclass(frozen=True)
class Wanted:
    """A first message as its form describes it; `name` is the browser's, so that a repeated request is one appeal."""

    name: uuid.UUID
    queue_id: int
    text: str = ""
    html: str | None = None
    subject: str = ""
    # One of the ways to a client who is known, else a mail address that was typed.
    way: str = ""
    email: str = ""
    topic_id: int | None = None
    on_silence: str = "close"
    # About an order or an open matter, not advertising.
    is_service: bool = False
    templates: tuple[int, ...] = ()

    @property
    def letter(self) -> Letter:
        """Give what is written."""
        return Letter(self.text, self.html, templates=self.templates)


# Of two requests with the same name the second finds what the first has made.
_IN_TURN = sql("SELECT pg_advisory_xact_lock(hashtext('outgoing'), hashtext(:name))")


def in_turn(name: uuid.UUID) -> None:
    """Deal with one first message at a time, until the transaction ends."""
    db.session.execute(_IN_TURN, {"name": str(name)})


def find(name: uuid.UUID, *, by: Employee) -> FirstMessage | None:
    """Find what a person is writing or has planned under a name.

    :raises NotFound: when it is another person's.
    """
    found = db.session.scalars(db.select(FirstMessage).where(FirstMessage.name == name)).one_or_none()
    if found is not None and found.employee_id != by.id:
        raise NotFound
    return found


def list_of(by: Employee) -> list[FirstMessage]:
    """List what a person has planned and not finished: what leaves first, then what is being written."""
    wanted = (
        db.select(FirstMessage)
        .where(FirstMessage.employee_id == by.id)
        .options(joinedload(FirstMessage.known).joinedload(Appeal.client), joinedload(FirstMessage.address))
        .order_by(FirstMessage.due_at.nulls_last(), FirstMessage.id)
    )
    return list(db.session.scalars(wanted))


def draft_of(name: uuid.UUID, *, by: Employee, known: Appeal | None = None) -> Draft:
    """Give the draft to which files are put, a new one if nothing is kept yet.

    :raises NotFound: when the message has been sent.
    """
    in_turn(name)
    if conversation.find_sent(name, by=by):
        raise NotFound
    return (find(name, by=by) or _add(name, by, known)).draft


def keep(wanted: Wanted, *, by: Employee, known: Appeal | None = None) -> FirstMessage | None:
    """Keep what was typed; None when it has been sent meanwhile. What is planned leaves as it was planned."""
    in_turn(wanted.name)
    if conversation.find_sent(wanted.name, by=by):
        return None
    first = find(wanted.name, by=by) or _add(wanted.name, by, known)
    if first.due_at is None:
        write(first, wanted)
    return first


def plan(wanted: Wanted, *, at: dt.datetime, by: Employee, known: Appeal | None, confirmed: bool) -> FirstMessage:
    """Keep what leaves at a moment."""
    first = find(wanted.name, by=by) or _add(wanted.name, by, known)
    write(first, wanted)
    first.due_at, first.is_confirmed = at, confirmed
    db.session.flush()
    journal.record(PLANNED, first.key, by=by.key, until=at, service=wanted.is_service)
    return first


def write(first: FirstMessage, wanted: Wanted) -> None:
    """Write down what a form says."""
    first.way, first.email = wanted.way, wanted.email.replace("\x00", "").strip()[:LONGEST_SUBJECT]
    first.address_id = _address_of(first)
    first.queue_id, first.topic_id = wanted.queue_id or None, wanted.topic_id
    first.subject = wanted.subject.replace("\x00", "")[:LONGEST_SUBJECT]
    first.on_silence, first.is_service = wanted.on_silence, wanted.is_service
    first.refusal, first.held_from, first.saved_at = None, None, clock.now()
    drafts.fill(first.draft, wanted.letter)
    db.session.flush()


def _address_of(first: FirstMessage) -> int | None:
    if first.email:
        found = addresses.find(MAIL, first.email)
        return found.id if found else None
    number = first.way.rpartition(":")[2]
    return db.session.scalar(db.select(Address.id).where(Address.id == int(number))) if number.isdecimal() else None


def wanted_of(first: FirstMessage) -> Wanted:
    """Give what is kept as its form would say it."""
    draft = first.draft
    return Wanted(
        name=first.name,
        queue_id=first.queue_id or 0,
        text=draft.text,
        html=draft.html,
        subject=first.subject,
        way=first.way,
        email=first.email,
        topic_id=first.topic_id,
        on_silence=first.on_silence,
        is_service=first.is_service,
        templates=tuple(draft.templates),
    )


def hand_over(name: uuid.UUID, appeal: Appeal, *, by: Employee) -> None:
    """Give the files of a first message to the appeal that it begins."""
    first = find(name, by=by)
    if first is None:
        return
    draft = first.draft
    draft.appeal_id, draft.first_message_id = appeal.id, None
    journal.record(BEGUN, first.key, by=by.key, appeal=appeal.number)
    db.session.flush()
    db.session.delete(first)


def cancel(name: uuid.UUID, *, by: Employee) -> None:
    """Let what is planned not leave; it is being written again. What is gone already is no mistake."""
    in_turn(name)
    first = find(name, by=by)
    if first is not None and first.due_at is not None:
        first.due_at, first.held_from, first.saved_at = None, None, clock.now()
        journal.record(CANCELLED, first.key, by=by.key)


def discard(name: uuid.UUID, *, by: Employee) -> None:
    """Give up what was being written, with its files."""
    cancel(name, by=by)
    first = find(name, by=by)
    if first is None:
        return
    if first.refusal:
        journal.record(CANCELLED, first.key, by=by.key)
    for attachment in first.draft.attachments:
        db.session.delete(attachment)
    db.session.flush()
    db.session.delete(first.draft)
    db.session.flush()
    db.session.delete(first)


def _add(name: uuid.UUID, by: Employee, known: Appeal | None) -> FirstMessage:
    first = FirstMessage(
        name=name,
        employee_id=by.id,
        of_id=known.id if known else None,
        way="",
        email="",
        subject="",
        on_silence=ON_SILENCE[0],
        is_confirmed=False,
        is_service=False,
        saved_at=clock.now(),
    )
    db.session.add(first)
    db.session.flush()
    db.session.add(Draft(first_message_id=first.id, employee_id=by.id, version=0, saved_at=clock.now()))
    db.session.flush()
    return first
