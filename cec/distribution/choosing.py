"""The next operator and the appeal for him (guide 3.1): SQL functions choose, lock and write (choosing.sql)."""

from sqlalchemy import text

from cec.appeals import auto_answering
from cec.distribution import broadcasting
from cec.distribution.models import OperatorLane
from cec.platform import clock, live
from cec.platform.db import db, rows_apart, unit_of_work

# Whoever is next, and what he claimed: nothing if somebody else held his row, or took what he was to have.
_NEXT = """
    SELECT p.employee_id, c.appeal_id, c.accepted
    FROM next_pair(%(now)s, %(skip)s::int[]) p LEFT JOIN LATERAL claim(p.employee_id, %(now)s, p.person) c ON true"""
_CLAIM = "SELECT appeal_id FROM claim(%(employee)s, %(now)s)"
# What was kept for somebody who does not come: released to everybody.
_RELEASE = text("""
    UPDATE appeal a SET preferred_operator_id = NULL, preferred_until = NULL, version = version + 1
    WHERE a.status = 'queued' AND a.preferred_operator_id IS NOT NULL
      AND (a.preferred_until IS NULL OR a.preferred_until <= :now)
    RETURNING a.lane_id, (SELECT q.strategy = 'broadcast' FROM queue q WHERE q.id = a.queue_id) AS broadcast""")


def distribute() -> int:
    """Offer waiting appeals to free operators until nobody can take another; gives how many were offered.

    Each choice looks at the centre anew: the most urgent lane from which somebody may take, then the one who is to
    have it. Every claim is a statement and transaction of its own, which tells the screens itself; two distributors at
    once skip each other's rows (CORE 3).
    """
    offered, skip, taken = 0, set[int](), list[int]()
    while True:
        found = rows_apart(_NEXT, now=clock.now(), skip=list(skip))
        employee_id, appeal_id, accepted = found[0] if found else (None, None, False)
        if not employee_id:
            break
        if appeal_id:
            offered += 1
            taken += [appeal_id] if accepted else []
        else:
            # Whoever holds his row wakes us when he has committed; every second we look again anyway.
            skip.add(employee_id)
    if taken:
        with unit_of_work():
            auto_answering.accepted(taken)
    return offered


def claim(employee_id: int) -> int | None:
    """Give one operator the most urgent appeal that he may have; nothing if there is none, or his row is held."""
    claimed = rows_apart(_CLAIM, employee=employee_id, now=clock.now())
    return claimed[0][0] if claimed else None


def release_kept() -> int:
    """Release to everybody what was kept for somebody who has not come in time; gives how many."""
    released = db.session.execute(_RELEASE, {"now": clock.now()}).all()
    if released:
        live.wake("distribution")
    broadcast = {row.lane_id for row in released if row.broadcast}
    if broadcast:
        broadcasting.tell(broadcast)
    return len(released)


def serves(employee_id: int) -> bool:
    """Tell whether an operator serves any lane at all."""
    return bool(db.session.scalar(db.select(db.exists().where(OperatorLane.employee_id == employee_id))))
