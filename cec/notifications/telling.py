"""Facts of the journal turned into notifications to the operator concerned (guide 2.2.7, 3.8.1).

The listeners run in the transaction of the fact: one statement each. Nobody is told what he did himself; new offers are
announced by the offer.
"""

import datetime as dt
from typing import Any

import orjson
from sqlalchemy import text

from cec.appeals import first_messages, lifecycle
from cec.appeals.models import Appeal, Message, Status
from cec.notifications.models import Kind
from cec.platform import clock, journal, live
from cec.platform.db import PLANNED_ONCE, db
from cec.platform.journal import Entry
from cec.staff.models import Employee, Presence

# The same thing within this time only counts.
SAME = dt.timedelta(seconds=30)
# A window says what it shows every half minute.
IN_FOCUS = dt.timedelta(minutes=1)

KINDS = {
    "client_wrote": Kind.INFO,
    "handed_to_you": Kind.INFO,
    "handed_on": Kind.WARNING,
    "closed_by": Kind.WARNING,
    "spam_by": Kind.WARNING,
    "postponed_by": Kind.WARNING,
    "awaiting_by": Kind.WARNING,
    "returned": Kind.WARNING,
    "missed": Kind.WARNING,
    "woke": Kind.INFO,
    "woke_to_queue": Kind.INFO,
    "wait_over": Kind.INFO,
    "wait_over_to_queue": Kind.INFO,
    "closed_unanswered": Kind.INFO,
    "response_soon": Kind.WARNING,
    "response_over": Kind.WARNING,
    "resolution_soon": Kind.WARNING,
    "resolution_over": Kind.WARNING,
    "went_idle": Kind.WARNING,
    "status_set": Kind.WARNING,
    "escalated": Kind.WARNING,
    "idle_in_hand": Kind.WARNING,
    "idle_in_hands_of": Kind.WARNING,
    "returned_idle": Kind.WARNING,
    "forgetting_asked": Kind.WARNING,
    "forgetting_refused": Kind.WARNING,
    "forgotten": Kind.INFO,
    "delivery_failed": Kind.ERROR,
    "delivery_unknown": Kind.ERROR,
    "first_refused": Kind.ERROR,
    "channel_silent": Kind.ERROR,
    "receiver_gave_up": Kind.ERROR,
    "table_refused": Kind.ERROR,
    "database_held": Kind.ERROR,
}

# What waits for a deed, as errors do.
WAITING = {"forgetting_asked"}

# What is unread, or rang just now, is counted on; what is in focus is stored as read; an error waits for a deed.
_TELL = text("""
    WITH seen AS (
        SELECT CASE WHEN NOT :standing AND EXISTS (
            SELECT 1 FROM focus f WHERE f.employee_id = :employee AND f.appeal_id = :appeal AND f.seen_at > :watched)
            THEN CAST(:now AS timestamptz) END AS at),
    same AS (
        UPDATE notification n SET count = n.count + 1, facts = CAST(:facts AS jsonb), last_at = :now, dealt_at = NULL,
            rung_at = CASE WHEN n.last_at > :before THEN n.rung_at ELSE :now END, read_at = (SELECT at FROM seen)
        WHERE n.id = (SELECT id FROM notification
                      WHERE key = :key AND employee_id = :employee AND (read_at IS NULL OR last_at > :before)
                      ORDER BY id DESC LIMIT 1)
        RETURNING n.read_at),
    fresh AS (
        INSERT INTO notification (employee_id, kind, what, appeal_id, facts, key, count, created_at, last_at, rung_at,
                                  read_at, standing)
        SELECT :employee, :kind, :what, :appeal, CAST(:facts AS jsonb), :key, 1, :now, :now, :now, at, :standing
        FROM seen WHERE NOT EXISTS (SELECT 1 FROM same)
        RETURNING read_at)
    SELECT read_at FROM same UNION ALL SELECT read_at FROM fresh""")

_SETTLE = text("""
    UPDATE notification SET dealt_at = :now, read_at = coalesce(read_at, :now)
    WHERE standing AND dealt_at IS NULL AND (key = :key OR appeal_id = :appeal)
    RETURNING employee_id""").execution_options(**PLANNED_ONCE)


