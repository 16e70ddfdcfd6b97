"""Why an operator gets no appeals: what holds him back, and what waits in the lanes that he serves (guide 3.1)."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, text

from cec.distribution.explaining import percent
from cec.platform import clock
from cec.platform.db import db
from cec.platform.i18n import gettext as _
from cec.staff import presence
from cec.staff.models import Presence
from cec.staff.readers import Person

# More than so many are not counted.
MANY = 100
MOST_LANES = 20


@dataclass(frozen=True)
class ServedLane:
    """A lane that an operator serves: how many wait in it, at most MANY, and what keeps them from him."""

    queue: str
    channel: str
    waiting: int
    held_back: str = ""


@dataclass(frozen=True)
class WhyIdle:
    """Why an operator gets nothing; `reason` is empty if only nobody waits, or the next one comes at once."""

    reason: str
    lanes: list[ServedLane] = field(default_factory=list)


_SELF = text("""
    SELECT os.status, os.next_status, c.receiving, c.load, c.cap, c.exclusive, c.load >= c.cap AS full,
           EXISTS (SELECT 1 FROM assignment r WHERE r.employee_id = e.id AND r.state = 'offered') AS rings,
           -- A lane comes with its first appeal: till then his groups tell.
           EXISTS (SELECT 1 FROM operator_lane ol WHERE ol.employee_id = e.id)
           OR EXISTS (SELECT 1 FROM group_member m JOIN queue_group qg ON qg.group_id = m.group_id
                      JOIN queue q ON q.id = qg.queue_id AND q.is_active
                      WHERE m.employee_id = e.id AND NOT EXISTS (SELECT 1 FROM lane l WHERE l.queue_id = q.id))
               AS serves
    FROM employee e
    LEFT JOIN operator_status os ON os.employee_id = e.id AND upper_inf(os.during)
    LEFT JOIN capacity c ON c.employee_id = e.id
    WHERE e.id = :employee""")
_LANES = text("""
    SELECT q.name AS queue, l.channel, q.strategy = 'broadcast' AS broadcast, w.waiting, ol.share,
           ol.share = 0 OR h.rank_at <= :now - q.target * ol.share AS widened,
           coalesce(cc.load + l.units <= cc.cap, false) AS room
    FROM operator_lane ol
    JOIN lane l ON l.id = ol.lane_id
    JOIN queue q ON q.id = l.queue_id
    LEFT JOIN channel_capacity cc ON cc.employee_id = ol.employee_id AND cc.channel = l.channel
    CROSS JOIN LATERAL (
        SELECT count(*) AS waiting FROM (
            SELECT 1 FROM appeal a
            WHERE a.lane_id = l.id AND a.status = 'queued' AND a.preferred_operator_id IS NULL LIMIT :many) waiting) w
    LEFT JOIN LATERAL (
        SELECT a.rank_at FROM appeal a
        WHERE a.lane_id = l.id AND a.status = 'queued' AND a.preferred_operator_id IS NULL
        ORDER BY a.rank_at, a.id LIMIT 1) h ON true
    WHERE ol.employee_id = :employee
    ORDER BY w.waiting DESC, q.name, l.id LIMIT :most""")


def why_idle(employee: Person) -> WhyIdle:
    """Tell why an operator gets no appeals. Two statements, however many lanes he serves."""
    who = {"employee": employee.id, "now": clock.now()}
    own = db.session.execute(_SELF, who).one()
    lanes = db.session.execute(_LANES, {**who, "many": MANY, "most": MOST_LANES})
    # Who is offered nothing at all is kept from no lane by itself.
    held_back = _held_back if own.receiving else lambda _row: ""
    return WhyIdle(_reason(own), [ServedLane(row.queue, row.channel, row.waiting, held_back(row)) for row in lanes])


def _reason(own: Row[Any]) -> str:
    if not own.serves:
        return _("No queue is served by your groups and skills: ask your supervisor.")
    if not own.receiving:
        return _not_receiving(own)
    if own.rings:
        return _("An offer rings: the next one comes after it.")
    if own.exclusive:
        return _("You have a call: nothing comes beside it.")
    if own.full:
        return _("You hold {load} of {cap}: there is no room.").format(load=own.load, cap=own.cap)
    return ""


def _not_receiving(own: Row[Any]) -> str:
    if own.status == Presence.ACTIVE and own.next_status:
        chosen = presence.name(own.next_status)
        return _("“{status}” follows when you are done: nothing more is offered.").format(status=chosen)
    status = presence.name(own.status or Presence.OFFLINE)
    return _("Your status is “{status}”: nothing is offered.").format(status=status)


def _held_back(row: Row[Any]) -> str:
    if row.broadcast:
        return _("up for taking: nobody is offered them")
    if not row.room:
        return _("no room in this channel")
    if row.waiting and not row.widened:
        return _("yours from {share} of the target on").format(share=percent(row.share))
    return ""
