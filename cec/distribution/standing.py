"""How an operator stands: his status and what is to follow it, his slots (guide 2.2.2); drawn at every redraw."""

import datetime as dt
from dataclasses import dataclass

from cec.platform import clock
from cec.platform.db import rows
from cec.staff.models import Presence


@dataclass(frozen=True)
class Reason:
    """A reason of the directory as it is shown."""

    name: str
    icon: str


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


_STANDING = """
    SELECT s.status, lower(s.during), r.name, r.icon, s.next_status, n.name, n.icon, c.cap, c.load,
           EXISTS (SELECT FROM operator_lane o JOIN lane l ON l.id = o.lane_id JOIN queue q ON q.id = l.queue_id
                   WHERE o.employee_id = s.employee_id AND q.strategy = 'broadcast')
    FROM operator_status s
    LEFT JOIN status_reason r ON r.id = s.reason_id
    LEFT JOIN status_reason n ON n.id = s.next_reason_id
    LEFT JOIN capacity c ON c.employee_id = s.employee_id
    WHERE s.employee_id = %(employee)s AND upper_inf(s.during)"""


def of(employee_id: int) -> Standing:
    """Read how an operator stands in one statement; who has no status has not begun."""
    found = rows(_STANDING, employee=employee_id)
    if not found:
        return Standing(Presence.OFFLINE, clock.now())
    status, since, reason, icon, then, then_reason, then_icon, cap, load, takes = found[0]
    reasons = _reason(reason, icon), _reason(then_reason, then_icon)
    return Standing(status, since, reasons[0], then, reasons[1], cap or 0, load or 0, takes)


def _reason(name: str | None, icon: str | None) -> Reason | None:
    return Reason(name, icon) if name and icon else None
