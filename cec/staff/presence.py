"""Statuses of an operator: what each means, and one unbroken line of intervals per person (guide 2.2.2, 3.9)."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import joinedload

from cec.platform import clock, journal
from cec.platform.db import db, rows
from cec.platform.i18n import gettext, mark
from cec.staff.models import Employee, OperatorStatus, Presence


@dataclass(frozen=True)
class Flags:
    """What a status means (SPEC 0.1.4)."""

    works: bool
    receives: bool
    # Whether appeals that are offered or in work stay with the operator or go back to their queues.
    keeps_appeals: bool
    online: bool


FLAGS = {
    Presence.ACTIVE: Flags(works=True, receives=True, keeps_appeals=True, online=True),
    Presence.NOT_ACCEPTING: Flags(works=True, receives=False, keeps_appeals=True, online=True),
    Presence.BREAK: Flags(works=False, receives=False, keeps_appeals=False, online=True),
    # Has touched nothing for long while active; the next touch ends it.
    Presence.IDLE: Flags(works=False, receives=False, keeps_appeals=True, online=True),
    Presence.NO_LINK: Flags(works=False, receives=False, keeps_appeals=True, online=False),
    Presence.OFFLINE: Flags(works=False, receives=False, keeps_appeals=False, online=False),
}

_NAMES = {
    Presence.ACTIVE: mark("Active"),
    Presence.NOT_ACCEPTING: mark("Not accepting"),
    Presence.BREAK: mark("Break"),
    Presence.IDLE: mark("Idle"),
    Presence.NO_LINK: mark("No link"),
    Presence.OFFLINE: mark("Offline"),
}


@dataclass(frozen=True)
class Choice:
    """A status, and the reason of the directory if it has one."""

    status: Presence
    reason_id: int | None = None


def name(status: str) -> str:
    """Name a status in the reader's language."""
    return gettext(_NAMES[Presence(status)])


# Every redrawn list asks this: put together once.
_CURRENT = (
    db.select(OperatorStatus)
    .where(OperatorStatus.employee_id == db.bindparam("employee"), db.func.upper_inf(OperatorStatus.during))
    .options(joinedload(OperatorStatus.reason), joinedload(OperatorStatus.next_reason))
    .execution_options(populate_existing=True)
)


def current(employee_id: int) -> OperatorStatus | None:
    """Give the running interval of an operator with its reasons; none if he never signed in."""
    return db.session.scalars(_CURRENT, {"employee": employee_id}).one_or_none()


def current_of(employee_ids: Iterable[int]) -> dict[int, Presence]:
    """Tell the statuses of several people; who never signed in is offline."""
    ids = list(employee_ids)
    known = {row.employee_id: Presence(row.status) for row in db.session.scalars(_running(ids))}
    return {employee_id: known.get(employee_id, Presence.OFFLINE) for employee_id in ids}


def list_operators() -> list[tuple[int, str, Presence]]:
    """List who may be given appeals, by name, with his status now: number, name, status."""
    return [(number, name, Presence(status)) for number, name, status in rows(_OPERATORS)]


_OPERATORS = """
    SELECT e.id, e.name, coalesce(s.status, 'offline')
    FROM employee e LEFT JOIN operator_status s ON s.employee_id = e.id AND upper_inf(s.during)
    WHERE e.is_active AND e.roles @> '["operator"]' ORDER BY e.name, e.id"""


def _running(ids: list[int]) -> Select[OperatorStatus]:
    wanted: Select[OperatorStatus] = (
        db.select(OperatorStatus)
        .where(OperatorStatus.employee_id.in_(ids), db.func.upper_inf(OperatorStatus.during))
        .execution_options(populate_existing=True)
    )
    return wanted


def lock(employee_id: int) -> None:
    """Take turns with whoever changes this person's status or sessions; comes before his capacity row."""
    # "No key": rows that only mention the employee are written meanwhile.
    db.session.execute(db.select(Employee.id).where(Employee.id == employee_id).with_for_update(key_share=True))


def set_status(
    employee: Employee,
    status: Presence,
    *,
    by: str,
    source: str,
    reason_id: int | None = None,
    at: dt.datetime | None = None,
    **facts: Any,
) -> None:
    """End the running status of an operator and begin another, now or as of a moment of the past.

    The same status goes on; what was to follow it is forgotten. Two requests at once take turns at the employee's row,
    so intervals neither overlap nor leave gaps.
    """
    lock(employee.id)
    running = current(employee.id)
    if running is not None and (running.status, running.reason_id) == (status, reason_id):
        cancel_next(employee, by=by)
        return
    began = _turn(employee.id, running, Choice(status, reason_id), source, at or clock.now())
    began.next_status = began.next_reason_id = None
    db.session.flush()
    journal.record(
        "operator.status_changed", employee.key, by=by, status=str(status), source=source, reason_id=reason_id, **facts
    )


def _turn(
    employee_id: int, running: OperatorStatus | None, choice: Choice, source: str, now: dt.datetime
) -> OperatorStatus:
    began = running.during.lower if running is not None else None
    if running is not None and began is not None and began >= now:
        # Two moves at one moment: an interval has to last, so the second takes the place of the first.
        running.status, running.reason_id, running.source = choice.status, choice.reason_id, source
        return running
    if running is not None:
        running.during = Range(began, now)
        db.session.flush()
    new = OperatorStatus(
        employee_id=employee_id,
        status=choice.status,
        reason_id=choice.reason_id,
        during=Range(now, None),
        source=source,
    )
    db.session.add(new)
    return new


def choose_next(employee: Employee, choice: Choice, *, by: str) -> None:
    """Let a status follow once nothing is offered or in work; nothing new arrives from now on."""
    lock(employee.id)
    running = current(employee.id)
    if running is None:
        return
    running.next_status, running.next_reason_id = choice.status, choice.reason_id
    db.session.flush()
    facts = {"next": str(choice.status), "reason_id": choice.reason_id}
    journal.record("operator.next_chosen", employee.key, by=by, status=running.status, **facts)


def cancel_next(employee: Employee, *, by: str) -> None:
    """Let nothing follow: the running status goes on as it was."""
    lock(employee.id)
    running = current(employee.id)
    if running is None or running.next_status is None:
        return
    running.next_status = running.next_reason_id = None
    db.session.flush()
    journal.record("operator.next_cancelled", employee.key, by=by, status=running.status)


def next_of(employee_id: int) -> Choice | None:
    """Tell what is to follow the running status of an operator."""
    running = current(employee_id)
    if running is None or running.next_status is None:
        return None
    return Choice(Presence(running.next_status), running.next_reason_id)


def since(interval: OperatorStatus) -> dt.datetime:
    """Tell when an interval began."""
    assert interval.during.lower is not None
    return interval.during.lower
