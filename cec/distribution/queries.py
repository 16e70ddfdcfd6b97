"""Reading offers and why an operator has an appeal."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import joinedload

from cec.appeals.models import Appeal, Status
from cec.distribution.models import Assignment, AssignmentState, OperatorLane
from cec.platform.db import PLANNED_ONCE, db
from cec.staff.readers import Person


@dataclass(frozen=True)
class Offer:
    """An appeal that rings at an operator."""

    assignment: Assignment
    appeal: Appeal


_RINGING = (
    db.select(Assignment, Appeal)
    .join(Appeal, Appeal.id == Assignment.appeal_id)
    .where(Assignment.employee_id == db.bindparam("employee"), Assignment.state == AssignmentState.OFFERED)
    .options(joinedload(Appeal.address), joinedload(Appeal.client), joinedload(Appeal.queue))
    .order_by(Assignment.id)
    .execution_options(**PLANNED_ONCE)
)


def offers(employee: Person) -> list[Offer]:
    """List what rings at an operator, the oldest first."""
    ringing = db.session.execute(_RINGING, {"employee": employee.id})
    return [Offer(assignment, appeal) for assignment, appeal in ringing]


def why(appeal: Appeal) -> dict[str, Any]:
    """Tell why this appeal came to its operator: urgency, lane, points, preference."""
    last = db.session.scalars(
        db.select(Assignment)
        .where(Assignment.appeal_id == appeal.id, Assignment.employee_id == appeal.operator_id)
        .order_by(Assignment.id.desc())
        .limit(1)
    ).first()
    return last.why if last else {}


@dataclass(frozen=True)
class Waiting:
    """What waits in the lanes of an operator."""

    count: int
    since: dt.datetime | None


def waiting_for(employee: Person) -> Waiting:
    """Count what waits in the lanes that an operator serves, and since when the first one does."""
    lanes = db.select(OperatorLane.lane_id).where(OperatorLane.employee_id == employee.id)
    count, since = db.session.execute(
        db.select(db.func.count(), db.func.min(Appeal.enqueued_at)).where(
            Appeal.status == Status.QUEUED, Appeal.lane_id.in_(lanes)
        )
    ).one()
    return Waiting(count, since)
