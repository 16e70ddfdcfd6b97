"""The directory of calendars: the hours of a week, holidays and short days, and which queues keep them (guide 5.1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import available_timezones

from cec.platform import changes, hours, journal
from cec.platform.db import db
from cec.platform.errors import Invalid, NotFound, Refusal
from cec.platform.i18n import gettext as _
from cec.queues.calendars import MOST_DAYS
from cec.queues.models import Calendar, Queue

LONGEST_NAME = 100
WEEK = 7


class CalendarNameMissing(Invalid):
    """Write a name of at most 100 characters."""

    field = "name"


class CalendarNameTaken(Invalid):
    """There is a calendar with this name already."""

    field = "name"


class CalendarZoneUnknown(Invalid):
    """There is no such time zone: choose one from the list."""

    field = "zone"


class CalendarWithoutHours(Invalid):
    """Give the week at least one day with hours: in a calendar without hours nothing is ever due."""

    field = "week"


class TooManyDays(Invalid):
    """A calendar has 500 days that differ at most: take out those that are past."""

    field = "days"


class CalendarInUse(Refusal):
    """Queues keep this calendar: give them another one first."""


@dataclass(frozen=True)
class Plan:
    """What a person writes into a calendar: the spans of seven days from Monday on, and of days that differ."""

    name: str
    zone: str
    week: Sequence[Sequence[hours.Span]]
    days: Mapping[str, Sequence[hours.Span]] = field(default_factory=dict)


def list_all() -> list[Calendar]:
    """List the calendars by name."""
    return list(db.session.scalars(db.select(Calendar).order_by(Calendar.name)))


def get(calendar_id: int) -> Calendar:
    """Get a calendar.

    :raises NotFound: when there is none.
    """
    calendar = db.session.get(Calendar, calendar_id)
    if calendar is None:
        raise NotFound
    return calendar


def queues_of(calendar_ids: Sequence[int]) -> dict[int, list[Queue]]:
    """List the queues that keep each of these calendars, by name."""
    keeping: dict[int, list[Queue]] = {calendar_id: [] for calendar_id in calendar_ids}
    for queue in db.session.scalars(db.select(Queue).where(Queue.calendar_id.in_(calendar_ids)).order_by(Queue.name)):
        assert queue.calendar_id is not None
        keeping[queue.calendar_id].append(queue)
    return keeping


def values(calendar: Calendar) -> dict[str, Any]:
    """Give what a calendar says, to compare and to write down."""
    return {"name": calendar.name, "zone": calendar.zone, "week": calendar.week, "days": calendar.days}


def plan_of(calendar: Calendar) -> Plan:
    """Give what a calendar says as a person writes it."""
    return Plan(
        calendar.name,
        calendar.zone,
        [_read(day) for day in calendar.week],
        {day: _read(spans) for day, spans in sorted(calendar.days.items())},
    )


def create(plan: Plan, *, by: str) -> Calendar:
    """Add a calendar.

    :raises Invalid: at the field that cannot be kept.
    """
    calendar = Calendar(**_checked(plan, None))
    db.session.add(calendar)
    db.session.flush()
    added = changes.difference({}, values(calendar))
    journal.record("calendar.changed", f"calendar:{calendar.id}", by=by, changed=added)
    return calendar


def change(calendar: Calendar, plan: Plan, *, by: str, seen: str = "") -> None:
    """Change a calendar; what is due already stays due when it was.

    :raises Invalid: at the field that cannot be kept.
    :raises ChangedMeanwhile: when it is not any more as the person saw it.
    """
    db.session.refresh(calendar, with_for_update=True)
    before = values(calendar)
    changes.check(before, seen)
    for name, value in _checked(plan, calendar.id).items():
        setattr(calendar, name, value)
    db.session.flush()
    changed = changes.difference(before, values(calendar))
    if changed:
        journal.record("calendar.changed", f"calendar:{calendar.id}", by=by, changed=changed)


def remove(calendar: Calendar, *, by: str) -> None:
    """Remove a calendar that no queue keeps.

    :raises CalendarInUse: when a queue keeps it.
    """
    db.session.refresh(calendar, with_for_update=True)
    if queues_of([calendar.id])[calendar.id]:
        raise CalendarInUse
    journal.record("calendar.changed", f"calendar:{calendar.id}", by=by, removed=calendar.name)
    db.session.delete(calendar)
    db.session.flush()


def _checked(plan: Plan, own: int | None) -> dict[str, Any]:
    name = " ".join(plan.name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise CalendarNameMissing
    with db.session.no_autoflush:
        same = db.session.scalar(db.select(Calendar.id).where(Calendar.name == name))
    if same not in {None, own}:
        raise CalendarNameTaken
    if plan.zone not in available_timezones():
        raise CalendarZoneUnknown
    if len(plan.week) != WEEK or not any(plan.week):
        raise CalendarWithoutHours
    if len(plan.days) > MOST_DAYS:
        raise TooManyDays
    return {
        "name": name,
        "zone": plan.zone,
        "week": [_kept(day) for day in plan.week],
        "days": {day: _kept(spans) for day, spans in sorted(plan.days.items())},
    }


def _kept(spans: Sequence[hours.Span]) -> list[list[str]]:
    """Keep the spans of a day; those that touch become one."""
    kept: list[hours.Span] = []
    for begin, end in spans:
        if kept and kept[-1][1] == begin:
            kept[-1] = kept[-1][0], end
        else:
            kept.append((begin, end))
    return [[hours.clock_face(begin), hours.clock_face(end)] for begin, end in kept]


def _read(day: Sequence[Sequence[str]]) -> list[hours.Span]:
    return [span for begin, end in day for span in hours.read(f"{begin}-{end}")]


def sample_name(name: str) -> str:
    """Name a copy: who makes it gives it a name of its own."""
    return _("%(name)s (copy)") % {"name": name}
