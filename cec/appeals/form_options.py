"""What the selects of the forms offer: topics, resolutions, queues, operators, groups, reasons."""

from cec.appeals.models import Appeal, Resolution
from cec.platform.db import db
from cec.platform.i18n import gettext, mark
from cec.queues import queries as queues
from cec.queues.models import Queue, queue_group
from cec.staff import presence
from cec.staff.models import Employee, OperatorGroup
from cec.topics import queries as topics
from cec.workflow.forms import Option

REASONS = {
    "client_asked": mark("The client asked for it"),
    "colleagues": mark("Waiting for colleagues"),
    "partner": mark("Waiting for a partner or the warehouse"),
    "other": mark("Other"),
}


def gather(appeal: Appeal, *, by: Employee) -> dict[str, list[Option]]:
    """Collect the choices of every list that a form may name."""
    return {
        "topics": [Option(str(topic.id), topic.path) for topic in topics.list_leaves()],
        "resolutions": _resolutions(),
        "queues": [Option(str(queue.id), queue.name) for queue in queues.list_open() if queue.id != appeal.queue_id],
        "operators": _operators(by),
        "groups": groups(),
        "reasons": [Option(code, gettext(name)) for code, name in REASONS.items()],
    }


def _resolutions() -> list[Option]:
    active = db.select(Resolution).where(Resolution.is_active).order_by(Resolution.id)
    return [Option(str(resolution.id), resolution.name) for resolution in db.session.scalars(active)]


def _operators(by: Employee) -> list[Option]:
    others = db.session.scalars(
        db.select(Employee)
        .where(Employee.is_active, Employee.roles.contains(["operator"]), Employee.id != by.id)
        .order_by(Employee.name)
    ).all()
    statuses = presence.current_of([employee.id for employee in others])
    return [
        Option(str(employee.id), f"{employee.name} · {presence.name(statuses[employee.id])}") for employee in others
    ]


def groups() -> list[Option]:
    """List the groups that serve an open queue."""
    serving = (
        db.select(OperatorGroup)
        .where(OperatorGroup.id.in_(db.select(queue_group.c.group_id).join(Queue).where(Queue.is_active)))
        .order_by(OperatorGroup.name)
    )
    return [Option(str(group.id), group.name) for group in db.session.scalars(serving)]
