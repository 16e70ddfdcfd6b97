"""Appeals leave an operator: with an outcome, or back to the queue because he left (guide 2.6)."""

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import joinedload

from cec.appeals import lifecycle, queueing
from cec.appeals.models import Appeal, Direction, Status
from cec.distribution import capacity
from cec.distribution.models import Assignment, AssignmentState
from cec.platform import clock, journal, live, work
from cec.platform.db import db
from cec.platform.i18n import mark
from cec.staff import presence
from cec.staff.models import Employee, Presence

# How an assignment ends when the appeal moves on.
RELEASES = {
    "appeal.closed": "closed",
    "appeal.spam": "spam",
    "appeal.postponed": "postponed",
    "appeal.awaiting_client": "waiting",
    "appeal.transferred": "transferred",
}


# Returned because the operator's link was lost; such an appeal has waited through no fault of its client's.
OFFLINE = "returned_offline"
# Returned because he did nothing with it for too long.
IDLE = "returned_idle"
OFFLINE_POINTS = 10
# After these an appeal may come straight back to the same operator.
COMES_BACK = frozenset({"waiting", "postponed", "closed"})


@journal.on(*RELEASES)
def _release(entry: journal.Entry) -> None:
    assignment = _open_assignment(int(entry.subject.partition(":")[2]))
    if assignment is not None:
        capacity.give_back(assignment, RELEASES[entry.name])


def _open_assignment(appeal_id: int) -> Assignment | None:
    return db.session.scalars(
        db.select(Assignment)
        .where(Assignment.appeal_id == appeal_id, Assignment.released_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


@journal.on("operator.status_changed")
def _leave(entry: journal.Entry) -> None:
    """Let go of what is offered or in work when the status does not keep appeals, as the operator wanted it."""
    status = Presence(entry.facts["status"])
    if presence.FLAGS[status].keeps_appeals:
        return
    employee_id = int(entry.subject.partition(":")[2])
    for appeal in _held_by(employee_id):
        _let_go(appeal, employee_id, entry)


def _let_go(appeal: Appeal, employee_id: int, entry: journal.Entry) -> None:
    """Leave it to be done, one unit per appeal (CORE 3); an offer that rings always goes back."""
    facts: dict[str, Any] = {"appeal_id": appeal.id, "employee_id": employee_id, "by": entry.by}
    how = entry.facts.get("held") if appeal.status == Status.IN_WORK else None
    if how == "group":
        group = {"group_id": entry.facts["group_id"], "comment": entry.facts["comment"]}
        work.enqueue("distribution.hand_over", **facts, **group)
    elif how != "keep":
        work.enqueue("distribution.return", **facts, reason=OFFLINE if entry.facts["source"] == "link" else "")


def _held_by(employee_id: int) -> list[Appeal]:
    return list(
        db.session.scalars(
            db.select(Appeal)
            .where(Appeal.operator_id == employee_id, Appeal.status.in_([Status.OFFERED, Status.IN_WORK]))
            .order_by(Appeal.id)
        )
    )


def count_held(employee: Employee) -> int:
    """Tell how many appeals would go back to their queues if this operator left now."""
    return len(_held_by(employee.id))


@work.handler("distribution.return")
def return_one(appeal_id: int, employee_id: int, by: str, reason: str = "") -> None:
    """Give one appeal back to its place in the queue, unless it has moved on; one transaction each (CORE 3)."""
    appeal = lifecycle.lock(appeal_id)
    if appeal.operator_id != employee_id or appeal.status not in {Status.OFFERED, Status.IN_WORK}:
        return
    assignment = _open_assignment(appeal_id)
    offered = appeal.status == Status.OFFERED
    appeal.preferred_operator_id = appeal.preferred_until = None
    lifecycle.move(appeal, Status.QUEUED)
    appeal.operator_id = None
    if reason == OFFLINE:
        queueing.add_points(appeal, OFFLINE_POINTS, mark("Returned: the link to the operator was lost"))
    if assignment is not None:
        capacity.give_back(assignment, reason or ("withdrawn" if offered else "returned"))
    journal.record("appeal.returned", appeal.key, by=by, employee_id=employee_id, reason=reason)
    live.wake("distribution")


def give_to_owner(appeal: Appeal) -> bool:
    """Hand an appeal that comes back to the operator who had it, over the cap by one if need be (SPEC 3.7.1)."""
    owner = appeal.preferred_operator_id
    weight = _room_with(owner, appeal) if owner else None
    if not owner or weight is None:
        return False
    assign_at_once(appeal, owner, weight, {"owner": True, **({} if weight else {"begun": True})})
    appeal.operator_id = owner
    lifecycle.move(appeal, Status.IN_WORK)
    appeal.preferred_operator_id = appeal.preferred_until = None
    journal.record("appeal.accepted", appeal.key, by=f"employee:{owner}", owner=True)
    return True


def _room_with(owner: int, appeal: Appeal) -> int | None:
    """Take room for an appeal with its owner; gives how many units, none if he cannot have it.

    What he has just begun takes no room: in the same moment it waits for the client (guide 3.2.6).
    """
    last = _last_assignment(appeal.id)
    if last is None and appeal.direction == Direction.OUT:
        return 0
    if not last or last.employee_id != owner or last.release_kind not in COMES_BACK:
        return None
    weight = appeal.lane.units if appeal.lane else 1
    if appeal.lane and appeal.lane.exclusive:
        return None
    return weight if capacity.take(owner, appeal.channel, weight, above=1) else None


def assign_at_once(appeal: Appeal, owner: int, weight: int, why: dict[str, Any]) -> None:
    """Write down that an appeal went into work without a ring."""
    now = clock.now()
    assignment = Assignment(
        appeal_id=appeal.id,
        employee_id=owner,
        queue_id=appeal.queue_id or 0,
        channel=appeal.channel,
        state=AssignmentState.ACCEPTED,
        weight=weight,
        offered_at=now,
        accepted_at=now,
        why=why,
    )
    db.session.add(assignment)


def _last_assignment(appeal_id: int) -> Assignment | None:
    return db.session.scalars(
        db.select(Assignment).where(Assignment.appeal_id == appeal_id).order_by(Assignment.id.desc()).limit(1)
    ).first()


def untold(employee: Employee) -> list[Appeal]:
    """List what went back to the queues while the operator's link was lost, until he has been told."""
    return list(
        db.session.scalars(
            db.select(Appeal)
            .join(Assignment, Assignment.appeal_id == Appeal.id)
            .where(_untold_by(employee))
            .options(joinedload(Appeal.client), joinedload(Appeal.address), joinedload(Appeal.operator))
            .order_by(Assignment.released_at.desc())
        )
        .unique()
        .all()
    )


def tell(employee: Employee) -> None:
    """Note that the operator knows what went back."""
    db.session.execute(db.update(Assignment).where(_untold_by(employee)).values(told_at=clock.now()))


def _untold_by(employee: Employee) -> ColumnElement[bool]:
    untold = Assignment.told_at.is_(None)
    return (Assignment.employee_id == employee.id) & (Assignment.release_kind == OFFLINE) & untold
