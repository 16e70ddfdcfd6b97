"""Shifts: who is to work when, planned by week in the clock of each one's branch; used by statuses and forecasts."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import contains_eager

from cec.platform import hours, journal, wall_clock
from cec.platform.db import db
from cec.platform.errors import Refusal
from cec.platform.hours import Span
from cec.staff import presence
from cec.staff.models import Employee, Presence, Shift

WEEK = 7
# What can be planned.
YEARS = range(2000, 2100)
_DAY = dt.timedelta(days=1)

# A person and a day: what the plan says there; a shift belongs to the day on which it begins.
Place = tuple[int, dt.date]


class ShiftsOverlap(Refusal):
    """{name} would have two shifts at once on {day}: a shift of the day before or after reaches into it."""


def monday_of(day: dt.date) -> dt.date:
    """Give the first day of a week."""
    return day - _DAY * day.weekday()


def planned_between(begin: dt.datetime, end: dt.datetime) -> list[Shift]:
    """List the shifts that touch a time, with their people, by beginning."""
    wanted = (
        db.select(Shift)
        .join(Shift.employee)
        .options(contains_eager(Shift.employee))
        .where(Shift.during.overlaps(Range(begin, end)), Employee.is_active)
        .order_by(db.func.lower(Shift.during), Shift.employee_id)
    )
    return list(db.session.scalars(wanted))


_NEXT = (
    db.select(Shift)
    .where(Shift.employee_id == db.bindparam("employee"), db.func.upper(Shift.during) > db.bindparam("at"))
    .order_by(db.func.lower(Shift.during))
    .limit(1)
)


def current_or_next(employee: Employee, at: dt.datetime) -> Shift | None:
    """Give the shift of a person that runs at a moment, else the next one; none if nothing is planned."""
    found: Shift | None = db.session.scalars(_NEXT, {"employee": employee.id, "at": at}).first()
    return found


def runs(shift: Shift | None, at: dt.datetime) -> bool:
    """Tell whether a shift runs at a moment."""
    return shift is not None and at in shift.during


def list_missing(at: dt.datetime) -> list[tuple[Shift, Presence]]:
    """List whose shift runs at a moment and who does not work at it, with the statuses they have instead."""
    now = [shift for shift in planned_between(at, at + dt.timedelta(microseconds=1)) if runs(shift, at)]
    statuses = presence.current_of(shift.employee_id for shift in now)
    return [
        (shift, statuses[shift.employee_id]) for shift in now if not presence.FLAGS[statuses[shift.employee_id]].works
    ]


def plan_of(people: Sequence[Employee], first: dt.date, days: int = WEEK) -> dict[Place, list[Span]]:
    """Tell the plan of people for days from a first one on; days without shifts are left out."""
    begin, end = _around(first, days)
    zones = {person.id: ZoneInfo(person.branch.zone) for person in people}
    wanted = db.select(Shift).where(Shift.employee_id.in_(zones), Shift.during.overlaps(Range(begin, end)))
    plan: dict[Place, list[Span]] = {}
    for shift in db.session.scalars(wanted.order_by(Shift.employee_id, db.func.lower(Shift.during))):
        day, span = _span_of(shift, zones[shift.employee_id])
        if first <= day < first + _DAY * days:
            plan.setdefault((shift.employee_id, day), []).append(span)
    return plan


def _around(first: dt.date, days: int) -> tuple[dt.datetime, dt.datetime]:
    """Give a time that surely holds these days in every zone."""
    begin = dt.datetime.combine(first, dt.time(), dt.UTC)
    return begin - 2 * _DAY, begin + _DAY * (days + 2)


def _span_of(shift: Shift, zone: ZoneInfo) -> tuple[dt.date, Span]:
    assert shift.during.lower is not None
    assert shift.during.upper is not None
    begin, end = shift.during.lower.astimezone(zone), shift.during.upper.astimezone(zone)
    until = (end.date() - begin.date()).days * hours.DAY + end.hour * 60 + end.minute
    return begin.date(), (begin.hour * 60 + begin.minute, until)


def write(plan: Mapping[Place, Sequence[Span]], people: Sequence[Employee], *, by: str) -> int:
    """Write the plan of people for some days anew, all or nothing; tells of how many people it changed.

    :raises ShiftsOverlap: when somebody would have two shifts at once.
    """
    changed = 0
    for person in sorted(people, key=lambda person: person.id):
        own = {day: list(spans) for (employee_id, day), spans in plan.items() if employee_id == person.id}
        if own:
            # Two planners take turns at each person.
            presence.lock(person.id)
            changed += _write_for(person, own, by)
    return changed


def _write_for(person: Employee, own: dict[dt.date, list[Span]], by: str) -> bool:
    before = {day: spans for (_id, day), spans in plan_of([person], min(own), (max(own) - min(own)).days + 1).items()}
    changed = {day: spans for day, spans in own.items() if before.get(day, []) != spans}
    if not changed:
        return False
    _replace(person, changed)
    told = {day.isoformat(): [hours.write(before.get(day, [])), hours.write(changed[day])] for day in sorted(changed)}
    journal.record("shifts.changed", person.key, by=by, changed=told)
    return True


def _replace(person: Employee, changed: dict[dt.date, list[Span]]) -> None:
    zone = ZoneInfo(person.branch.zone)
    begin, end = _around(min(changed), (max(changed) - min(changed)).days + 1)
    near = db.select(Shift).where(Shift.employee_id == person.id, Shift.during.overlaps(Range(begin, end)))
    kept = []
    for shift in db.session.scalars(near):
        if _span_of(shift, zone)[0] in changed:
            db.session.delete(shift)
        else:
            kept.append((shift.during.lower, shift.during.upper))
    db.session.flush()
    new = [
        (wall_clock.moment(day, first, zone.key), wall_clock.moment(day, last, zone.key))
        for day, spans in changed.items()
        for first, last in spans
    ]
    new = [(first, last) for first, last in new if first < last]
    _refuse_overlaps(person, sorted([*kept, *new]), zone)
    db.session.add_all(Shift(employee_id=person.id, during=Range(first, last)) for first, last in new)
    db.session.flush()


def _refuse_overlaps(person: Employee, spans: Iterable[Any], zone: ZoneInfo) -> None:
    for (_begin, end), (begin, _end) in pairwise(spans):
        if begin < end:
            raise ShiftsOverlap(name=person.name, day=begin.astimezone(zone).date().isoformat())


def copy_week(people: Sequence[Employee], source: dt.date, target: dt.date, *, by: str) -> int:
    """Plan the week of a Monday like another one, by the clock on the wall; days that have shifts stay as they are.

    :raises ShiftsOverlap: when a night shift would reach into a day that is planned already.
    """
    planned = plan_of(people, target)
    copied = {
        (employee_id, day + (target - source)): spans for (employee_id, day), spans in plan_of(people, source).items()
    }
    return write({place: spans for place, spans in copied.items() if place not in planned}, people, by=by)
