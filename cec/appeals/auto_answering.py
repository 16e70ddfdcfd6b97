"""The centre answers by itself, and never another machine (guide 5.6; SPEC 1C, loop guards).

At most one answer to each event, one to an address within ten minutes, of each a few to a client within a day. It is no
first answer: the client's time runs on. What was not sent is told in the feed of the appeal, with the reason. What
answers by time is in auto_waiting.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import text as sql

from cec.appeals import acting, conversation, lifecycle, ways
from cec.appeals.models import Appeal, Direction, Message, MessageState, Resolution, ResolutionKind, Status
from cec.appeals.ways import Way
from cec.clients.models import Address
from cec.platform import clock, i18n, journal, live, work
from cec.platform.db import db
from cec.platform.i18n import mark
from cec.queues import calendars
from cec.queues.models import Calendar
from cec.replies import auto_replies, filling_in
from cec.replies.auto_replies import ONCE, PAUSE, SENT, WITHHELD, Candidate, Event
from cec.replies.models import AutoReply
from cec.staff.models import Employee

DAY = dt.timedelta(hours=24)
# Somebody else is answering an address at this moment: it is looked at again after so long.
MOMENT = dt.timedelta(minutes=1)
# Under these names the headers of a message say which automatic answer it is, and to what.
NAME, EVENT = "auto_reply", "event"

MACHINE = mark("a machine or a list wrote it")
UNREACHABLE = mark("nothing arrives at this address")
CLOSED_WAY = mark("the client cannot be written to now")
TOO_OFTEN = mark("this address had one within ten minutes, or enough within a day")
UNFILLED = mark("nothing is known for one of its placeholders")
# A late answer goes only while its event still holds: in these statuses, else while the appeal is open.
_HOLDS = {Event.ACCEPTED: {Status.IN_WORK}, Event.CLOSED: {Status.CLOSED}, Event.RATING: {Status.CLOSED}}
_OPEN = set(Status) - lifecycle.ENDED
# Nothing makes up for these: an address that has just had another answer gets them later.
PATIENT = frozenset({Event.FILES_REFUSED, Event.RATING})


class Occasion(NamedTuple):
    """What an answer is given on: the appeal, which answer it is, and the message that it is about, if one is."""

    appeal: Appeal
    reply: AutoReply
    message_id: int | None = None


Teller = Callable[[Occasion], str]
_tellers: dict[str, Teller] = {}


Condition = Callable[[Occasion], bool]
_conditions: dict[Event, Condition] = {}


def only_if(event: Event) -> Callable[[Condition], Condition]:
    """Declare what must hold, beside the status of the appeal, when a late answer goes."""

    def declare(condition: Condition) -> Condition:
        _conditions[event] = condition
        return condition

    return declare


def tells(placeholder: str) -> Callable[[Teller], Teller]:
    """Declare who knows what a placeholder stands for: asked only if it is written, he gives nothing if unsure."""

    def declare(teller: Teller) -> Teller:
        _tellers[placeholder] = teller
        return teller

    return declare


@journal.on("appeal.queued")
def _arrived(entry: journal.Entry) -> None:
    """Answer an appeal when it enters its first queue; one that comes back is opened again and not said goodbye to."""
    appeal = appeal_of(entry)
    if entry.facts.get("again"):
        _take_back_closing(appeal)
    else:
        respond(appeal, [Event.WORKS, Event.OUT_OF_HOURS, Event.ARRIVED])


@journal.on("appeal.accepted")
def _accepted(entry: journal.Entry) -> None:
    """Answer when an operator takes an appeal for the first time, before he has said a word himself."""
    appeal = appeal_of(entry)
    if appeal.first_reply_at is None and not entry.facts.get("owner"):
        respond(appeal, [Event.ACCEPTED])


@journal.on("appeal.closed")
def _closed(entry: journal.Entry) -> None:
    appeal = appeal_of(entry)
    if not is_closed_as_spam(appeal):
        respond(appeal, [Event.CLOSED])


def is_closed_as_spam(appeal: Appeal) -> bool:
    """Tell whether an appeal was closed because it is spam: nobody says goodbye to it."""
    resolution = db.session.get(Resolution, appeal.resolution_id) if appeal.resolution_id else None
    return resolution is not None and resolution.kind == ResolutionKind.SPAM


@journal.on("appeal.transferred", "appeal.reopened")
def _goes_on(entry: journal.Entry) -> None:
    """Answer once the appeal is where it goes: only there its place in the queue is known."""
    is_handed_on = entry.name == "appeal.transferred"
    events = [Event.TRANSFERRED] if is_handed_on else [Event.WORKS, Event.REOPENED]
    respond(appeal_of(entry), events, afterwards=True)


def accepted(appeal_ids: Iterable[int]) -> None:
    """Answer for appeals that went into work by a claim alone, whose facts nobody here hears."""
    if not auto_replies.is_any(Event.ACCEPTED):
        return
    for appeal_id in sorted(appeal_ids):
        appeal = lifecycle.lock(appeal_id)
        if appeal.status == Status.IN_WORK and appeal.first_reply_at is None:
            respond(appeal, [Event.ACCEPTED])


def appeal_of(entry: journal.Entry) -> Appeal:
    """Get the appeal that a fact is about."""
    return db.session.get_one(Appeal, int(entry.subject.partition(":")[2]))


def candidates(appeal: Appeal, events: Sequence[Event]) -> list[Candidate]:
    """List what may answer an appeal, the first choice first."""
    segment = appeal.client.segment if appeal.client else None
    return auto_replies.candidates(
        events,
        channel=appeal.channel,
        queue_id=appeal.queue_id,
        segment=segment,
        language=appeal.language,
    )


def respond(
    appeal: Appeal,
    events: Sequence[Event],
    *,
    afterwards: bool = False,
    least: dt.timedelta = dt.timedelta(),
    message_id: int | None = None,
) -> None:
    """Answer what happened to an appeal by the first of the events that has an answer, now or `least` later."""
    if appeal.last_client_message_id is None:
        return
    chosen = next((each for each in candidates(appeal, events) if _is_its_time(each, appeal)), None)
    if chosen is None or _is_answered(appeal, chosen.event):
        return
    delay = max(chosen.delay, least)
    if afterwards or delay:
        at = clock.now() + delay if delay else None
        asked = {"appeal_id": appeal.id, "reply_id": chosen.id, "event": chosen.event, "message_id": message_id}
        work.enqueue("auto_replies.answer", at=at, **asked, said=appeal.last_message_id)
    else:
        answer(appeal, auto_replies.get(chosen.id), message_id)


@work.handler("auto_replies.answer")
def answer_later(appeal_id: int, reply_id: int, event: str, said: int | None, message_id: int | None = None) -> None:
    """Answer what happened a while ago, unless an operator has written since or it does not hold any more."""
    appeal, reply = lifecycle.lock(appeal_id), auto_replies.get(reply_id)
    is_kept = reply.is_active and reply.event == event
    if not is_kept or _operator_wrote(appeal, said or 0) or not _holds(Occasion(appeal, reply, message_id)):
        return
    free = free_at(ways.usual(appeal))
    if event in PATIENT and free > clock.now():
        asked = {"appeal_id": appeal_id, "reply_id": reply_id, "event": event, "message_id": message_id}
        work.enqueue("auto_replies.answer", at=free, **asked, said=said)
    else:
        answer(appeal, reply, message_id)


def _holds(occasion: Occasion) -> bool:
    """Tell whether the event of a late answer still holds and was not answered."""
    event, appeal = Event(occasion.reply.event), occasion.appeal
    if Status(appeal.status) not in _HOLDS.get(event, _OPEN) or _is_answered(appeal, event):
        return False
    return event not in _conditions or _conditions[event](occasion)


def _operator_wrote(appeal: Appeal, after: int) -> bool:
    """Tell whether a person has answered after a message."""
    wrote = db.select(Message.id).where(
        Message.appeal_id == appeal.id,
        Message.id > after,
        Message.direction == Direction.OUT,
        Message.author_id.is_not(None),
        Message.state != MessageState.CANCELLED,
    )
    return db.session.scalar(db.select(wrote.exists())) or False


def _is_its_time(candidate: Candidate, appeal: Appeal) -> bool:
    """Tell whether what answers outside working hours is outside them: of its own calendar, else of the queue's."""
    if candidate.event != Event.OUT_OF_HOURS:
        return True
    of_queue = appeal.queue.calendar if appeal.queue else None
    calendar = db.session.get(Calendar, candidate.calendar_id) if candidate.calendar_id else of_queue
    return calendar is not None and not calendars.is_open(calendar, clock.now())


