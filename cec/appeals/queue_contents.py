"""What is inside a queue, and where it goes when the queue takes no appeals any more (guide 5.1)."""

from typing import NamedTuple

from sqlalchemy import text

from cec.appeals import lifecycle
from cec.appeals.models import Status
from cec.platform import journal, live
from cec.platform.db import db, unit_of_work
from cec.queues import lanes, prioritizing

# At once, at most: the next sweep goes on.
MOST = 500


class Inside(NamedTuple):
    """How many appeals wait in a queue, are with operators, are put aside until a time or the client's answer."""

    waiting: int
    held: int
    aside: int

    def __bool__(self) -> bool:
        """Tell whether there is anything."""
        return any(tuple(self))


# Each part is a partial index of the table: what is closed is not looked at.
_OPEN = """
    SELECT queue_id, status FROM appeal WHERE status = 'queued' AND preferred_operator_id IS NULL
    UNION ALL
    SELECT queue_id, status FROM appeal WHERE status = 'queued' AND preferred_operator_id IS NOT NULL"""
_WAITING = text(f"SELECT queue_id, count(*) FROM ({_OPEN}) o WHERE queue_id IS NOT NULL GROUP BY queue_id")  # noqa: S608 - ours
_INSIDE = text(f"""
    SELECT count(*) FILTER (WHERE status = 'queued'),
           count(*) FILTER (WHERE status IN ('offered', 'in_work')),
           count(*) FILTER (WHERE status IN ('waiting_for_client', 'postponed'))
    FROM ({_OPEN}
        UNION ALL
        SELECT queue_id, status FROM appeal
        WHERE status IN ('offered', 'in_work', 'waiting_for_client', 'postponed')) o
    WHERE queue_id = :queue""")  # noqa: S608 - ours
_WAITING_LANES = text("""
    SELECT l.id FROM lane l
    WHERE EXISTS (SELECT 1 FROM appeal a
                  WHERE a.lane_id = l.id AND a.status = 'queued' AND a.preferred_operator_id IS NULL)
    ORDER BY l.id""")
_LEFT_BEHIND = text("""
    SELECT a.id FROM queue q
    JOIN lane l ON l.queue_id = q.id
    JOIN appeal a ON a.lane_id = l.id AND a.status = 'queued'
    WHERE NOT q.is_active ORDER BY a.rank_at, a.id LIMIT :most""")


def count_waiting_by_queue() -> dict[int, int]:
    """Count what waits in each queue that anything waits in."""
    return dict(iter(db.session.execute(_WAITING)))


def waiting_lanes() -> list[int]:
    """List the lanes in which anything waits."""
    return list(db.session.scalars(_WAITING_LANES))


def count_inside(queue_id: int) -> Inside:
    """Count what is open in a queue."""
    return Inside(*db.session.execute(_INSIDE, {"queue": queue_id}).one())


def move_on() -> int:
    """Let what waits in queues that take no appeals any more go to the default queue, each in its own transaction.

    An operator who has one of them keeps it; one that comes back later to such a queue goes on, too.
    """
    with unit_of_work():
        left_behind = db.session.scalars(_LEFT_BEHIND, {"most": MOST}).all()
    return sum(_move(appeal_id) for appeal_id in left_behind)


def _move(appeal_id: int) -> bool:
    with unit_of_work():
        appeal = lifecycle.lock(appeal_id)
        left, lane = appeal.queue, appeal.lane
        if appeal.status != Status.QUEUED or left is None or lane is None or left.is_active:
            return False
        needs = [*lane.skills, *(f"{wish}?" for wish in lane.wishes)]
        queue, new_lane = lanes.find(None, appeal.channel, needs)
        appeal.queue, appeal.queue_id, appeal.lane_id = queue, queue.id, new_lane.id
        # Its place is by its first arrival, as after a transfer; what was promised to the client stays.
        arrived = appeal.enqueued_at or appeal.created_at
        appeal.rank_at = prioritizing.rank_at(arrived, appeal.points, queue.target)
        lifecycle.touch(appeal)
        journal.record("appeal.queued", appeal.key, by="system", queue=queue.name, points=appeal.points, left=left.name)
        live.wake("distribution")
    return True
