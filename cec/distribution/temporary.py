"""What a supervisor changes about an operator for a while: a queue more or less, another capacity (guide 4.3)."""

import datetime as dt
from enum import StrEnum

from cec.distribution import capacity, lanes
from cec.distribution.models import TemporaryChange
from cec.platform import clock, journal
from cec.platform.db import db
from cec.platform.errors import Invalid, NotFound
from cec.queues import queries as queues
from cec.staff.models import Employee

LONGEST = dt.timedelta(days=31)
MOST_UNITS = 100


class Kind(StrEnum):
    """What is changed."""

    QUEUE_ADDED = "queue_added"
    QUEUE_REMOVED = "queue_removed"
    UNITS = "units"


class EndsInThePast(Invalid):
    """Choose a time in the future, within 31 days."""

    field = "until"


class UnitsUnfit(Invalid):
    """An operator holds 0 to 100 units for a while."""

    field = "units"


def begin(
    employee: Employee,
    kind: Kind,
    *,
    until: dt.datetime,
    by: str,
    queue_id: int | None = None,
    units: int | None = None,
) -> TemporaryChange:
    """Change something about an operator until a moment; of two changes of the same thing the later one wins.

    :raises Invalid: when the moment, the queue or the units do not fit.
    """
    if not clock.now() < until <= clock.now() + LONGEST:
        raise EndsInThePast
    if kind == Kind.UNITS:
        queue_id = None
        if units is None or not 0 <= units <= MOST_UNITS:
            raise UnitsUnfit
    else:
        queue_id, units = queues.get_open(queue_id or 0).id, None
        _end_others(employee, queue_id)
    change = TemporaryChange(
        employee_id=employee.id, kind=kind, queue_id=queue_id, units=units, until=until, made_by=by
    )
    db.session.add(change)
    db.session.flush()
    facts = {"kind": str(kind), "queue_id": queue_id, "units": units, "until": until}
    journal.record("operator.change_begun", employee.key, by=by, **facts)
    return change


def _end_others(employee: Employee, queue_id: int) -> None:
    db.session.execute(
        db.delete(TemporaryChange).where(
            TemporaryChange.employee_id == employee.id, TemporaryChange.queue_id == queue_id
        )
    )


def end(change_id: int, *, by: str) -> None:
    """Take a change back before its time.

    :raises NotFound: when it is over already.
    """
    change = db.session.get(TemporaryChange, change_id, with_for_update=True)
    if change is None:
        raise NotFound
    _end(change, by)


def end_due() -> int:
    """End the changes whose time is over; gives how many."""
    due = db.session.scalars(
        db.select(TemporaryChange)
        .where(TemporaryChange.until <= clock.now())
        .order_by(TemporaryChange.employee_id, TemporaryChange.id)
        .with_for_update(skip_locked=True)
    ).all()
    for change in due:
        _end(change, "timer")
    return len(due)


def _end(change: TemporaryChange, by: str) -> None:
    db.session.delete(change)
    db.session.flush()
    facts = {"kind": change.kind, "queue_id": change.queue_id, "units": change.units}
    journal.record("operator.change_ended", f"employee:{change.employee_id}", by=by, **facts)


def running(employee: Employee) -> list[TemporaryChange]:
    """List what is changed about an operator now, what ends first at the head."""
    return list(
        db.session.scalars(
            db.select(TemporaryChange)
            .where(TemporaryChange.employee_id == employee.id, TemporaryChange.until > clock.now())
            .order_by(TemporaryChange.until, TemporaryChange.id)
        )
    )


@journal.on("operator.change_begun", "operator.change_ended")
def _follow(entry: journal.Entry) -> None:
    employee_id = int(entry.subject.partition(":")[2])
    lanes.refresh(employee=employee_id)
    capacity.follow(employee_id)
