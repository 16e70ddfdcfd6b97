"""Operators as their supervisor sees them: status, room, what they hold, what is changed for a while (guide 4.3)."""

import datetime as dt
from typing import NamedTuple

from sqlalchemy import text

from cec.platform import clock
from cec.platform.db import db
from cec.platform.errors import NotFound
from cec.staff.models import Employee, Presence


class Watched(NamedTuple):
    """A line of the list."""

    id: int
    name: str
    groups: str
    status: str
    since: dt.datetime | None
    reason: str | None
    cap: int
    load: int
    in_work: int
    waiting: int
    postponed: int
    rings: bool
    # Since when the client of his longest unanswered appeal has waited.
    unanswered_since: dt.datetime | None
    input_at: dt.datetime | None
    changes: int


# Of the groups that a supervisor leads; leading none, of his branch (CORE 6).
_WATCHED = text("""
    WITH led AS (SELECT id FROM operator_group WHERE leader_id = :supervisor),
    people AS (
        SELECT e.id, e.name FROM employee e
        WHERE e.is_active AND e.roles ? 'operator' AND (CAST(:only AS int) IS NULL OR e.id = :only)
          AND CASE WHEN EXISTS (SELECT FROM led)
              THEN EXISTS (SELECT FROM group_member m JOIN led ON led.id = m.group_id WHERE m.employee_id = e.id)
              ELSE e.branch_id = :branch END)
    SELECT p.id, p.name,
           coalesce((SELECT string_agg(g.name, ', ' ORDER BY g.name) FROM group_member m
                     JOIN operator_group g ON g.id = m.group_id WHERE m.employee_id = p.id), ''),
           coalesce(s.status, :offline), lower(s.during), r.name, coalesce(c.cap, 0), coalesce(c.load, 0),
           h.in_work, h.waiting, h.postponed, h.rings, h.unanswered,
           (SELECT max(w.input_at) FROM session w WHERE w.employee_id = p.id AND w.ended_at IS NULL),
           (SELECT count(*) FROM temporary_change t WHERE t.employee_id = p.id AND t.until > :now)
    FROM people p
    LEFT JOIN operator_status s ON s.employee_id = p.id AND upper_inf(s.during)
    LEFT JOIN status_reason r ON r.id = s.reason_id
    LEFT JOIN capacity c ON c.employee_id = p.id
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE a.status = 'in_work') AS in_work,
               count(*) FILTER (WHERE a.status = 'waiting_for_client') AS waiting,
               count(*) FILTER (WHERE a.status = 'postponed') AS postponed,
               count(*) FILTER (WHERE a.status = 'offered') > 0 AS rings,
               min(m.created_at) FILTER (WHERE a.status = 'in_work' AND a.last_message_id = a.last_client_message_id)
                   AS unanswered
        FROM appeal a LEFT JOIN message m ON m.id = a.last_client_message_id
        WHERE a.operator_id = p.id AND a.status IN ('offered', 'in_work', 'waiting_for_client', 'postponed')) h
    ORDER BY s.status IS NULL OR s.status = :offline, p.name, p.id""")


def watched(supervisor: Employee, *, only: int | None = None) -> list[Watched]:
    """List the operators of a supervisor, those who are here first: one statement."""
    asked = {
        "supervisor": supervisor.id, "branch": supervisor.branch_id, "only": only, "now": clock.now(),
        "offline": Presence.OFFLINE,
    }  # fmt: skip
    return [Watched(*row) for row in db.session.execute(_WATCHED, asked)]


def get(employee_id: int, *, by: Employee) -> tuple[Watched, Employee]:
    """Get one operator of a supervisor.

    :raises NotFound: for the operators of others as for none.
    """
    found = watched(by, only=employee_id)
    if not found:
        raise NotFound
    return found[0], db.session.get_one(Employee, employee_id)
