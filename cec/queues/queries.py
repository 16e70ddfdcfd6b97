"""Reading queues."""

from cec.platform.db import db, unit
from cec.platform.errors import Invalid
from cec.queues.models import Calendar, Queue

_CALENDAR = "calendar of the centre"


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


def know_calendar_of_centre(calendar_id: int | None) -> None:
    """Remember in this transaction which calendar the default queue has: it was read with something else."""
    with db.session.no_autoflush:
        unit()[_CALENDAR] = db.session.get(Calendar, calendar_id) if calendar_id else None


def calendar_of_centre() -> Calendar | None:
    """Read, once in a transaction, the calendar of the default queue: what holds while no queue is known."""
    notes = unit()
    if _CALENDAR not in notes:
        wanted = db.select(Calendar).join(Queue, Queue.calendar_id == Calendar.id).where(Queue.is_default)
        with db.session.no_autoflush:
            notes[_CALENDAR] = db.session.scalars(wanted).one_or_none()
    calendar: Calendar | None = notes[_CALENDAR]
    return calendar
