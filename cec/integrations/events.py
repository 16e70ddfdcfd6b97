"""Facts of the journal become events of receivers: in the order of each appeal's story, numbered, nothing left out.

The journal is the outbox: an event is made from a fact that is committed, so that nothing leaves in a transaction and
nobody's work waits for it. Numbers of facts are not in the order of commits, but for one appeal they are - facts are
written under its lock - as long as they are read together. So whole ranges of finished transactions are read, each by
number: a transaction below the horizon cannot follow one above it.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import text

from cec.integrations import describing
from cec.integrations.models import Event, EventCursor, EventState, Receiver
from cec.platform import clock, live
from cec.platform.db import db, unit_of_work

BATCH = 500
# What an appeal is after a fact.
STATUSES = {
    "appeal.arrived": "new",
    "appeal.begun": "new",
    "appeal.queued": "queued",
    "appeal.offered": "offered",
    "appeal.accepted": "in_work",
    "appeal.declined": "queued",
    "appeal.missed": "queued",
    "appeal.returned": "queued",
    "appeal.postponed": "postponed",
    "appeal.awaiting_client": "waiting_for_client",
    "appeal.closed": "closed",
    "appeal.spam": "spam",
    "appeal.blocked": "blocked",
}
STATES = {
    "message.sent": "sent",
    "message.delivered": "delivered",
    "message.read": "read",
    "message.failed": "failed",
    "message.unknown": "unknown",
    "message.cancelled": "cancelled",
}
NEW = {"message.received": "received", "message.queued": "queued"}
_NAMES = [*STATUSES, *STATES, *NEW]

_HORIZON = text("SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)")
_FACTS = text("""
    SELECT id, at, name, CAST(split_part(subject, ':', 2) AS int) AS appeal_id, by, facts FROM journal
    WHERE transaction >= :begin AND transaction < :end AND id > :told AND name = ANY(:names)
    ORDER BY id LIMIT :most""")
_LAST = text("""
    SELECT receiver_id, appeal_id, max(seq) FROM event WHERE appeal_id = ANY(:appeals) GROUP BY 1, 2""")


class Fact(NamedTuple):
    """A fact of the journal that receivers may want to hear of."""

    id: int
    at: Any
    name: str
    appeal_id: int
    by: str
    facts: dict[str, Any]


def begin_now() -> None:
    """Begin with what happens from now on, unless somebody is told already."""
    cursor = db.session.scalars(db.select(EventCursor).with_for_update()).one_or_none()
    others = db.session.scalar(db.select(db.func.count()).select_from(Receiver).where(Receiver.is_active)) or 0
    horizon = db.session.scalar(_HORIZON)
    if cursor is None:
        db.session.add(EventCursor(begin=horizon, end=horizon, told=0))
    elif others <= 1:
        cursor.begin, cursor.end, cursor.told = horizon, horizon, 0


def gather() -> int:
    """Make events of what has happened since; of several workers one does it. Gives how many facts were told."""
    with unit_of_work():
        receivers = list(db.session.scalars(db.select(Receiver).where(Receiver.is_active).order_by(Receiver.id)))
        if not receivers:
            return 0
        wanted = db.select(EventCursor).with_for_update(skip_locked=True)
        cursor = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
        if cursor is None:
            return 0
        if cursor.begin == cursor.end:
            cursor.end, cursor.told = db.session.scalar(_HORIZON) or cursor.end, 0
        facts = _read(cursor)
        if len(facts) < BATCH:
            cursor.begin, cursor.told = cursor.end, 0
        else:
            cursor.told = facts[-1].id
        _tell(facts, receivers)
        return len(facts)


def _read(cursor: EventCursor) -> list[Fact]:
    asked = {"begin": cursor.begin, "end": cursor.end, "told": cursor.told, "names": _NAMES, "most": BATCH}
    return [Fact(*row) for row in db.session.execute(_FACTS, asked)]


def _tell(facts: list[Fact], receivers: list[Receiver]) -> None:
    last = {(row[0], row[1]): row[2] for row in db.session.execute(_LAST, {"appeals": [f.appeal_id for f in facts]})}
    now, is_any = clock.now(), False
    for fact in facts:
        for kind, body in _events(fact):
            for receiver in receivers:
                if kind not in receiver.events:
                    continue
                line = (receiver.id, fact.appeal_id)
                last[line] = last.get(line, 0) + 1
                db.session.add(_event(line, last[line], kind, body, now))
                is_any = True
    if is_any:
        live.wake("events")


def _event(line: tuple[int, int], seq: int, kind: str, body: dict[str, Any], now: Any) -> Event:
    return Event(
        receiver_id=line[0],
        appeal_id=line[1],
        seq=seq,
        kind=kind,
        body=body,
        state=EventState.WAITING,
        created_at=now,
        begun_at=now,
        due_at=now,
        attempts=0,
    )


def _events(fact: Fact) -> Iterable[tuple[str, dict[str, Any]]]:
    """Say what a fact is to others: one event or several, none when it is gone."""
    common = describing.event(fact.appeal_id, fact.at)
    message_id = fact.facts.get("message_id")
    if message_id is not None:
        told = describing.message_of(int(message_id))
        if told is None:
            return
        is_new = fact.name in NEW and not fact.facts.get("again")
        state = NEW.get(fact.name) or STATES[fact.name]
        yield "message.created" if is_new else "message.status", {**common, "message": {**told, "state": state}}
        return
    status = STATUSES[fact.name]
    common["appeal"]["status"] = status
    yield "appeal.status", common
    if status == "closed":
        yield "appeal.closed", {**common, "closing": describing.closing(fact.appeal_id, fact.facts)}
        asked = describing.rating_asked(fact.appeal_id, fact.at, fact.facts)
        if asked:
            yield "rating.requested", {**common, "rating": asked}
