"""Automatic answers that go by time: to those who wait long in their queue, and to clients who are silent (guide 5.6).

How long somebody waits in a queue is counted in its hours, a client's silence by the clock. Another queue begins the
wait anew, and so does whoever took the appeal meanwhile. However many look at once, each step is taken by one of them,
under the lock of its appeal.
"""

import datetime as dt

from sqlalchemy import ForeignKey
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from cec.appeals import auto_answering, lifecycle, ways
from cec.appeals.models import Appeal, Status
from cec.platform import clock
from cec.platform.db import Table, db, moment, unit_of_work
from cec.queues import calendars
from cec.replies import auto_replies
from cec.replies.auto_replies import Event
from cec.replies.models import AutoReply

# One transaction takes so many, one look so many transactions.
BATCH, BATCHES = 50, 20
EVENTS = {Status.QUEUED: Event.WAITS_LONG, Status.WAITING: Event.CLIENT_SILENT}


class AutoReplyWait(Table):
    """How far the answers to a wait of an appeal have got: since when it waits, how many went, when the next may."""

    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeal.id", ondelete="CASCADE"), primary_key=True)
    since: Mapped[dt.datetime] = moment()
    steps: Mapped[int]
    next_at: Mapped[dt.datetime] = moment()


# Each part is a partial index of the table. What is found is judged again once it is locked.
_WAITS = """
    SELECT id, 'waits_long' AS event, queued_since AS since, channel, queue_id, client_id, language
    FROM appeal WHERE status = 'queued' AND preferred_operator_id IS NULL AND last_client_message_id IS NOT NULL
    UNION ALL
    SELECT id, 'waits_long', queued_since, channel, queue_id, client_id, language
    FROM appeal WHERE status = 'queued' AND preferred_operator_id IS NOT NULL AND last_client_message_id IS NOT NULL
    UNION ALL
    SELECT id, 'client_silent', status_since, channel, queue_id, client_id, language
    FROM appeal WHERE status = 'waiting_for_client' AND last_client_message_id IS NOT NULL"""
_FITTING = auto_replies.FITTING.format(
    channel="o.channel", queue="o.queue_id", segment="c.segment", language="o.language"
)
_DUE = sql(f"""
    SELECT o.id FROM ({_WAITS}) o
    LEFT JOIN client c ON c.id = o.client_id
    JOIN LATERAL (
        SELECT after, times FROM auto_reply WHERE event = o.event AND {_FITTING}
        ORDER BY {auto_replies.EXACTEST} LIMIT 1) r ON o.since + r.after <= :now
    LEFT JOIN auto_reply_wait w ON w.appeal_id = o.id AND w.since = o.since
    WHERE o.event = ANY(:events) AND (w.appeal_id IS NULL OR w.steps < r.times AND w.next_at <= :now)
    ORDER BY o.since, o.id LIMIT :batch""")  # noqa: S608 - our own words


def look() -> int:
    """Answer those whose wait has become long enough, a batch in each transaction; gives how many were answered."""
    answered = 0
    for _batch in range(BATCHES):
        with unit_of_work():
            taken = _take()
            answered += sum(_step(appeal) for appeal in taken)
        if len(taken) < BATCH:
            break
    return answered


def _take() -> list[Appeal]:
    """Lock what is due and nobody else has in hand."""
    events = [event.value for event in EVENTS.values() if auto_replies.is_any(event)]
    if not events:
        return []
    due = db.session.scalars(_DUE, {"now": clock.now(), "events": events, "batch": BATCH}).all()
    wanted = db.select(Appeal).where(Appeal.id.in_(due)).order_by(Appeal.id)
    locked = wanted.with_for_update(of=Appeal, skip_locked=True).execution_options(populate_existing=True)
    taken = list(db.session.scalars(locked))
    for appeal in taken:
        lifecycle.hold(appeal)
    return taken


def _step(appeal: Appeal) -> bool:
    """Take the next step of a wait, if it is due; an address that has just had an answer gets this one later."""
    reply = _reply(appeal)
    since = appeal.queued_since if appeal.status == Status.QUEUED else appeal.status_since
    if reply is None or reply.after is None or since is None:
        return False
    wait, now = _wait(appeal, since, reply.after), clock.now()
    if wait.steps >= reply.times or wait.next_at > now:
        return False
    free = auto_answering.free_at(ways.usual(appeal))
    if free > now:
        wait.next_at = free
        return False
    wait.steps += 1
    wait.next_at = _later(appeal, now, reply.repeat or reply.after)
    return auto_answering.answer(appeal, reply) is not None


def _reply(appeal: Appeal) -> AutoReply | None:
    event = EVENTS.get(Status(appeal.status))
    found = auto_answering.candidates(appeal, [event]) if event else []
    return auto_replies.get(found[0].id) if found else None


def _wait(appeal: Appeal, since: dt.datetime, after: dt.timedelta) -> AutoReplyWait:
    wait = db.session.get(AutoReplyWait, appeal.id, populate_existing=True)
    if wait is not None and wait.since == since:
        return wait
    anew = {"since": since, "steps": 0, "next_at": _later(appeal, since, after)}
    wait = wait or AutoReplyWait(appeal_id=appeal.id)
    for name, value in anew.items():
        setattr(wait, name, value)
    db.session.add(wait)
    return wait


def _later(appeal: Appeal, since: dt.datetime, span: dt.timedelta) -> dt.datetime:
    in_hours = appeal.status == Status.QUEUED and appeal.queue
    return calendars.due(in_hours, since, span) if in_hours else since + span


_FORGET = sql("""
    DELETE FROM auto_reply_wait w USING appeal a WHERE a.id = w.appeal_id AND a.closed_at IS NOT NULL
    RETURNING w.appeal_id""")


def forget() -> int:
    """Forget the waits of what has ended; gives how many."""
    return len(db.session.execute(_FORGET).all())
