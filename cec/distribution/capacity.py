"""Room of an operator: opened with his first status, taken by claims, given back with every release."""

from sqlalchemy.dialects.postgresql import insert

from cec.distribution.models import Assignment, AssignmentState, Capacity, ChannelCapacity
from cec.platform import clock, journal, live, work
from cec.platform.db import db
from cec.staff import presence
from cec.staff.models import Presence

CAP = 5
CHANNELS = ("email",)


@journal.on("operator.status_changed", "operator.next_chosen", "operator.next_cancelled")
def _follow_status(entry: journal.Entry) -> None:
    """Receive as the status says; nothing any more once a break is to follow it."""
    employee_id = int(entry.subject.partition(":")[2])
    receiving = presence.FLAGS[Presence(entry.facts["status"])].receives and not entry.facts.get("next")
    wanted = insert(Capacity).values(
        employee_id=employee_id, cap=CAP, over=0, load=0, idle_since=clock.now(), receiving=receiving, misses=0
    )
    load = db.session.execute(
        wanted.on_conflict_do_update(
            index_elements=["employee_id"], set_={"receiving": receiving, "misses": 0}
        ).returning(Capacity.load)
    ).scalar_one()
    rooms = [{"employee_id": employee_id, "channel": channel, "cap": CAP, "over": 0, "load": 0} for channel in CHANNELS]
    db.session.execute(insert(ChannelCapacity).values(rooms).on_conflict_do_nothing())
    if receiving:
        live.wake("distribution")
    if entry.facts.get("next") and not load:
        # The last appeal left while we waited for the row.
        work.enqueue("distribution.next_status", employee_id=employee_id)


def take(employee_id: int, channel: str, weight: int, *, above: int = 0) -> bool:
    """Take room for an appeal outside a claim, at most `above` units over the cap; false if there is none.

    The caller holds the appeal; the capacity row comes last in the order of locks (CORE 3).
    """
    capacity, room = _rows(employee_id, channel)
    if capacity is None or room is None or not capacity.receiving:
        return False
    if capacity.load + weight > capacity.cap + above or room.load + weight > room.cap + above:
        return False
    for row in (capacity, room):
        row.over = max(row.over, row.load + weight - row.cap)
        row.load += weight
    capacity.idle_since = clock.now()
    db.session.flush()
    return True


def give_back(assignment: Assignment, kind: str) -> None:
    """End an assignment and give its room back; what was allowed above the cap goes first."""
    assignment.state, assignment.release_kind = AssignmentState.RELEASED, kind
    assignment.released_at = clock.now()
    for row in _rows(assignment.employee_id, assignment.channel):
        if row is not None:
            row.load -= assignment.weight
            row.over = max(0, min(row.over, row.load - row.cap))
    db.session.flush()
    _begin_next(assignment.employee_id)
    live.announce("worklist", f"employee:{assignment.employee_id}")
    live.wake("distribution")


def _begin_next(employee_id: int) -> None:
    """Let a break begin that was to follow the last appeal; in a transaction of its own: the status comes first."""
    held = db.session.get(Capacity, employee_id)
    if held and not held.load and not held.receiving and presence.next_of(employee_id):
        work.enqueue("distribution.next_status", employee_id=employee_id)


def _rows(employee_id: int, channel: str) -> tuple[Capacity | None, ChannelCapacity | None]:
    capacity = db.session.get(Capacity, employee_id, with_for_update=True, populate_existing=True)
    room = db.session.get(ChannelCapacity, (employee_id, channel), with_for_update=True, populate_existing=True)
    return capacity, room
