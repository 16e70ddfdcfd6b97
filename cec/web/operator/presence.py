"""Operator: status with its running time (guide 2.2.2, 3.2.1)."""

from flask import Blueprint, render_template, request

from cec.distribution import returning
from cec.platform.errors import Invalid
from cec.staff import presence
from cec.staff.models import Presence
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.operator import drawing
from cec.web.session import current_employee

bp = Blueprint("presence", __name__, url_prefix="/operator/status")

# What an operator chooses himself; «offline» is signing out.
CHOICES = (Presence.ACTIVE, Presence.NOT_ACCEPTING, Presence.BREAK)


class NoSuchStatus(Invalid):
    """Choose a status from the list."""

    field = "status"


@bp.get("")
@allow(Right.HANDLE_APPEALS)
def show() -> str:
    """List the statuses, and what each would return to the queues."""
    employee = current_employee()
    held = returning.count_held(employee)
    return render_template(
        "operator/presence.html",
        statuses=CHOICES,
        state=drawing.state_of(employee),
        returns={status: 0 if presence.FLAGS[status].keeps_appeals else held for status in CHOICES},
    )


@bp.post("")
@allow(Right.HANDLE_APPEALS)
def change() -> str:
    """Change one's own status."""
    employee, wanted = current_employee(), request.form.get("status", "")
    if wanted not in CHOICES:
        raise NoSuchStatus
    presence.set_status(employee, Presence(wanted), by=employee.key, source="self")
    return drawing.together("worklist", drawing.list_parts(employee))
