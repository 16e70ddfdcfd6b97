"""A queue is closed while appeals wait in it: they move over to the default queue, nothing is stranded (guide 5.1)."""

import datetime as dt

from cec.appeals import lifecycle, queueing
from cec.appeals.models import Appeal, Status
from cec.platform import clock, journal, work
from cec.platform.db import db
from cec.queues.models import Lane, Queue

# One transaction moves so many, and skips those that somebody has in hand.
BATCH = 100
LATER = dt.timedelta(seconds=1)


@journal.on("queue.changed")
def _look(entry: journal.Entry) -> None:
    queue = db.session.get_one(Queue, int(entry.subject.partition(":")[2]))
    if not queue.is_active and _waits_in(queue.id):
        work.enqueue("appeals.reroute", queue_id=queue.id)


def look() -> int:
    """Find closed queues into which something came back since, and let it move over; gives how many."""
    closed = db.session.scalars(db.select(Queue.id).where(~Queue.is_active).order_by(Queue.id)).all()
    stranded = [queue_id for queue_id in closed if _waits_in(queue_id)]
    for queue_id in stranded:
        work.enqueue("appeals.reroute", queue_id=queue_id)
    return len(stranded)


@work.handler("appeals.reroute")
def reroute(queue_id: int) -> None:
    """Move what waits in a closed queue to the default queue, a batch at a time."""
    queue = db.session.get_one(Queue, queue_id)
    if queue.is_active or not db.session.scalar(db.select(db.exists().where(Queue.is_active))):
        return
    waiting = db.session.scalars(
        db.select(Appeal)
        .join(Lane, Lane.id == Appeal.lane_id)
        .where(Lane.queue_id == queue_id, Appeal.status == Status.QUEUED)
        .order_by(Appeal.id)
        .limit(BATCH)
        .with_for_update(of=Appeal, skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for appeal in waiting:
        lifecycle.hold(appeal)
        queueing.move_over(appeal, by="system")
    db.session.flush()
    if _waits_in(queue_id):
        work.enqueue("appeals.reroute", at=None if waiting else clock.now() + LATER, queue_id=queue_id)


def _waits_in(queue_id: int) -> bool:
    return bool(
        db.session.scalar(
            db.select(
                db.exists().where(Lane.queue_id == queue_id, Appeal.lane_id == Lane.id, Appeal.status == Status.QUEUED)
            )
        )
    )
