"""Operator: whether the client of an appeal may be written to first (guide 3.2.6), noted and taken back in his card."""

from flask import Blueprint, render_template

from cec.clients import opting_out
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.operator import own
from cec.web.session import current_employee

bp = Blueprint("opting_out", __name__, url_prefix="/operator/appeals/<int:appeal_id>/opt-out")


@bp.get("")
@allow(Right.HANDLE_APPEALS)
def show(appeal_id: int) -> str:
    """Say whether the client may be written to first."""
    return render_template("operator/spared.html", appeal=own.opened(appeal_id, of=current_employee()))


@bp.put("")
@allow(Right.HANDLE_APPEALS)
def note(appeal_id: int) -> str:
    """Note that the client does not want to be written to first."""
    employee = current_employee()
    appeal = own.get(appeal_id, of=employee)
    opting_out.opt_out(appeal.address, by=employee.key, employee_id=employee.id, of=appeal.key)
    return show(appeal_id)


@bp.delete("")
@allow(Right.HANDLE_APPEALS)
def take_back(appeal_id: int) -> str:
    """Note that the client may be written to first again."""
    employee = current_employee()
    appeal = own.get(appeal_id, of=employee)
    opting_out.opt_back_in(appeal.address, by=employee.key, of=appeal.key)
    return show(appeal_id)
