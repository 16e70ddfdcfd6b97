"""The directory of automatic answers (guide 5.6): what they answer to, where, in which words."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from cec.platform import changes, journal
from cec.platform.db import db, rows
from cec.platform.errors import Invalid, NotFound, Refusal
from cec.platform.i18n import mark
from cec.queues.models import Calendar, Queue
from cec.replies import filling_in
from cec.replies.models import AutoReply

LONGEST_NAME, LONGEST_TEXT = 100, 4000
# What became of one: both stand at the answer itself, the second also at the appeal.
SENT, WITHHELD = "auto_reply.sent", "auto_reply.withheld"
TOLD = 20


class Event(StrEnum):
    """What can be answered automatically."""

    ARRIVED = "arrived"
    OUT_OF_HOURS = "out_of_hours"
    ACCEPTED = "accepted"
    CLOSED = "closed"


EVENTS = {
    Event.ARRIVED: mark("A new appeal came in"),
    Event.OUT_OF_HOURS: mark("A new appeal came in outside working hours"),
    Event.ACCEPTED: mark("An operator took it"),
    Event.CLOSED: mark("It was closed"),
}


class AutoReplyNameUnfit(Invalid):
    """Give the automatic answer a name of at most 100 characters."""

    field = "name"


class AutoReplyTextUnfit(Invalid):
    """Write what the client is to read: at most {limit} characters."""

    field = "text"


class NoSuchEvent(Invalid):
    """Choose from the list what is answered."""

    field = "event"


class NoSuchQueue(Invalid):
    """Choose a queue from the list."""

    field = "queue_id"


class NoSuchCalendar(Invalid):
    """Choose a calendar from the list."""

    field = "calendar_id"


class CalendarKept(Refusal):
    """The automatic answer “{name}” keeps this calendar: give it another one first."""


@dataclass(frozen=True)
class Wanted:
    """An automatic answer as a form describes it."""

    name: str
    event: str
    text: str
    channel: str = ""
    queue_id: int | None = None
    calendar_id: int | None = None
    is_active: bool = True


class Candidate(NamedTuple):
    """One that may answer in a channel and a queue."""

    id: int
    event: str
    calendar_id: int | None


def list_all() -> list[AutoReply]:
    """List them: those in use first, by name."""
    return list(db.session.scalars(db.select(AutoReply).order_by(AutoReply.is_active.desc(), AutoReply.name)))


def get(reply_id: int) -> AutoReply:
    """Get an automatic answer.

    :raises NotFound: when there is none.
    """
    reply = db.session.get(AutoReply, reply_id)
    if reply is None:
        raise NotFound
    return reply


# Asked for every appeal that comes in: what is for its queue and its channel goes before what is for all.
_CANDIDATES = """
    SELECT id, event, calendar_id FROM auto_reply
    WHERE is_active AND event = ANY(%(events)s) AND channel IN ('', %(channel)s)
      AND (queue_id IS NULL OR queue_id = %(queue)s)
    ORDER BY array_position(%(events)s, event), queue_id IS NULL, channel = '', id"""


def candidates(events: Sequence[Event], *, channel: str, queue_id: int | None) -> list[Candidate]:
    """List what may answer one of some events, the first choice first: in the order of the events."""
    asked = [event.value for event in events]
    return [Candidate(*row) for row in rows(_CANDIDATES, events=asked, channel=channel, queue=queue_id)]


def is_any(event: Event) -> bool:
    """Tell whether anything in use answers an event."""
    return bool(rows("SELECT 1 FROM auto_reply WHERE is_active AND event = %(event)s LIMIT 1", event=event.value))


def values(reply: AutoReply) -> dict[str, Any]:
    """Give what the directory says of it, to compare and to write down."""
    return {name: getattr(reply, name) for name in Wanted.__dataclass_fields__}


def create(wanted: Wanted, *, by: str) -> AutoReply:
    """Add an automatic answer.

    :raises Invalid: at the field that is wrong.
    """
    reply = AutoReply(**_checked(wanted))
    db.session.add(reply)
    db.session.flush()
    _record(reply, {}, by)
    return reply


def change(reply: AutoReply, wanted: Wanted, *, by: str, seen: str = "") -> None:
    """Change an automatic answer, or take it out of use.

    :raises Invalid: at the field that is wrong.
    :raises ChangedMeanwhile: when it is not any more as the person saw it.
    """
    db.session.refresh(reply, with_for_update=True)
    before = values(reply)
    changes.check(before, seen)
    for name, value in _checked(wanted).items():
        setattr(reply, name, value)
    db.session.flush()
    _record(reply, before, by)


def told(reply: AutoReply) -> list[journal.Entry]:
    """Read what became of it lately, the newest first: sent, or why not."""
    return journal.history(reply.key, names=[SENT, WITHHELD], limit=TOLD)[::-1]


@journal.on("calendar.changed")
def _keep_calendar(entry: journal.Entry) -> None:
    """Refuse to remove a calendar by which something answers."""
    if not entry.facts.get("removed"):
        return
    kept = db.select(AutoReply.name).where(AutoReply.calendar_id == int(entry.subject.partition(":")[2]))
    name = db.session.scalar(kept.order_by(AutoReply.id).limit(1))
    if name is not None:
        raise CalendarKept(name=name)


def _record(reply: AutoReply, before: Mapping[str, Any], by: str) -> None:
    changed = changes.difference(before, values(reply))
    if changed:
        journal.record("auto_reply.changed", reply.key, by=by, changed=changed)


def _checked(wanted: Wanted) -> dict[str, Any]:
    name, text = " ".join(wanted.name.split()), wanted.text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise AutoReplyNameUnfit
    if wanted.event not in set(Event):
        raise NoSuchEvent
    if wanted.queue_id is not None and db.session.get(Queue, wanted.queue_id) is None:
        raise NoSuchQueue
    by_hours = wanted.event == Event.OUT_OF_HOURS
    if by_hours and wanted.calendar_id is not None and db.session.get(Calendar, wanted.calendar_id) is None:
        raise NoSuchCalendar
    if not 0 < len(text) <= LONGEST_TEXT:
        raise AutoReplyTextUnfit(limit=LONGEST_TEXT)
    filling_in.read(text)
    return {**asdict(wanted), "name": name, "text": text, "calendar_id": wanted.calendar_id if by_hours else None}
