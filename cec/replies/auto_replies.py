"""The directory of automatic answers (guide 5.6): what they answer to, where, in which words."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from cec.clients import segments
from cec.platform import changes, clock, i18n, journal, site
from cec.platform.db import db, rows
from cec.platform.errors import Invalid, NotFound, Refusal
from cec.platform.i18n import mark
from cec.queues.models import Calendar, Queue
from cec.replies import filling_in
from cec.replies.models import AutoReply

LONGEST_NAME, LONGEST_TEXT = 100, 4000
# What became of one: all stand at the answer itself, the second also at the appeal; a test belongs to no appeal.
SENT, WITHHELD, TESTED = "auto_reply.sent", "auto_reply.withheld", "auto_reply.tested"
TOLD = 20
LONGEST_DELAY, LONGEST_WAIT, SHORTEST_WAIT = dt.timedelta(hours=24), dt.timedelta(days=30), dt.timedelta(minutes=1)
# An address gets one within this time.
PAUSE = dt.timedelta(minutes=10)
MOST_TIMES, MOST_A_DAY = 10, 20


class Event(StrEnum):
    """What can be answered automatically."""

    ARRIVED = "arrived"
    OUT_OF_HOURS = "out_of_hours"
    WAITS_LONG = "waits_long"
    ACCEPTED = "accepted"
    TRANSFERRED = "transferred"
    CLIENT_SILENT = "client_silent"
    CLOSED = "closed"
    REOPENED = "reopened"
    FILES_REFUSED = "files_refused"
    WORKS = "works"
    RATING = "rating"


EVENTS = {
    Event.ARRIVED: mark("A new appeal came in"),
    Event.OUT_OF_HOURS: mark("A new appeal came in outside working hours"),
    Event.WAITS_LONG: mark("It waits long in its queue"),
    Event.ACCEPTED: mark("An operator took it"),
    Event.TRANSFERRED: mark("It was transferred"),
    Event.CLIENT_SILENT: mark("The client is asked and silent"),
    Event.CLOSED: mark("It was closed"),
    Event.REOPENED: mark("It was opened again"),
    Event.FILES_REFUSED: mark("Files of the client were not kept"),
    Event.WORKS: mark("He writes while works are going on"),
    Event.RATING: mark("It was closed: ask for a mark"),
}
# These come of a wait and not of an act; of these an appeal gets one answer each, whatever happens to it.
BY_TIME = frozenset({Event.WAITS_LONG, Event.CLIENT_SILENT})
# These can be answered later than at once.
DELAYED = frozenset(Event) - BY_TIME - {Event.WORKS}
ONCE = frozenset({Event.ARRIVED, Event.OUT_OF_HOURS, Event.ACCEPTED, Event.CLOSED, Event.RATING})
# While it waits in a queue its place is known.
IN_QUEUE = frozenset({Event.ARRIVED, Event.OUT_OF_HOURS, Event.WAITS_LONG, Event.TRANSFERRED, Event.REOPENED})
POSITION, WAIT, FILES = "queue.position", "queue.wait", "files.refused"
END, LINK = "works.until", "rating.link"
PLACEHOLDERS = filling_in.PLACEHOLDERS | {
    "operator.first_name": mark("The operator’s first name"),
    POSITION: mark("The client’s place in the queue"),
    WAIT: mark("How long he will wait"),
    FILES: mark("The files that were not kept, and why"),
    END: mark("Until when the works go on"),
    LINK: mark("The address where he gives his mark"),
}
# What is known of some events only.
KNOWN_FOR: dict[str, frozenset[Event]] = {
    POSITION: IN_QUEUE,
    WAIT: IN_QUEUE,
    FILES: frozenset({Event.FILES_REFUSED}),
    END: frozenset({Event.WORKS}),
    LINK: frozenset({Event.RATING}),
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


class NoSuchSegment(Invalid):
    """Choose a segment from the list."""

    field = "segment"


class NoSuchLanguage(Invalid):
    """Choose a language from the list."""

    field = "language"


class AfterUnfit(Invalid):
    """Write after how long it answers: from 1 min to 30 days."""

    field = "after"


class TimesUnfit(Invalid):
    """It answers from 1 to {most} times: write a number."""

    field = "times"


class RepeatUnfit(Invalid):
    """Write how often it is repeated: from 10 min, for an address gets no more, to 30 days."""

    field = "repeat"


class DelayUnfit(Invalid):
    """It answers 24 h after the event at the latest."""

    field = "delay"


class MostADayUnfit(Invalid):
    """A client gets it from 1 to {most} times within 24 hours: write a number."""

    field = "most_a_day"


class NotKnownThen(Invalid):
    """“{words}” is not known of this event: choose another event, or take it out."""

    field = "text"


class EndUnknown(Invalid):
    """“{words}” stands in the text: write until when the works go on, or take it out."""

    field = "ends_at"


class NoAddressOfCentre(Invalid):
    """“{words}” needs the address of the centre: whoever runs it sets CEC_PUBLIC_URL, or take it out."""

    field = "text"


class EndsBeforeItBegins(Invalid):
    """The works end before they begin: choose a later moment."""

    field = "ends_at"


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
    segment: str = ""
    language: str = ""
    delay: dt.timedelta = dt.timedelta()
    after: dt.timedelta | None = None
    repeat: dt.timedelta | None = None
    times: int = 1
    most_a_day: int = 5
    begins_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None


class Candidate(NamedTuple):
    """One that may answer in a channel and a queue."""

    id: int
    event: str
    calendar_id: int | None
    delay: dt.timedelta


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


# Asked for every appeal that comes in: what is for its queue, its channel, its client's segment goes before what is
# for all, in this order.
FITTING = """is_active AND channel IN ('', {channel}) AND (queue_id IS NULL OR queue_id = {queue})
      AND (segment = '' OR segment = {segment}) AND (language = '' OR language = {language})"""
EXACTEST = "queue_id IS NULL, channel = '', segment = '', language = '', id"
_ASKED = FITTING.format(**{name: f"%({name})s" for name in ("channel", "queue", "segment", "language")})
_CANDIDATES = f"""
    SELECT id, event, calendar_id, delay FROM auto_reply
    WHERE event = ANY(%(events)s) AND coalesce(begins_at <= %(now)s, true) AND coalesce(ends_at > %(now)s, true)
      AND {_ASKED}
    ORDER BY array_position(%(events)s, event), {EXACTEST}"""  # noqa: S608 - our own words


def candidates(
    events: Sequence[Event],
    *,
    channel: str,
    queue_id: int | None,
    segment: str | None = None,
    language: str | None = None,
) -> list[Candidate]:
    """List what may answer one of some events, the first choice first: in the order of the events."""
    known = [event.value for event in events]
    asked = {"events": known, "channel": channel, "queue": queue_id, "segment": segment, "language": language}
    return [Candidate(*row) for row in rows(_CANDIDATES, **asked, now=clock.now())]


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
    for name, value in _checked(wanted, kept=reply.segment).items():
        setattr(reply, name, value)
    db.session.flush()
    _record(reply, before, by)


def told(reply: AutoReply) -> list[journal.Entry]:
    """Read what became of it lately, the newest first: sent, or why not."""
    return journal.history(reply.key, names=[SENT, WITHHELD, TESTED], limit=TOLD)[::-1]


def last_test(reply: AutoReply) -> journal.Entry | None:
    """Read what became of its last test."""
    tests = journal.history(reply.key, names=[TESTED], limit=1)
    return tests[0] if tests else None


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


def _checked(wanted: Wanted, *, kept: str = "") -> dict[str, Any]:
    """Give the values as they are kept: what does not matter for the event has none. `kept` is the segment so far."""
    name, text = " ".join(wanted.name.split()), wanted.text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise AutoReplyNameUnfit
    if wanted.event not in set(Event):
        raise NoSuchEvent
    if wanted.queue_id is not None and db.session.get(Queue, wanted.queue_id) is None:
        raise NoSuchQueue
    if wanted.segment not in {"", kept, *segments.list_all()}:
        raise NoSuchSegment
    if wanted.language not in {"", *i18n.LANGUAGES}:
        raise NoSuchLanguage
    if not 1 <= wanted.most_a_day <= MOST_A_DAY:
        raise MostADayUnfit(most=MOST_A_DAY)
    _must_be_said(text, wanted)
    return {**asdict(wanted), "name": name, "text": text, **_when(wanted), **_works(wanted)}


def _must_be_said(text: str, wanted: Wanted) -> None:
    if not 0 < len(text) <= LONGEST_TEXT:
        raise AutoReplyTextUnfit(limit=LONGEST_TEXT)
    for piece in filling_in.read(text, PLACEHOLDERS):
        if piece.default:
            continue
        if wanted.event not in KNOWN_FOR.get(piece.name, frozenset(Event)):
            raise NotKnownThen(words=piece.words)
        if piece.name == END and wanted.ends_at is None:
            raise EndUnknown(words=piece.words)
        if piece.name == LINK and not site.address():
            raise NoAddressOfCentre(words=piece.words)


def _works(wanted: Wanted) -> dict[str, Any]:
    """Check from when until when works go on; of other events nothing does."""
    if wanted.event != Event.WORKS:
        return {"begins_at": None, "ends_at": None}
    if wanted.begins_at and wanted.ends_at and wanted.ends_at <= wanted.begins_at:
        raise EndsBeforeItBegins
    return {"begins_at": wanted.begins_at, "ends_at": wanted.ends_at}


def _when(wanted: Wanted) -> dict[str, Any]:
    """Check when it answers, by what it answers to."""
    by_time, by_hours = wanted.event in BY_TIME, wanted.event == Event.OUT_OF_HOURS
    if by_hours and wanted.calendar_id is not None and db.session.get(Calendar, wanted.calendar_id) is None:
        raise NoSuchCalendar
    calendar = {"calendar_id": wanted.calendar_id if by_hours else None}
    if not by_time:
        if not dt.timedelta() <= wanted.delay <= LONGEST_DELAY:
            raise DelayUnfit
        delay = wanted.delay if wanted.event in DELAYED else dt.timedelta()
        return {**calendar, "delay": delay, "after": None, "repeat": None, "times": 1}
    if wanted.after is None or not SHORTEST_WAIT <= wanted.after <= LONGEST_WAIT:
        raise AfterUnfit
    if not 1 <= wanted.times <= MOST_TIMES:
        raise TimesUnfit(most=MOST_TIMES)
    is_repeated = wanted.times > 1
    if is_repeated and (wanted.repeat is None or not PAUSE <= wanted.repeat <= LONGEST_WAIT):
        raise RepeatUnfit
    repeat = wanted.repeat if is_repeated else None
    return {**calendar, "delay": dt.timedelta(), "after": wanted.after, "repeat": repeat, "times": wanted.times}
