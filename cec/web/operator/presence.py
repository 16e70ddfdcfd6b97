"""Operator: status with reason and running time, and the status that follows (guide 2.2.2, 3.2.1)."""

from flask import Blueprint, render_template, request

from cec.distribution import guarding, resting, returning, standing
from cec.platform.errors import Invalid
from cec.staff import presence, reasons
from cec.staff.models import Presence
from cec.staff.presence import Choice
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.operator import drawing, feed
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
    """List the statuses and reasons, and what a break would return to the queues."""
    employee = current_employee()
    return render_template(
        "operator/presence.html",
        statuses=CHOICES[:2],
        reasons=reasons.list_all() or [None],
        state=standing.of(employee.id),
        held=returning.count_held(employee),
        margins=guarding.margins(employee),
    )


@bp.get("/break")
@allow(Right.HANDLE_APPEALS)
def show_break() -> str:
    """Say what a break would return, and offer to begin it when that is done."""
    reason_id = _reason_id()
    return render_template(
        "operator/break.html",
        reason=reasons.get(reason_id) if reason_id else None,
        held=returning.count_held(current_employee()),
    )


@bp.post("")
@allow(Right.HANDLE_APPEALS)
def change() -> str:
    """Change one's own status; a break returns as many appeals as were confirmed, or is refused."""
    confirmed = request.form.get("returns", default=0, type=int)
    resting.turn(current_employee(), _chosen(), confirmed=confirmed)
    return _redrawn()


@bp.post("/next")
@allow(Right.HANDLE_APPEALS)
def choose_next() -> str:
    """Let a break begin when the last appeal is done; no new ones come."""
    resting.turn_when_done(current_employee(), _chosen())
    return _redrawn()


@bp.delete("/next")
@allow(Right.HANDLE_APPEALS)
def cancel_next() -> str:
    """Stay in the running status."""
    presence.cancel_next(current_employee(), by=current_employee().key)
    return _redrawn()


@bp.get("/returned")
@allow(Right.HANDLE_APPEALS)
def show_returned() -> str:
    """List what went back to the queues while the link was lost, until it is dismissed."""
    return render_template("operator/returned.html", appeals=returning.untold(current_employee()), name_of=feed.name_of)


@bp.delete("/returned")
@allow(Right.HANDLE_APPEALS)
def dismiss_returned() -> str:
    """Note that the operator knows what went back."""
    returning.tell(current_employee())
    return ""


def _chosen() -> Choice:
    status = request.form.get("status", "")
    reason_id = _reason_id() if status == Presence.BREAK else None
    if status not in CHOICES:
        raise NoSuchStatus
    return Choice(Presence(status), reason_id)


def _reason_id() -> int | None:
    reason_id = request.values.get("reason_id", type=int)
    if reason_id and reason_id not in {reason.id for reason in reasons.list_all()}:
        raise NoSuchStatus
    return reason_id


def _redrawn() -> str:
    return drawing.together("worklist", drawing.list_parts(current_employee()))