def answer(appeal: Appeal, reply: AutoReply, message_id: int | None = None) -> Message | None:
    """Queue an automatic answer, or note why none goes out."""
    way = ways.usual(appeal)
    filled = _filled(Occasion(appeal, reply, message_id))
    why = why_not(appeal, way, reply) or (UNFILLED if any(is_left for _words, is_left in filled.pieces) else "")
    if why:
        journal.record(WITHHELD, appeal.key, by="system", reply=reply.name, because=why)
        journal.note(WITHHELD, reply.key, by="system", appeal_id=appeal.id, number=appeal.number, because=why)
        return None
    message = _queued(appeal, reply, way, filled.text)
    journal.record("message.queued", appeal.key, by="system", message_id=message.id, auto_reply=reply.name)
    journal.note(SENT, reply.key, by="system", appeal_id=appeal.id, number=appeal.number)
    live.wake("delivery")
    return message


def _queued(appeal: Appeal, reply: AutoReply, way: Way, words: str) -> Message:
    """Write it down as an outgoing message; what says goodbye waits until the closing cannot be taken back any more."""
    letter = {"to": [way.address]} if way.is_letter else {}
    message = Message(
        appeal_id=appeal.id,
        direction=Direction.OUT,
        state=MessageState.QUEUED,
        channel_account_id=way.account.id,
        address_id=way.address_id,
        text=words,
        subject=conversation.reply_subject(appeal) if way.is_letter else "",
        headers={NAME: reply.id, EVENT: reply.event, **letter},
        due_at=_due(appeal, reply),
    )
    db.session.add(message)
    db.session.flush()
    return message


