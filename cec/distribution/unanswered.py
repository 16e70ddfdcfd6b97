"""The idle watch over appeals: who lets a client wait in his hands is warned, his supervisor told, the appeal returned.

An appeal is idle while it is in work, the client's word is the last one and its operator, who is at work, does nothing
with it: he writes no draft, chooses no topic, takes no note (guide 3.9). The queue says by channel after how long: then
the operator is warned, after twice that time his supervisors are told, after three times the appeal goes back to its
queue. One step per look, and none sooner than that time after the one before: after the centre itself was away nobody
loses an appeal of which he was not warned.
"""

import datetime as dt
from typing import Any

from sqlalchemy import Row, text

from cec.appeals import lifecycle
from cec.distribution import returning
from cec.distribution.models import IdleSpell
from cec.platform import clock, journal
from cec.platform.db import PLANNED_ONCE, db, unit_of_work

WARNED, TOLD, RETURNED = 1, 2, 3

# Since when each is idle. What the client wrote first of all that is unanswered counts: who writes again waits no less.
# The journal is asked of those alone who could be idle by all else, and only as far back as it matters.
_IDLE = """
    idle AS MATERIALIZED (
        SELECT b.id AS appeal_id, b.operator_id AS employee_id, b.queue_id, b.after, greatest(b.since, acts.at) AS since
        FROM (
            SELECT a.id, a.operator_id, a.queue_id,
                   CAST(q.idle_minutes ->> a.channel AS int) * interval '1 min' AS after,
                   greatest(r.accepted_at, s.started_at, d.saved_at,
                            CASE WHEN a.due_response IS NULL THEN m.created_at ELSE a.due_since END) AS since
            FROM appeal a
            JOIN queue q ON q.id = a.queue_id AND q.idle_minutes ? a.channel
            JOIN assignment r ON r.appeal_id = a.id AND r.released_at IS NULL
            JOIN message m ON m.id = a.last_client_message_id
            JOIN session s ON s.employee_id = a.operator_id AND s.ended_at IS NULL AND s.role = 'operator'
            JOIN operator_status o ON o.employee_id = a.operator_id AND upper_inf(o.during)
                 AND o.status IN ('active', 'not_accepting', 'idle')
            CROSS JOIN LATERAL (
                SELECT max(t.saved_at) AS saved_at FROM draft t
                WHERE t.appeal_id = a.id AND t.employee_id = a.operator_id) d
            WHERE a.status = 'in_work' AND a.last_client_message_id = a.last_message_id
              AND (CAST(:appeal AS int) IS NULL OR a.id = :appeal)) b
        CROSS JOIN LATERAL (
            SELECT max(j.at) AS at FROM journal j
            WHERE j.subject = 'appeal:' || b.id AND j.by = 'employee:' || b.operator_id AND j.at > b.since) acts
        WHERE b.since + b.after <= :now)"""
_DUE = text(f"""
    WITH {_IDLE}
    SELECT i.*, s.id AS spell_id, coalesce(s.level, 0) AS level
    FROM idle i
    LEFT JOIN idle_spell s ON s.appeal_id = i.appeal_id AND s.ended_at IS NULL
    WHERE i.since + i.after * (coalesce(s.level, 0) + 1) <= :now AND coalesce(s.told_at + i.after <= :now, true)
    ORDER BY i.appeal_id""").execution_options(**PLANNED_ONCE)  # noqa: S608 - our own words
# A spell is over when its operator acts, or has the appeal no more.
_END = text(f"""
    WITH {_IDLE}
    UPDATE idle_spell s SET ended_at = :now
    WHERE s.ended_at IS NULL AND (CAST(:appeal AS int) IS NULL OR s.appeal_id = :appeal) AND NOT EXISTS (
        SELECT 1 FROM idle i WHERE i.appeal_id = s.appeal_id AND i.employee_id = s.employee_id AND i.since = s.since)
    RETURNING s.id""").execution_options(**PLANNED_ONCE)  # noqa: S608


def look() -> int:
    """Take the next step with each idle appeal, each in a transaction of its own; gives how many steps."""
    with unit_of_work():
        db.session.execute(_END, _asked())
        due = [row.appeal_id for row in db.session.execute(_DUE, _asked())]
    return sum(_step(appeal_id) for appeal_id in due)


def _asked(appeal_id: int | None = None) -> dict[str, Any]:
    return {"now": clock.now(), "appeal": appeal_id}


def _step(appeal_id: int) -> bool:
    """Take one step, unless somebody has acted at this very moment."""
    with unit_of_work():
        lifecycle.lock(appeal_id)
        db.session.execute(_END, _asked(appeal_id))
        row = db.session.execute(_DUE, _asked(appeal_id)).one_or_none()
        if row is None:
            return False
        level = row.level + 1
        _note(row, level)
        if level == RETURNED:
            returning.return_one(appeal_id, row.employee_id, by="timer", reason=returning.IDLE)
        else:
            minutes = row.after * level // dt.timedelta(minutes=1)
            facts = {"employee_id": row.employee_id, "level": level, "minutes": minutes}
            journal.record("appeal.idle", f"appeal:{appeal_id}", by="timer", **facts)
    return True


def _note(row: Row[Any], level: int) -> None:
    now = clock.now()
    if row.spell_id is None:
        spell = IdleSpell(
            appeal_id=row.appeal_id, employee_id=row.employee_id, queue_id=row.queue_id, since=row.since, told_at=now,
            level=level,
        )  # fmt: skip
        db.session.add(spell)
        return
    changed = {"level": level, "told_at": now, "ended_at": now if level == RETURNED else None}
    db.session.execute(db.update(IdleSpell).where(IdleSpell.id == row.spell_id).values(**changed))
