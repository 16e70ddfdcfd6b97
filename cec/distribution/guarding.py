"""The break guard: a queue says how many active operators it needs, and a break leaves it that many (guide 2.2.2)."""

from dataclasses import dataclass

from sqlalchemy import text

from cec.platform.db import db
from cec.platform.errors import Refusal
from cec.staff import presence
from cec.staff.models import Employee, Presence


class BreakLeavesTooFew(Refusal):
    """“{queue}” needs {least} active operators and would have {left} ({left}/{least}): wait until somebody comes."""


@dataclass(frozen=True)
class Margin:
    """A guarded queue of an operator: who else is active there, and how many it needs."""

    queue: str
    left: int
    least: int

    @property
    def refuses(self) -> bool:
        """Tell whether he cannot go."""
        return self.left < self.least


# The rows of the queues are taken in their order: two who want to go at once take turns. Whoever has chosen a break for
# later is as good as gone; so is nobody who does not serve the queue at all.
_GUARDED = text("""
    SELECT q.id FROM queue q
    WHERE q.is_active AND q.least_active IS NOT NULL AND EXISTS (
        SELECT 1 FROM queue_group qg JOIN group_member m ON m.group_id = qg.group_id
        WHERE qg.queue_id = q.id AND m.employee_id = :employee)
    ORDER BY q.id""")
_TAKE = text("SELECT id FROM queue WHERE id = ANY(:queues) ORDER BY id FOR NO KEY UPDATE")
_MARGINS = text("""
    SELECT q.name, q.least_active, count(DISTINCT s.employee_id)
    FROM queue q
    LEFT JOIN queue_group qg ON qg.queue_id = q.id
    LEFT JOIN group_member m ON m.group_id = qg.group_id AND m.employee_id <> :employee
    LEFT JOIN operator_status s ON s.employee_id = m.employee_id AND upper_inf(s.during)
        AND s.status = 'active' AND s.next_status IS NULL
    WHERE q.id = ANY(:queues)
    GROUP BY q.id ORDER BY q.name""")


def margins(employee: Employee, *, taken: bool = False) -> list[Margin]:
    """List the guarded queues that an operator serves; `taken`: until this transaction ends nobody else goes."""
    queues = list(db.session.scalars(_GUARDED, {"employee": employee.id}))
    if not queues:
        return []
    if taken:
        db.session.execute(_TAKE, {"queues": queues})
    found = db.session.execute(_MARGINS, {"employee": employee.id, "queues": queues})
    return [Margin(name, left, least) for name, least, left in found]


def check(employee: Employee, status: Presence) -> None:
    """Refuse a break that would leave a queue fewer active operators than it needs.

    :raises BreakLeavesTooFew: names the first such queue; who is not at work already may do what he likes.
    """
    running = presence.current(employee.id)
    if status != Presence.BREAK or running is None or not presence.FLAGS[Presence(running.status)].works:
        return
    for margin in margins(employee, taken=True):
        if margin.refuses:
            raise BreakLeavesTooFew(queue=margin.queue, left=margin.left, least=margin.least)
