"""What an administrator decides about a queue, and which of it cannot be (guide 5.1)."""

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cec.platform.db import db
from cec.platform.errors import Invalid
from cec.queues.calendars import has_hours
from cec.queues.models import Calendar, Queue, Strategy
from cec.staff.models import OperatorGroup

LONGEST_NAME = 100
LONGEST_DESCRIPTION = 1000
LONGEST_SIGNATURE = 2000
LONGEST_SENDER = 100
TIERS, LEVELS = 9, 9
HEAVIEST, LIGHTEST = 100.0, 0.1
MOST_UNITS = 100
MOST_STEPS = 9
LATEST_STEP = 20.0
MOST_WAITING = 100_000
MOST_ACTIVE = 1000
MOST_IDLE = 24 * 60
# What a new queue begins with: who chats sits before the window and waits.
IDLE_MINUTES = {"webchat": 3, "api": 30}
RING = dt.timedelta(seconds=5), dt.timedelta(minutes=10)
NOTHING = dt.timedelta()


class NameMissing(Invalid):
    """Write a name of at most 100 characters."""

    field = "name"


class DescriptionTooLong(Invalid):
    """A description has 1000 characters at most."""

    field = "description"


class GroupsMissing(Invalid):
    """Choose at least one group that serves the queue at once: level 1."""

    field = "groups"


class StrategyUnknown(Invalid):
    """Choose a strategy from the list."""

    field = "strategy"


class RingUnfit(Invalid):
    """An offer rings from 5 s to 10 min."""

    field = "ring"


class WeightUnfit(Invalid):
    """A weight is a number from 0.1 to 100."""

    field = "weight"


class TierUnfit(Invalid):
    """A tier is a whole number from 1 to 9."""

    field = "tier"


class NoTimeAtAll(Invalid):
    """Write more than nothing: at least 1 s."""


class StepUnfit(Invalid):
    """A step begins after 1 to 2000 per cent of the target, each later than the one before."""

    field = "widening"


class StepWithoutGroup(Invalid):
    """No group serves this queue at that level: give a group the level first."""

    field = "widening"


class UnitsUnfit(Invalid):
    """An appeal takes from 1 to 100 units."""

    field = "channel_units"


class IdleUnfit(Invalid):
    """An appeal is idle after 1 to 1440 minutes; empty is never."""

    field = "idle_minutes"


class LongestUnfit(Invalid):
    """From 1 to 100000 appeals may wait; empty is without a limit."""

    field = "longest"


class LeadsToItself(Invalid):
    """A queue cannot send appeals to itself."""


class NoSuchTarget(Invalid):
    """Choose a queue that takes appeals."""


class OverflowIncomplete(Invalid):
    """Say both: how many may wait at most, and to which queue further ones go."""

    field = "overflow_queue_id"


class ClosedWithoutCalendar(Invalid):
    """Without a calendar a queue is never closed: choose its calendar first."""

    field = "closed_queue_id"


class CalendarUnfit(Invalid):
    """Choose a calendar that has hours."""

    field = "calendar_id"


class GoalUnfit(Invalid):
    """A service level is from 1 to 100 per cent."""

    field = "service_goal"


class LeastUnfit(Invalid):
    """From 1 to 1000 operators have to stay; empty is nobody."""

    field = "least_active"


class SignatureTooLong(Invalid):
    """A signature has 2000 characters at most."""

    field = "signature"


@dataclass(frozen=True)
class Terms:
    """All that can be set of a queue but its code; `levels` says which group serves it, by its number, and when."""

    name: str
    levels: Mapping[int, int] = field(default_factory=dict)
    description: str = ""
    is_active: bool = True
    is_default: bool = False
    calendar_id: int | None = None
    closed_queue_id: int | None = None
    strategy: str = Strategy.LONGEST_IDLE
    ring: dt.timedelta = dt.timedelta(seconds=30)
    auto_accept: bool = False
    sticky: dt.timedelta = dt.timedelta(seconds=60)
    sticky_above: bool = False
    weight: float = 1.0
    tier: int = 1
    target: dt.timedelta = dt.timedelta(minutes=10)
    widening: Sequence[Mapping[str, Any]] = ()
    channel_units: Mapping[str, int] = field(default_factory=dict)
    idle_minutes: Mapping[str, int] = field(default_factory=lambda: dict(IDLE_MINUTES))
    longest: int | None = None
    overflow_queue_id: int | None = None
    first_response: dt.timedelta = dt.timedelta(hours=8)
    next_response: dt.timedelta = dt.timedelta(hours=8)
    resolve_within: dt.timedelta = dt.timedelta(days=3)
    service_goal: int = 80
    service_within: dt.timedelta = dt.timedelta(minutes=10)
    reopen_within: dt.timedelta = dt.timedelta(hours=24)
    wait_for_client: dt.timedelta = dt.timedelta(days=3)
    topic_required: bool = True
    least_active: int | None = None
    signature: str = ""
    sender_name: str = ""
    sender_account_id: int | None = None


