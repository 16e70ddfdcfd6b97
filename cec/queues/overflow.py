"""Overflow: where an appeal goes whose queue has as many waiting as it may (guide 5.1)."""

from collections.abc import Callable
from typing import NamedTuple

from cec.platform.db import db
from cec.queues.models import Queue


class Diversion(NamedTuple):
    """A step on the way: from a full queue to the one that it overflows into."""

    full: Queue
    into: Queue


def divert(queue: Queue, is_full: Callable[[Queue], bool]) -> list[Diversion]:
    """Follow the overflow queues from the one chosen to the first with room; none if that one has room.

    The way ends where it would come round, or at a full queue that overflows into none: there the appeal stays.
    Arrivals at the same moment may pass a limit by as many as they are.
    """
    way: list[Diversion] = []
    been = {queue.id}
    while queue.overflow_queue_id not in {None, *been} and is_full(queue):
        following = db.session.get(Queue, queue.overflow_queue_id)
        if following is None or not following.is_active:
            break
        way.append(Diversion(queue, following))
        been.add(following.id)
        queue = following
    return way
