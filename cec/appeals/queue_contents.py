"""What is inside a queue, and where it goes when the queue takes no appeals any more (guide 5.1)."""

from typing import NamedTuple

from sqlalchemy import text

from cec.platform.db import db


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


def count_waiting_by_queue() -> dict[int, int]:
    """Count what waits in each queue that anything waits in."""
    return dict(iter(db.session.execute(_WAITING)))


def waiting_lanes() -> list[int]:
    """List the lanes in which anything waits."""
    return list(db.session.scalars(_WAITING_LANES))


def count_inside(queue_id: int) -> Inside:
    """Count what is open in a queue."""
    return Inside(*db.session.execute(_INSIDE, {"queue": queue_id}).one())
