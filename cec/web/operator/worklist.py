"""Operator: the desk, the list, offers accepted and declined (guide 2.2.6, 3.1, 3.2.1, 3.2.5)."""

from flask import Blueprint, make_response, request
from werkzeug.wrappers import Response

from cec.appeals import opening
from cec.appeals.models import Appeal
from cec.distribution import broadcasting, offering
from cec.platform.errors import Invalid
from cec.staff.models import Employee
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.operator import drawing
from cec.web.session import current_employee, current_reader

bp = Blueprint("worklist", __name__, url_prefix="/operator")


class NoSuchReason(Invalid):
    """Choose a reason from the list."""

    field = "reason"


@bp.get("")
@allow(Right.HANDLE_APPEALS)
def desk() -> str:
    """Draw the desk without an open appeal."""
    if drawing.is_part():
        return drawing.opened_parts(None, current_reader())["appeal"]
    return drawing.desk(current_reader())


@bp.get("/worklist")
@allow(Right.HANDLE_APPEALS)
def show() -> str:
    """Draw the list and the counters anew."""
    return drawing.together("worklist", drawing.list_parts(current_reader()))


@bp.post("/offers/<int:assignment_id>/acceptance")
@allow(Right.HANDLE_APPEALS)
def accept(assignment_id: int) -> Response:
    """Take an offered appeal and open it, unless the person is typing elsewhere."""
    return _opened(offering.accept(assignment_id, by=current_employee()), current_employee())


@bp.post("/taking/<int:appeal_id>")
@allow(Right.HANDLE_APPEALS)
def take(appeal_id: int) -> Response:
    """Take an appeal of those that are offered to nobody, and open it, unless the person is typing elsewhere."""
    return _opened(broadcasting.take(appeal_id, by=current_employee()), current_employee())


def _opened(appeal: Appeal, employee: Employee) -> Response:
    if request.form.get("stay"):
        return make_response(drawing.together("worklist", drawing.list_parts(employee)))
    parts = drawing.list_parts(employee, open_id=appeal.id)
    parts |= drawing.opened_parts(opening.opened(appeal.id, by=employee), employee)
    response = make_response(drawing.together("worklist", parts))
    response.headers["HX-Push-Url"] = f"/operator/appeals/{appeal.id}"
    return response


@bp.post("/offers/<int:assignment_id>/refusal")
@allow(Right.HANDLE_APPEALS)
def decline(assignment_id: int) -> str:
    """Decline an offer with a reason."""
    reason = request.form.get("reason", "")
    if reason not in drawing.DECLINE_REASONS:
        raise NoSuchReason
    offering.decline(assignment_id, by=current_employee(), reason=reason)
    return drawing.together("worklist", drawing.list_parts(current_reader()))
