"""Room of an operator: opened with his first status, taken by claims, given back with every release."""

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from cec.distribution.models import Assignment, AssignmentState, Capacity, ChannelCapacity
from cec.platform import clock, journal, live, work
from cec.platform.db import db
from cec.staff import presence
from cec.staff.models import Presence

CHANNELS = ("email",)


@journal.on("operator.status_changed", "operator.next_chosen", "operator.next_cancelled")
def _follow_status(entry: journal.Entry) -> None:
    """Receive as the status says; nothing any more once a break is to follow it."""
    employee_id = int(entry.subject.partition(":")[2])
    receiving = presence.FLAGS[Presence(entry.facts["status"])].receives and not entry.facts.get("next")
    wanted = insert(Capacity).values(
        employee_id=employee_id, cap=0, over=0, load=0, idle_since=clock.now(), receiving=receiving, misses=0
    )
    begins = db.case((Capacity.receiving, Capacity.idle_since), else_=clock.now())
    changed = {"receiving": receiving, "misses": 0, "idle_since": begins}
    load, opened = db.session.execute(
        wanted.on_conflict_do_update(index_elements=["employee_id"], set_=changed).returning(
            Capacity.load, text("xmax = 0")
        )
    ).one()
    if opened:
        follow(employee_id)
    if receiving:
        live.wake("distribution")
    if entry.facts.get("next") and not load:
        # The last appeal left while we waited for the row.
        work.enqueue("distribution.next_status", employee_id=employee_id)


# How much he holds as his card says, or as a supervisor changed it for a while: the last change wins.
_WANTED = """
    SELECT e.id, e.auto_accept, e.channel_units, coalesce(t.units, e.units) AS cap
    FROM employee e
    LEFT JOIN LATERAL (
        SELECT c.units FROM temporary_change c
        WHERE c.employee_id = e.id AND c.kind = 'units' AND c.until > :now ORDER BY c.id DESC LIMIT 1) t ON true"""
# A cap below the load raises `over`, which falls with each release. A call fills whatever the cap is.
_FOLLOW = text(f"""
    WITH wanted AS ({_WANTED} WHERE e.id = :employee)
    UPDATE capacity c SET cap = w.cap, auto_accept = w.auto_accept,
        load = CASE WHEN c.exclusive THEN greatest(w.cap, 1) ELSE c.load END,
        over = greatest(0, CASE WHEN c.exclusive THEN greatest(w.cap, 1) ELSE c.load END - w.cap)
    FROM wanted w WHERE c.employee_id = w.id
    RETURNING c.load, c.exclusive""")  # noqa: S608 - no words of others in it
# All that he holds is that call.
_FOLLOW_EXCLUSIVE = text("""
    UPDATE channel_capacity SET load = :load, over = greatest(0, :load - cap)
    WHERE employee_id = :employee AND load > 0""")
# Each channel in which something can wait, for one operator or for all.
_OPEN_ROOMS = text(f"""
    WITH wanted AS ({_WANTED}
        JOIN capacity c ON c.employee_id = e.id
        WHERE CAST(:employee AS int) IS NULL OR e.id = :employee),
    channels AS (SELECT unnest(CAST(:channels AS text[])) AS channel UNION SELECT channel FROM lane)
    INSERT INTO channel_capacity AS cc (employee_id, channel, cap, over, load)
    SELECT w.id, ch.channel, coalesce(CAST(w.channel_units ->> ch.channel AS int), w.cap), 0, 0
    FROM wanted w CROSS JOIN channels ch
    ORDER BY w.id, ch.channel
    ON CONFLICT (employee_id, channel) DO UPDATE SET cap = excluded.cap, over = greatest(0, cc.load - excluded.cap)
    WHERE cc.cap <> excluded.cap""")  # noqa: S608


def follow(employee_id: int) -> None:
    """Bring the room of an operator up to date with his card and with what was changed for a while."""
    db.session.flush()
    found = db.session.execute(_FOLLOW, {"employee": employee_id, "now": clock.now()}).one_or_none()
    if found is None:
        return
    _open_rooms(employee_id)
    if found.exclusive:
        db.session.execute(_FOLLOW_EXCLUSIVE, {"employee": employee_id, "load": found.load})
    live.announce("worklist", f"employee:{employee_id}")
    live.wake("distribution")


@journal.on("employee.changed")
def _follow_card(entry: journal.Entry) -> None:
    follow(int(entry.subject.partition(":")[2]))


@journal.on("lane.opened")
def _open_channel(entry: journal.Entry) -> None:
    if entry.facts["channel"] not in CHANNELS:
        _open_rooms(None)


def _open_rooms(employee_id: int | None) -> None:
    rooms = {"employee": employee_id, "channels": list(CHANNELS), "now": clock.now()}
    db.session.execute(_OPEN_ROOMS, rooms)


def take(employee_id: int, channel: str, weight: int, *, above: int = 0) -> bool:
    """Take room for an appeal outside a claim, at most `above` units over the cap; false if there is none.

    The caller holds the appeal; the capacity row comes last in the order of locks (CORE 3).
    """
    capacity, room = _rows(employee_id, channel)
    if capacity is None or room is None or not capacity.receiving or capacity.exclusive:
        return False
    if capacity.load + weight > capacity.cap + above or room.load + weight > room.cap + above:
        return False
    for row in (capacity, room):
        row.load += weight
        row.over = max(0, row.load - row.cap)
    capacity.last_offer_at = clock.now()
    db.session.flush()
    return True


def give_back(assignment: Assignment, kind: str) -> None:
    """End an assignment and give its room back; what was allowed above the cap goes first."""
    assignment.state, assignment.release_kind = AssignmentState.RELEASED, kind
    assignment.released_at = clock.now()
    capacity, room = _rows(assignment.employee_id, assignment.channel)
    # A call took all of him, whatever his cap has become since; what took no room has none to give back.
    is_call = capacity is not None and capacity.exclusive and assignment.weight > 0
    for row in (capacity, room):
        if row is not None:
            row.load -= row.load if is_call else assignment.weight
            row.over = max(0, row.load - row.cap)
    if capacity is not None:
        capacity.idle_since, capacity.exclusive = clock.now(), capacity.exclusive and not is_call
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
