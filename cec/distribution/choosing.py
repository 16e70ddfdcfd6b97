"""The appeal for an operator who has room (guide 3.1): one SQL function chooses, locks and writes (choosing.sql)."""

from sqlalchemy import text

from cec.distribution.models import OperatorLane
from cec.platform import clock, live
from cec.platform.db import db, unit_of_work

# Free operators at whom nothing rings and who have something to take, the longest idle first.
_CANDIDATES = text("""
    SELECT c.employee_id FROM capacity c
    WHERE c.receiving AND c.load < c.cap
      AND NOT EXISTS (SELECT 1 FROM assignment r WHERE r.employee_id = c.employee_id AND r.state = 'offered')
      AND (
        EXISTS (SELECT 1 FROM operator_lane ol JOIN appeal a ON a.lane_id = ol.lane_id
                WHERE ol.employee_id = c.employee_id AND a.status = 'queued' AND a.preferred_operator_id IS NULL)
        OR EXISTS (SELECT 1 FROM appeal a WHERE a.preferred_operator_id = c.employee_id AND a.status = 'queued'
                   AND a.preferred_operator_id IS NOT NULL))
    ORDER BY c.idle_since, c.employee_id""")
_CLAIM = text("SELECT assignment_id, appeal_id FROM claim(:employee, :now)")
# What was kept for somebody who does not come: released to everybody.
_RELEASE = text("""
    UPDATE appeal a SET preferred_operator_id = NULL, preferred_until = NULL, version = version + 1
    WHERE a.status = 'queued' AND a.preferred_operator_id IS NOT NULL
      AND (a.preferred_until IS NULL OR a.preferred_until <= :now)
    RETURNING id""")


def distribute() -> int:
    """Offer waiting appeals to free operators until nobody can take another; gives how many were offered.

    Every claim is a transaction of its own; two distributors at once skip each other's rows (CORE 3).
    """
    offered = 0
    while True:
        with unit_of_work():
            candidates = db.session.scalars(_CANDIDATES).all()
        claimed = sum(_claim(employee_id) for employee_id in candidates)
        if not claimed:
            return offered
        offered += claimed


def release_kept() -> int:
    """Release to everybody what was kept for somebody who has not come in time; gives how many."""
    released = len(db.session.scalars(_RELEASE, {"now": clock.now()}).all())
    if released:
        live.wake("distribution")
    return released


def _claim(employee_id: int) -> int:
    with unit_of_work():
        row = db.session.execute(_CLAIM, {"employee": employee_id, "now": clock.now()}).one_or_none()
        if row is None:
            return 0
        live.announce("appeal.offered", f"appeal:{row.appeal_id}")
        live.announce(live.OFFER, f"employee:{employee_id}")
    return 1


def serves(employee_id: int) -> bool:
    """Tell whether an operator serves any lane at all."""
    return bool(db.session.scalar(db.select(db.exists().where(OperatorLane.employee_id == employee_id))))
