"""How an operator stands: his status and what is to follow it, his slots (guide 2.2.2); drawn at every redraw."""

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

from cec.platform import clock
from cec.platform.db import rows
from cec.staff.models import Presence


@dataclass(frozen=True)
class Reason:
    """A reason of the directory as it is shown."""

    name: str
    icon: str


class Hours(NamedTuple):
    """From when until when somebody is to work."""

    begin: dt.datetime
    end: dt.datetime


@dataclass(frozen=True)
class Standing:
    """The running status, its reason, what follows; how many units he can hold and holds."""

    status: str
    since: dt.datetime
    reason: Reason | None = None
    next: str | None = None
    next_reason: Reason | None = None
    cap: int = 0
    load: int = 0
    # Whether he serves a queue whose appeals are up for taking.
    takes: bool = False
    # The shift that runs now.
    shift: Hours | None = None


_STANDING = """
    SELECT s.status, lower(s.during), r.name, r.icon, s.next_status, n.name, n.icon, c.cap, c.load,
           EXISTS (SELECT FROM operator_lane o JOIN lane l ON l.id = o.lane_id JOIN queue q ON q.id = l.queue_id
                   WHERE o.employee_id = s.employee_id AND q.strategy = 'broadcast'),
           lower(w.during), upper(w.during)
    FROM operator_status s
    LEFT JOIN status_reason r ON r.id = s.reason_id
    LEFT JOIN status_reason n ON n.id = s.next_reason_id
    LEFT JOIN capacity c ON c.employee_id = s.employee_id
    LEFT JOIN shift w ON w.employee_id = s.employee_id AND w.during @> %(now)s::timestamptz
    WHERE s.employee_id = %(employee)s AND upper_inf(s.during)"""


def of(employee_id: int) -> Standing:
    """Read how an operator stands in one statement; who has no status has not begun."""
    found = rows(_STANDING, employee=employee_id, now=clock.now())
    if not found:
        return Standing(Presence.OFFLINE, clock.now())
    status, since, reason, icon, then, then_reason, then_icon, cap, load, takes, begin, end = found[0]
    return Standing(
        status, since, _reason(reason, icon), then, _reason(then_reason, then_icon), cap or 0, load or 0, takes,
        Hours(begin, end) if begin else None,
    )  # fmt: skip


def _reason(name: str | None, icon: str | None) -> Reason | None:
    return Reason(name, icon) if name and icon else None
