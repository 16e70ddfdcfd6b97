"""Diversion: where an appeal goes whose queue is closed at this hour, or has as many waiting as it may (guide 5.1)."""

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from cec.platform.db import db
from cec.queues import calendars
from cec.queues.models import Queue


class Diversion(NamedTuple):
    """A step on the way: from a queue that is closed or full to the one that takes its place."""

    left: Queue
    into: Queue
    is_closed: bool


def divert(queue: Queue, at: dt.datetime, is_full: Callable[[Queue], bool]) -> list[Diversion]:
    """Follow the queues that take each other's place from the one chosen to the first that can take more; often none.

    Outside the hours of its calendar the queue that is named for that takes over, else a full one overflows. The way
    ends where it would come round, or at a queue that names no other: there the appeal waits. Arrivals at the same
    moment may pass a limit by as many as they are.
    """
    way: list[Diversion] = []
    been = {queue.id}
    while True:
        is_closed = bool(queue.closed_queue_id and queue.calendar and not calendars.is_open(queue.calendar, at))
        target = queue.closed_queue_id if is_closed else queue.overflow_queue_id
        if target in {None, *been} or not (is_closed or is_full(queue)):
            return way
        following = db.session.get(Queue, target)
        if following is None or not following.is_active:
            return way
        way.append(Diversion(queue, following, is_closed))
        been.add(following.id)
        queue = following
