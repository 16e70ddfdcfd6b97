"""Why an appeal still waits: its place, and of everybody who could serve it what excludes him (guide 4.2)."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, text

from cec.appeals.models import Appeal
from cec.distribution.explaining import percent, span
from cec.distribution.lanes import LANE_OF_PEOPLE
from cec.platform import clock
from cec.platform.db import db
from cec.platform.i18n import day, time
from cec.platform.i18n import gettext as _
from cec.queues import calendars
from cec.queues.models import Calendar, Strategy
from cec.staff import presence
from cec.staff.models import Presence

# Of more people than these only the number is told.
MOST = 60


@dataclass(frozen=True)
class Candidate:
    """Somebody of the groups that serve the queue; `excluded` is empty if he could take the appeal now."""

    name: str
    excluded: str


@dataclass(frozen=True)
class WhyWaiting:
    """How a waiting appeal stands. `ahead`: how many go before it in its lane."""

    ahead: int
    urgency: float
    waited: str
    target: str
    kept: str = ""
    widening: str = ""
    closed: str = ""
    broadcast: bool = False
    candidates: list[Candidate] = field(default_factory=list)


_PLACE = text("""
    SELECT a.rank_at, a.enqueued_at, q.target, q.weight, q.widening, q.strategy, q.calendar_id,
           urgency(q.weight, :now - least(a.rank_at, h.rank_at), q.target) AS urgency,
           p.name AS kept_for, a.preferred_until,
           (SELECT count(*) FROM appeal w WHERE w.lane_id = a.lane_id AND w.status = 'queued'
            AND w.preferred_operator_id IS NULL AND (w.rank_at, w.id) < (a.rank_at, a.id)) AS ahead
    FROM appeal a
    JOIN queue q ON q.id = a.queue_id
    LEFT JOIN employee p ON p.id = a.preferred_operator_id
    LEFT JOIN LATERAL (
        SELECT w.rank_at FROM appeal w
        WHERE w.lane_id = a.lane_id AND w.status = 'queued' AND w.preferred_operator_id IS NULL
        ORDER BY w.rank_at, w.id LIMIT 1) h ON true
    WHERE a.id = :appeal AND a.status = 'queued'""")

# What each of them lacks, in the order in which it is told.
_PEOPLE = text(f"""
    WITH people AS ({LANE_OF_PEOPLE})
    SELECT e.id, e.name, p.lacks, p.removed, ol.level, ol.share, os.status, c.receiving, c.load, c.cap, c.exclusive,
           cc.load AS channel_load, cc.cap AS channel_cap, l.units, l.exclusive AS call,
           coalesce(CAST(e.channel_units ->> l.channel AS int), 1) = 0 AS channel_off,
           has_room(c.load, c.cap, cc.load, cc.cap, l.units, l.exclusive, 0) AS room,
           q.strategy <> 'broadcast'
               AND EXISTS (SELECT 1 FROM assignment r WHERE r.employee_id = e.id AND r.state = 'offered') AS rings,
           EXISTS (SELECT 1 FROM assignment r WHERE r.appeal_id = a.id AND r.employee_id = e.id
                   AND r.release_kind IN ('declined', 'missed', 'returned_idle')
                   AND r.released_at > :now - interval '60 s') AS refused,
           ol.share = 0 OR a.rank_at <= :now - q.target * ol.share AS widened
    FROM appeal a
    JOIN lane l ON l.id = a.lane_id
    JOIN queue q ON q.id = l.queue_id
    JOIN people p ON true
    JOIN employee e ON e.id = p.employee_id AND e.is_active AND e.roles ? 'operator'
    LEFT JOIN operator_lane ol ON ol.lane_id = l.id AND ol.employee_id = e.id
    LEFT JOIN operator_status os ON os.employee_id = e.id AND upper_inf(os.during)
    LEFT JOIN capacity c ON c.employee_id = e.id
    LEFT JOIN channel_capacity cc ON cc.employee_id = e.id AND cc.channel = l.channel
    WHERE a.id = :appeal
    ORDER BY (ol.lane_id IS NULL), (c.receiving IS NOT TRUE), e.name, e.id LIMIT :most""")  # noqa: S608 - our own words


def why_waiting(appeal: Appeal) -> WhyWaiting | None:
    """Tell why an appeal waits; nothing if it does not any more. A few statements, however many people there are."""
    now = clock.now()
    place = db.session.execute(_PLACE, {"appeal": appeal.id, "now": now}).one_or_none()
    if place is None:
        return None
    people = db.session.execute(_PEOPLE, {"appeal": appeal.id, "now": now, "most": MOST})
    return WhyWaiting(
        ahead=place.ahead,
        urgency=place.urgency,
        waited=span((now - place.enqueued_at).total_seconds()),
        target=span(place.target.total_seconds()),
        kept=_kept(place),
        widening=_widening(place, now),
        closed=_closed(place.calendar_id, now),
        broadcast=place.strategy == Strategy.BROADCAST,
        candidates=[Candidate(row.name, _excluded(row)) for row in people],
    )


def _kept(place: Row[Any]) -> str:
    if not place.kept_for:
        return ""
    if not place.preferred_until:
        return _("It is kept for {name}.").format(name=place.kept_for)
    return _("It is kept for {name} until {time}.").format(name=place.kept_for, time=time(place.preferred_until))


def _widening(place: Row[Any], now: dt.datetime) -> str:
    """Say when the queue opens to more people next."""
    steps = sorted(place.widening, key=lambda step: float(step["after"]))
    for step in steps:
        at = place.rank_at + place.target * float(step["after"])
        if at > now:
            what = _("wishes no longer count") if step.get("drop") else _("line {n} serves too")
            return _("At {time} it widens: {what}.").format(
                time=_when(at, now), what=what.format(n=step.get("level", ""))
            )
    return ""


def _closed(calendar_id: int | None, now: dt.datetime) -> str:
    """Say when its people come, outside the hours of its queue."""
    calendar = db.session.get(Calendar, calendar_id) if calendar_id else None
    if calendar is None or calendars.is_open(calendar, now):
        return ""
    opens = calendars.opens_at(calendar, now)
    return _("Its queue is closed now by the calendar “{name}” and opens at {time}.").format(
        name=calendar.name, time=_when(opens, now)
    )


def _when(at: dt.datetime, now: dt.datetime) -> str:
    today = day(at, now=now)
    return today if today == time(at) else f"{today}, {time(at)}"


def _excluded(row: Row[Any]) -> str:
    """Say the first thing for which he cannot take it."""
    if not row.receiving:
        return _("status “{status}”").format(status=presence.name(row.status or Presence.OFFLINE))
    return _never(row) if row.share is None else _not_now(row)


def _never(row: Row[Any]) -> str:
    """Say why he does not serve its lane."""
    if row.removed:
        return _("taken off this queue for a while")
    if row.channel_off:
        return _("does not take this channel")
    return _("lacks: {skills}").format(skills=", ".join(row.lacks)) if row.lacks else _("his line does not serve it")


def _not_now(row: Row[Any]) -> str:
    if not row.room:
        return _no_room(row)
    if row.rings:
        return _("another offer rings at him")
    if row.refused:
        return _("has just declined or missed it, or let it lie")
    return "" if row.widened else _("from {share} of the target on").format(share=percent(row.share))


def _no_room(row: Row[Any]) -> str:
    if row.call or row.exclusive:
        return _("a call needs an operator who holds nothing")
    load, cap = row.load, row.cap
    if row.load + row.units <= row.cap:
        load, cap = row.channel_load, row.channel_cap
    return _("no room: {load} of {cap}").format(load=load, cap=cap)
