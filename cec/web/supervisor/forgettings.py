"""Supervisor: clients whom an administrator asks to forget; his is the second confirmation (SPEC 3.4.2, 152-FZ)."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.platform import audit
from cec.platform.errors import Refusal
from cec.platform.i18n import gettext
from cec.retention import confirming, forgetting, reach
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("forgettings", __name__, url_prefix="/forgettings")


@bp.get("")
@allow(Right.LEAD_OPERATORS)
def show() -> str:
    """Draw what waits for a supervisor."""
    waiting = [(each, confirming.whom(each)) for each in confirming.list_waiting()]
    return render_template("supervisor/forgettings.html", waiting=waiting, grounds=forgetting.GROUNDS)


@bp.get("/<int:number>")
@allow(Right.LEAD_OPERATORS)
def show_request(number: int, error: Refusal | None = None) -> str:
    """Draw whom it is about, who asks and why, and how much of what would go."""
    asked = confirming.get(number)
    person = confirming.whom(asked)
    his = reach.of(person)
    if error is None:
        audit.opened(person.key, by=current_employee().key)
    return render_template(
        "supervisor/forgetting.html",
        error=error,
        asked=asked,
        person=person,
        ground=gettext(forgetting.GROUNDS[asked.ground]),
        counts=reach.told(his.counts()),
        still_open=sorted(his.still_open.items()),
        is_own=asked.employee_id == current_employee().id,
    )


@bp.post("/<int:number>/confirmation")
@allow(Right.LEAD_OPERATORS)
@redrawn_by(show_request)
def confirm(number: int) -> Response:
    """Forget for good."""
    confirming.confirm(number, typed=request.form.get("confirm", ""), by=current_employee())
    return redirect(url_for("forgettings.show", done="forgotten"), 303)


@bp.post("/<int:number>/refusal")
@allow(Right.LEAD_OPERATORS)
@redrawn_by(show_request)
def refuse(number: int) -> Response:
    """Leave the client as he is."""
    confirming.refuse(number, by=current_employee())
    return redirect(url_for("forgettings.show", done="refused"), 303)