def tell(employee_id: int, what: str, appeal_id: int | None, *, key: str = "", **facts: Any) -> None:
    """Tell a person what happened to an appeal; one row per appeal and thing until it is read."""
    now, kind = clock.now(), KINDS[what]
    told = {
        "employee": employee_id,
        "what": what,
        "kind": kind,
        "appeal": appeal_id,
        "facts": orjson.dumps(facts).decode(),
        "key": key or f"{what}:{appeal_id}",
        "standing": kind == Kind.ERROR or what in WAITING,
    }
    moments = {"now": now, "before": now - SAME, "watched": now - IN_FOCUS}
    if db.session.scalar(_TELL, told | moments) is None:
        live.announce("notice", f"employee:{employee_id}")


def settle(*, key: str = "", appeal_id: int | None = None) -> None:
    """Deal with what waits for a deed, by its key or its appeal: somebody has decided."""
    for employee_id in db.session.scalars(_SETTLE, {"now": clock.now(), "key": key, "appeal": appeal_id}).all():
        live.announce("notice", f"employee:{employee_id}")


def _appeal(entry: Entry) -> Appeal:
    return lifecycle.get(int(entry.subject.partition(":")[2]))


def _is_his(appeal: Appeal, by: str) -> bool:
    return by == f"employee:{appeal.operator_id}"


@journal.on("message.received")
def _client_wrote(entry: Entry) -> None:
    """Tell who holds the appeal; an automatic answer is no word of the client, an offer speaks for itself."""
    appeal = _appeal(entry)
    if appeal.operator_id and appeal.status in lifecycle.HELD - {Status.OFFERED} and not entry.facts.get("auto"):
        tell(appeal.operator_id, "client_wrote", appeal.id)


_BY_OTHERS = {
    "appeal.transferred": "handed_on",
    "appeal.closed": "closed_by",
    "appeal.spam": "spam_by",
    "appeal.postponed": "postponed_by",
    "appeal.awaiting_client": "awaiting_by",
}


@journal.on(*_BY_OTHERS)
def _somebody_acted(entry: Entry) -> None:
    """Tell who had the appeal what another person did with it."""
    appeal = _appeal(entry)
    if appeal.operator_id and entry.by.startswith("employee:") and not _is_his(appeal, entry.by):
        who, to = lifecycle.name_of(entry.by), entry.facts.get("to_name", "")
        tell(appeal.operator_id, _BY_OTHERS[entry.name], appeal.id, who=who, to=to)


@journal.on("appeal.transferred")
def _came_to_me(entry: Entry) -> None:
    if entry.facts["target"] == "operator":
        who, comment = lifecycle.name_of(entry.by), entry.facts.get("comment", "")
        tell(entry.facts["to"], "handed_to_you", _appeal(entry).id, who=who, comment=comment)


@journal.on("appeal.returned", "appeal.missed")
def _went_back(entry: Entry) -> None:
    """Tell that an appeal went back to its queue, unless he himself let it go."""
    employee_id = entry.facts["employee_id"]
    if entry.by != f"employee:{employee_id}":
        is_idle = entry.facts.get("reason") == "returned_idle"
        tell(employee_id, "returned_idle" if is_idle else entry.name.partition(".")[2], _appeal(entry).id)


@journal.on("appeal.idle")
def _lies_idle(entry: Entry) -> None:
    """Warn an operator who does nothing with an appeal; at the second time tell his supervisors."""
    operator, appeal_id, minutes = entry.facts["employee_id"], _appeal(entry).id, entry.facts["minutes"]
    if entry.facts["level"] == 1:
        tell(operator, "idle_in_hand", appeal_id, minutes=minutes)
        return
    who = lifecycle.name_of(f"employee:{operator}")
    for supervisor in db.session.scalars(_SUPERVISORS, {"employee": operator}).all():
        tell(supervisor, "idle_in_hands_of", appeal_id, who=who, minutes=minutes)


@journal.on("appeal.resumed")
def _came_back(entry: Entry) -> None:
    """Tell that a postponement or a wait is over; a client who wrote is told as that."""
    appeal = _appeal(entry)
    if entry.facts["cause"] == "timer" and appeal.operator_id:
        what = "woke" if appeal.status == Status.POSTPONED else "wait_over"
        tell(appeal.operator_id, what if appeal.preferred_operator_id else f"{what}_to_queue", appeal.id)


@journal.on("appeal.closed")
def _client_left(entry: Entry) -> None:
    appeal = _appeal(entry)
    if appeal.operator_id and entry.facts.get("kind") == "no_client_answer":
        tell(appeal.operator_id, "closed_unanswered", appeal.id)


@journal.on("message.failed", "message.unknown")
def _not_delivered(entry: Entry) -> None:
    """Tell who holds the appeal, else who wrote, that an answer did not arrive; this stays until it is dealt with."""
    message = db.session.get_one(Message, entry.facts["message_id"])
    to = _appeal(entry).operator_id or message.author_id
    if to:
        what = "delivery_failed" if entry.name == "message.failed" else "delivery_unknown"
        tell(to, what, message.appeal_id, key=_of_message(message.id), reason=entry.facts.get("error") or "")


