"""Offer, accept, decline, miss: who holds an appeal from the first ring to the release (guide 3.1, 3.2.1)."""

from cec.appeals import lifecycle
from cec.appeals.models import Appeal, Status
from cec.distribution import capacity
from cec.distribution.models import Assignment, AssignmentState, Capacity
from cec.platform import clock, journal, live
from cec.platform.db import db, unit_of_work
from cec.platform.errors import NotFound, Refusal
from cec.staff import links, presence
from cec.staff.models import Employee, Presence

# Offers missed in a row after which an operator no longer receives.
MOST_MISSES = 2


class OfferOver(Refusal):
    """The offer is over: the appeal went back to its queue."""


def accept(assignment_id: int, *, by: Employee) -> Appeal:
    """Take an offered appeal into work; at the moment the ring ends exactly one side wins.

    :raises OfferOver: when it was missed or withdrawn meanwhile.
    """
    assignment, appeal = _lock(assignment_id, by)
    assignment.state, assignment.accepted_at = AssignmentState.ACCEPTED, clock.now()
    assignment.ring_until = None
    appeal.preferred_operator_id = appeal.preferred_until = None
    lifecycle.move(appeal, Status.IN_WORK)
    db.session.execute(db.update(Capacity).where(Capacity.employee_id == by.id).values(misses=0))
    journal.record("appeal.accepted", appeal.key, by=by.key, assignment_id=assignment.id)
    live.wake("distribution")
    return appeal


def decline(assignment_id: int, *, by: Employee, reason: str) -> Appeal:
    """Decline an offer with a reason; the appeal goes back to its place in the queue."""
    assignment, appeal = _lock(assignment_id, by)
    _put_back(assignment, appeal, "declined")
    journal.record("appeal.declined", appeal.key, by=by.key, reason=reason)
    return appeal


def miss_due() -> int:
    """End the offers whose ring is over, each in a transaction of its own."""
    with unit_of_work():
        due = db.session.scalars(
            db.select(Assignment.id).where(
                Assignment.state == AssignmentState.OFFERED, Assignment.ring_until <= clock.now()
            )
        ).all()
    for assignment_id in due:
        with unit_of_work():
            _miss(assignment_id)
    return len(due)


def _miss(assignment_id: int) -> None:
    assignment = db.session.get_one(Assignment, assignment_id)
    appeal = lifecycle.lock(assignment.appeal_id)
    db.session.refresh(assignment, with_for_update=True)
    if assignment.state != AssignmentState.OFFERED or not assignment.ring_until or assignment.ring_until > clock.now():
        return
    # Before the capacity row, as everywhere: the second miss changes the status.
    presence.lock(assignment.employee_id)
    _put_back(assignment, appeal, "missed")
    if links.is_silent_since(assignment.employee_id, assignment.offered_at):
        # He could not see it: it is told, not counted.
        journal.record("appeal.missed", appeal.key, by="timer", employee_id=assignment.employee_id)
        return
    journal.record("appeal.missed", appeal.key, by="timer", employee_id=assignment.employee_id)
    held = db.session.get_one(Capacity, assignment.employee_id)
    held.misses += 1
    if held.misses >= MOST_MISSES and held.receiving:
        employee = db.session.get_one(Employee, assignment.employee_id)
        presence.set_status(employee, Presence.NOT_ACCEPTING, by="timer", source="missed")


def _put_back(assignment: Assignment, appeal: Appeal, kind: str) -> None:
    """Give the appeal back to its old place: its rank does not change."""
    appeal.preferred_operator_id = appeal.preferred_until = None
    lifecycle.move(appeal, Status.QUEUED)
    appeal.operator_id = None
    capacity.give_back(assignment, kind)
    live.wake("distribution")


def _lock(assignment_id: int, by: Employee) -> tuple[Assignment, Appeal]:
    """Lock the appeal, then its assignment."""
    assignment = db.session.get(Assignment, assignment_id)
    if assignment is None or assignment.employee_id != by.id:
        raise NotFound
    appeal = lifecycle.lock(assignment.appeal_id)
    db.session.refresh(assignment, with_for_update=True)
    if assignment.state != AssignmentState.OFFERED:
        raise OfferOver
    return assignment, appeal


def current_of(appeal_id: int, employee_id: int) -> Assignment | None:
    """Find the open assignment of an appeal to an operator."""
    return db.session.scalars(
        db.select(Assignment).where(
            Assignment.appeal_id == appeal_id, Assignment.employee_id == employee_id, Assignment.released_at.is_(None)
        )
    ).one_or_none()
