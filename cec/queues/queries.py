"""Reading queues."""

from cec.platform.db import db
from cec.platform.errors import Invalid
from cec.queues.models import Queue


class NoSuchQueue(Invalid):
    """This queue is closed or gone: choose another one."""

    field = "queue_id"


def list_open() -> list[Queue]:
    """List the queues that take appeals, by name."""
    return list(db.session.scalars(db.select(Queue).where(Queue.is_active).order_by(Queue.name)))


def get_open(queue_id: int) -> Queue:
    """Get a queue that takes appeals.

    :raises NoSuchQueue: when it is closed or gone.
    """
    queue = db.session.get(Queue, queue_id)
    if queue is None or not queue.is_active:
        raise NoSuchQueue
    return queue
