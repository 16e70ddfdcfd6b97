"""The idle watch: who has touched nothing for long while active is asked, then gets nothing new until he does (3.9).

Windows tell with every heartbeat for how long they are untouched; of several the one touched last counts. Order of
locks: the employee, then his session.
"""

import datetime as dt

from sqlalchemy import text

from cec.platform import clock, work
from cec.platform.db import db, unit_of_work
from cec.staff import presence
from cec.staff.models import Employee, Presence

# How long he is asked before it counts.
ASKED = dt.timedelta(seconds=60)
# A window that has said nothing for so long is judged by its link instead.
_SPOKE = dt.timedelta(seconds=45)
IDLE = "idle"

_UNTOUCHED = """
    FROM session s
    JOIN operator_status o ON o.employee_id = s.employee_id AND upper_inf(o.during)
    WHERE s.ended_at IS NULL AND s.role = 'operator' AND s.link = 'live' AND s.seen_at >= :spoke
      AND o.status = 'active' AND o.next_status IS NULL
      AND greatest(coalesce(s.input_at, s.started_at), lower(o.during)) <= :before"""
_FIND = text(f"SELECT s.employee_id {_UNTOUCHED} ORDER BY s.employee_id")
_IS = text(f"SELECT s.id {_UNTOUCHED} AND s.employee_id = :employee")
_SINCE = text("""
    SELECT o.status, greatest(coalesce(s.input_at, s.started_at), lower(o.during)) AS at
    FROM session s JOIN operator_status o ON o.employee_id = s.employee_id AND upper_inf(o.during)
    WHERE s.id = :session AND s.role = 'operator' AND o.status IN ('active', 'idle') AND o.next_status IS NULL""")


def seconds_left(session_id: int, after: dt.timedelta) -> int | None:
    """Tell for how long the person of a session is still asked: 0 once he is idle, None if he is not asked."""
    row = db.session.execute(_SINCE, {"session": session_id}).one_or_none()
    if row is None:
        return None
    if row.status == Presence.IDLE:
        return 0
    untouched = clock.now() - row.at
    return max(0, round((after + ASKED - untouched).total_seconds())) if untouched >= after else None


def watch(after: dt.timedelta) -> int:
    """Let whoever was asked in vain be idle: nothing new comes to him, what he has stays; tells how many."""
    if not after:
        return 0
    with unit_of_work():
        untouched = list(db.session.scalars(_FIND, _moments(after)))
    return sum(_go_idle(employee_id, after) for employee_id in untouched)


def _moments(after: dt.timedelta) -> dict[str, dt.datetime]:
    return {"before": clock.now() - after - ASKED, "spoke": clock.now() - _SPOKE}


def _go_idle(employee_id: int, after: dt.timedelta) -> bool:
    with unit_of_work():
        presence.lock(employee_id)
        if not db.session.execute(_IS, {**_moments(after), "employee": employee_id}).first():
            return False
        employee = db.session.get_one(Employee, employee_id)
        since = (clock.now() - after - ASKED).isoformat()
        presence.set_status(employee, Presence.IDLE, by="timer", source=IDLE, since=since)
    return True


@work.handler("staff.input_found")
def come_back(employee_id: int) -> None:
    """Let who is idle and touched something be active again."""
    presence.lock(employee_id)
    running = presence.current(employee_id)
    if running is not None and running.status == Presence.IDLE:
        employee = db.session.get_one(Employee, employee_id)
        presence.set_status(employee, Presence.ACTIVE, by=employee.key, source=IDLE)