def _due(appeal: Appeal, reply: AutoReply) -> dt.datetime:
    now = clock.now()
    return max(now, (appeal.closed_at or now) + acting.UNDO_CLOSING) if reply.event == Event.CLOSED else now


def why_not(appeal: Appeal, way: Way, reply: AutoReply) -> str:
    """Say why nothing may be answered by machine; empty: it may."""
    last = db.session.get(Message, appeal.last_client_message_id or 0)
    if last is None or is_of_machine(last):
        return MACHINE
    if not db.session.get_one(Address, way.address_id).can_receive:
        return UNREACHABLE
    if way.able().closed:
        return CLOSED_WAY
    is_too_often = free_at(way) > clock.now() or _count_of_today(appeal, way, reply) >= reply.most_a_day
    return TOO_OFTEN if is_too_often else ""


def is_of_machine(message: Message) -> bool:
    """Tell whether a machine wrote a message: an automatic answer, a list, a mail system, one of our own mailboxes."""
    return bool(message.headers.get("auto")) or message.about_id is not None


def _is_answered(appeal: Appeal, event: str) -> bool:
    """Tell whether an appeal has had its answer to an event that is answered once."""
    if event not in ONCE:
        return False
    earlier = db.select(Message.id).where(
        Message.appeal_id == appeal.id,
        Message.direction == Direction.OUT,
        Message.state != MessageState.CANCELLED,
        Message.headers[EVENT].astext == event,
    )
    return db.session.scalar(db.select(earlier.exists())) or False


# Of two appeals of one address that are answered in the same moment one is: nobody waits for the other.
_ALONE = sql("SELECT pg_try_advisory_xact_lock(hashtext('auto_reply'), :address)")
_SENT = """
    FROM message m WHERE m.appeal_id IN ({appeals}) AND m.created_at > :since
    AND m.state <> 'cancelled' AND m.headers ? 'auto_reply'"""
_AT_ADDRESS = """
    SELECT id FROM appeal WHERE address_id = :address
    UNION SELECT appeal_id FROM appeal_way WHERE address_id = :address"""
_LAST = sql(f"SELECT max(m.created_at) {_SENT.format(appeals=_AT_ADDRESS)} AND m.address_id = :address")
# What ended long before can have had none; a late goodbye is a day late at most.
_OF_CLIENT = f"""
    {_AT_ADDRESS} UNION SELECT id FROM appeal WHERE client_id = :client
    AND (closed_at IS NULL OR closed_at > CAST(:since AS timestamptz) - interval '1 day')"""  # noqa: S608 - our own words
_SAME = sql(f"SELECT count(*) {_SENT.format(appeals=_OF_CLIENT)} AND m.headers ->> 'auto_reply' = :reply")


def free_at(way: Way) -> dt.datetime:
    """Tell from when on an address may have its next automatic answer; the present moment: now."""
    now = clock.now()
    if not db.session.scalar(_ALONE, {"address": way.address_id}):
        return now + MOMENT
    last: dt.datetime | None = db.session.scalar(_LAST, {"address": way.address_id, "since": now - PAUSE})
    return last + PAUSE if last else now


def _count_of_today(appeal: Appeal, way: Way, reply: AutoReply) -> int:
    """Count how often a client has had an answer within 24 hours, at whichever of his addresses."""
    asked = {"address": way.address_id, "client": appeal.client_id, "since": clock.now() - DAY, "reply": str(reply.id)}
    return db.session.scalar(_SAME, asked) or 0


def _take_back_closing(appeal: Appeal) -> None:
    """Cancel what was to say that an appeal is closed, if it has not left: it is not."""
    waiting = db.update(Message).where(
        Message.appeal_id == appeal.id,
        Message.state == MessageState.QUEUED,
        Message.attempts == 0,
        Message.headers[EVENT].astext == Event.CLOSED,
    )
    for message_id in db.session.scalars(waiting.values(state=MessageState.CANCELLED).returning(Message.id)).all():
        journal.record("message.cancelled", appeal.key, by="system", message_id=message_id)


def _filled(occasion: Occasion) -> filling_in.Filled:
    """Fill in what is known; what costs a look elsewhere only if it is written."""
    known, text = auto_replies.PLACEHOLDERS, occasion.reply.text
    names = {piece.name for piece in filling_in.read(text, known)}
    with i18n.reader(occasion.reply.language or i18n.DEFAULT, i18n.zone()):
        told = {name: tell(occasion) for name, tell in _tellers.items() if name in names}
        return filling_in.fill(text, _values(occasion.appeal) | told, known)


def _values(appeal: Appeal) -> dict[str, str]:
    """Tell what placeholders stand for in an automatic answer."""
    operator = db.session.get(Employee, appeal.operator_id) if appeal.operator_id else None
    known = {
        "client.first_name": appeal.client.name.partition(" ")[0] if appeal.client else "",
        "operator.first_name": operator.first_name if operator else "",
        "appeal.number": appeal.number,
        "appeal.subject": appeal.subject,
        "date": i18n.long_day(clock.now()),
    }
    return {name: words for name, words in known.items() if words}