# Durations that have to last.
_LASTING = ("target", "first_response", "next_response", "resolve_within", "service_within", "wait_for_client")


def faults(terms: Terms, own: int | None) -> dict[str, str]:
    """Tell what cannot be, each with its sentence at its field; `own` is the queue itself if it is there already."""
    found: dict[str, str] = {}
    for refusal in (*_figures(terms), *_serving(terms), *_ways(terms, own)):
        found.setdefault(refusal.field, refusal.sentence())
    return found


def _figures(terms: Terms) -> Iterator[Invalid]:
    judged: list[tuple[bool, type[Invalid]]] = [
        (0 < len(terms.name) <= LONGEST_NAME, NameMissing),
        (len(terms.description) <= LONGEST_DESCRIPTION, DescriptionTooLong),
        (terms.strategy in set(Strategy), StrategyUnknown),
        (RING[0] <= terms.ring <= RING[1], RingUnfit),
        (math.isfinite(terms.weight) and LIGHTEST <= terms.weight <= HEAVIEST, WeightUnfit),
        (1 <= terms.tier <= TIERS, TierUnfit),
        (all(1 <= units <= MOST_UNITS for units in terms.channel_units.values()), UnitsUnfit),
        (all(1 <= minutes <= MOST_IDLE for minutes in terms.idle_minutes.values()), IdleUnfit),
        (terms.longest is None or 1 <= terms.longest <= MOST_WAITING, LongestUnfit),
        (1 <= terms.service_goal <= 100, GoalUnfit),  # noqa: PLR2004 - per cent
        (terms.least_active is None or 1 <= terms.least_active <= MOST_ACTIVE, LeastUnfit),
        (len(terms.signature) <= LONGEST_SIGNATURE, SignatureTooLong),
    ]
    yield from (refusal() for fits, refusal in judged if not fits)
    for name in _LASTING:
        if getattr(terms, name) <= NOTHING:
            yield _at(NoTimeAtAll(), name)


def _serving(terms: Terms) -> Iterator[Invalid]:
    known = set(db.session.scalars(db.select(OperatorGroup.id).where(OperatorGroup.id.in_(terms.levels))))
    levels = {level for group, level in terms.levels.items() if group in known}
    if 1 not in levels:
        yield GroupsMissing()
    before = 0.0
    for step in terms.widening[:MOST_STEPS]:
        if not before < step["after"] <= LATEST_STEP:
            yield StepUnfit()
        if "level" in step and step["level"] not in levels:
            yield StepWithoutGroup()
        before = step["after"]


def _ways(terms: Terms, own: int | None) -> Iterator[Invalid]:
    for name in ("closed_queue_id", "overflow_queue_id"):
        target = getattr(terms, name)
        if target is not None and target == own:
            yield _at(LeadsToItself(), name)
        elif target is not None and not _takes(target):
            yield _at(NoSuchTarget(), name)
    if (terms.longest is None) != (terms.overflow_queue_id is None):
        yield OverflowIncomplete()
    calendar = db.session.get(Calendar, terms.calendar_id) if terms.calendar_id else None
    if terms.calendar_id and (calendar is None or not has_hours(calendar)):
        yield CalendarUnfit()
    if terms.closed_queue_id and not terms.calendar_id:
        yield ClosedWithoutCalendar()


def _takes(queue_id: int) -> bool:
    queue = db.session.get(Queue, queue_id)
    return queue is not None and queue.is_active


def _at(refusal: Invalid, name: str) -> Invalid:
    refusal.field = name
    return refusal
