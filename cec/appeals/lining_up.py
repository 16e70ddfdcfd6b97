"""Where an appeal would stand that the tables judge so and so: in which queue, before whom (guide 5.2)."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from cec.appeals import queueing
from cec.platform import clock
from cec.platform.db import db
from cec.queues import diverting, prioritizing
from cec.queues.models import Queue
from cec.rulebook import tables

# The two indexes of those who wait, one each.
_AHEAD = text("""
    SELECT count(*) FILTER (WHERE rank_at < :rank OR (rank_at = :rank AND (:itself = 0 OR id < :itself))) AS ahead,
           count(*) AS total
    FROM (
        SELECT a.id, a.rank_at FROM lane l JOIN appeal a ON a.lane_id = l.id AND a.status = 'queued'
            AND a.preferred_operator_id IS NULL WHERE l.queue_id = :queue
        UNION ALL
        SELECT a.id, a.rank_at FROM appeal a JOIN lane l ON l.id = a.lane_id AND l.queue_id = :queue
            WHERE a.status = 'queued' AND a.preferred_operator_id IS NOT NULL) waiting
    WHERE id <> :itself""")


@dataclass(frozen=True)
class Place:
    """A place in a queue: how many stand there, with this one, and at which place it would be, from 1."""

    queue: str
    position: int
    total: int
    points: int
    # The queue that the table names, when this one takes its place: closed or full.
    instead_of: str | None = None


def find(
    table: str,
    given: dict[str, Any],
    outputs: dict[str, Any],
    *,
    arrived_at: dt.datetime | None = None,
    itself: int = 0,
) -> Place | None:
    """Tell where an appeal would stand by what a table answers of it; None where the table says nothing about that.

    `itself` is left out of those who wait.
    """
    if table == "routing":
        queue = _queue(outputs.get("queue")) or _default()
        return _routed(queue, given, arrived_at, itself) if queue else None
    if table == "prioritization" and (queue := _queue(given.get("queue"))):
        return _place(queue, int(outputs.get("points") or 0), arrived_at, itself)
    return None


def _routed(queue: Queue, given: dict[str, Any], arrived_at: dt.datetime | None, itself: int) -> Place:
    way = diverting.divert(queue, clock.now(), queueing.is_full)
    into = way[-1].into if way else queue
    points = int(tables.judge("prioritization", {**given, "queue": into.code}).outputs.get("points") or 0)
    return _place(into, points, arrived_at, itself, instead_of=queue.name if way else None)


def _place(
    queue: Queue, points: int, arrived_at: dt.datetime | None, itself: int, *, instead_of: str | None = None
) -> Place:
    rank = prioritizing.rank_at(arrived_at or clock.now(), points, queue.target)
    found = db.session.execute(_AHEAD, {"queue": queue.id, "rank": rank, "itself": itself}).one()
    return Place(queue.name, found.ahead + 1, found.total + 1, points, instead_of)


def _queue(code: Any) -> Queue | None:
    if not isinstance(code, str):
        return None
    return db.session.scalars(db.select(Queue).where(Queue.code == code, Queue.is_active)).one_or_none()


def _default() -> Queue | None:
    return db.session.scalars(db.select(Queue).where(Queue.is_default, Queue.is_active)).one_or_none()