@journal.on("message.queued", "message.sent")
def _decided(entry: Entry) -> None:
    """Take a failure out of the window: a person tried again, or knows that it arrived."""
    if entry.by.startswith("employee:"):
        settle(key=_of_message(entry.facts["message_id"]))


@journal.on("message.delivered", "message.read")
def _arrived(entry: Entry) -> None:
    """Take a failure out of the window: it has arrived after all."""
    settle(key=_of_message(entry.facts["message_id"]))


@journal.on("appeal.closed", "appeal.spam", "appeal.transferred", "appeal.returned")
def _gone(entry: Entry) -> None:
    """Who has an appeal no more has nothing to decide there."""
    settle(appeal_id=_appeal(entry).id)


@journal.on(first_messages.REFUSED)
def _did_not_leave(entry: Entry) -> None:
    """Tell who planned a first message that it did not leave; if he works here no more, his supervisors."""
    author, facts = entry.facts["employee_id"], entry.facts
    active = db.session.scalar(db.select(Employee.is_active).where(Employee.id == author))
    for employee_id in [author] if active else db.session.scalars(_SUPERVISORS, {"employee": author}).all():
        tell(employee_id, "first_refused", None, key=entry.subject, due=facts["planned"], reason=facts["reason"])


@journal.on(first_messages.PLANNED, first_messages.CANCELLED, first_messages.BEGUN)
def _is_seen_to(entry: Entry) -> None:
    """Whoever plans it anew, sends it or gives it up knows of it."""
    settle(key=entry.subject)


# Who leads a group of his; if nobody does, the supervisors of his branch (CORE 6).
_SUPERVISORS = text("""
    WITH leads AS (
        SELECT DISTINCT l.id FROM group_member m JOIN operator_group g ON g.id = m.group_id
        JOIN employee l ON l.id = g.leader_id AND l.is_active WHERE m.employee_id = :employee)
    SELECT id FROM leads
    UNION
    SELECT s.id FROM employee s JOIN employee o ON o.id = :employee AND o.branch_id = s.branch_id
    WHERE s.is_active AND s.roles ? 'supervisor' AND NOT EXISTS (SELECT 1 FROM leads)
    ORDER BY id""")


@journal.on("operator.status_changed")
def _went_idle(entry: Entry) -> None:
    """Tell the supervisors of an operator that he does not react."""
    if entry.facts["status"] != Presence.IDLE:
        return
    who = lifecycle.name_of(entry.subject)
    for supervisor in db.session.scalars(_SUPERVISORS, {"employee": int(entry.subject.partition(":")[2])}).all():
        tell(supervisor, "went_idle", None, key=f"went_idle:{entry.subject}", who=who, due=entry.facts["since"])


@journal.on("operator.status_changed")
def _was_turned(entry: Entry) -> None:
    """Tell an operator which status his supervisor has given him."""
    if entry.facts["source"] == "supervisor" and entry.facts["status"] != Presence.OFFLINE:
        operator = int(entry.subject.partition(":")[2])
        facts = {"who": lifecycle.name_of(entry.by), "status": entry.facts["status"]}
        tell(operator, "status_set", None, key=f"status_set:{entry.subject}", **facts)


# Who leads a group that serves its queue; if nobody does, every supervisor (CORE 6).
_LEADERS = text("""
    WITH leads AS (
        SELECT DISTINCT l.id FROM appeal a JOIN queue_group s ON s.queue_id = a.queue_id
        JOIN operator_group g ON g.id = s.group_id JOIN employee l ON l.id = g.leader_id AND l.is_active
        WHERE a.id = :appeal)
    SELECT id FROM leads
    UNION
    SELECT s.id FROM employee s WHERE s.is_active AND s.roles ? 'supervisor' AND NOT EXISTS (SELECT 1 FROM leads)
    ORDER BY id""")


@journal.on("appeal.escalated")
def _waits_in_vain(entry: Entry) -> None:
    """Tell the supervisors of a queue what the table `escalation` wants them to hear."""
    if entry.facts.get("tell"):
        appeal = _appeal(entry)
        for supervisor in db.session.scalars(_LEADERS, {"appeal": appeal.id}).all():
            tell(supervisor, "escalated", appeal.id)


def _of_message(message_id: int) -> str:
    return f"message:{message_id}"
