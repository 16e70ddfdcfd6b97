"""Who looks at an appeal: a window says so while it shows the appeal; its operator sees names (guide 2.2.3)."""

from flask import Blueprint, render_template, request

from cec.appeals import viewing
from cec.staff.roles import Right
from cec.web import life
from cec.web.guards import allow
from cec.web.operator import own
from cec.web.session import current_employee

bp = Blueprint("viewing", __name__)


@bp.put("/viewing/<int:appeal_id>")
@allow(Right.HANDLE_APPEALS, Right.SEE_APPEALS)
def look(appeal_id: int) -> tuple[str, int]:
    """Say that one looks, or writes a note."""
    viewing.look(life.find(appeal_id), by=current_employee(), writes="writes" in request.form)
    return "", 204


@bp.delete("/viewing/<int:appeal_id>")
@allow(Right.HANDLE_APPEALS, Right.SEE_APPEALS)
def leave(appeal_id: int) -> tuple[str, int]:
    """Say that one looks no longer."""
    viewing.leave(life.find(appeal_id), by=current_employee())
    return "", 204


@bp.get("/operator/appeals/<int:appeal_id>/viewers")
@allow(Right.HANDLE_APPEALS)
def show(appeal_id: int) -> str:
    """Draw who else looks at an own appeal."""
    employee = current_employee()
    appeal = own.get(appeal_id, of=employee)
    return render_template("operator/viewers.html", viewers=viewing.viewers(appeal, of=employee))
