"""Operator: by which channel and to which address of the client an answer goes (guide 3.2.4)."""

from flask import Blueprint, render_template, request

from cec.appeals import drafts, ways
from cec.appeals.models import Appeal
from cec.appeals.ways import Way
from cec.platform.i18n import gettext
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.operator import drawing, own
from cec.web.session import current_employee

bp = Blueprint("ways", __name__, url_prefix="/operator/appeals/<int:appeal_id>")


@bp.get("/ways")
@allow(Right.HANDLE_APPEALS)
def show(appeal_id: int) -> str:
    """List where the client can be written to, and why not where he cannot."""
    employee = current_employee()
    appeal = own.get(appeal_id, of=employee)
    draft = drafts.find(appeal, employee, is_note=False)
    chosen = f"{draft.channel_account_id}:{draft.address_id}" if draft and draft.address_id else ways.usual(appeal).name
    return _menu(appeal, chosen)


@bp.put("/way")
@allow(Right.HANDLE_APPEALS)
def choose(appeal_id: int) -> str:
    """Let the answer go another way; what is written stays."""
    employee = current_employee()
    appeal = own.get(appeal_id, of=employee)
    email = request.form.get("email", "")
    way = ways.by_mail(appeal, email) if email.strip() or "way" not in request.form else _chosen(appeal)
    drafts.go(appeal, way, by=employee)
    marks = drawing.kept()["marks"]
    return drawing.appeal_part(own.opened(appeal_id, of=employee), employee, marks=marks)["appeal"]


def _chosen(appeal: Appeal) -> Way:
    way = ways.chosen(appeal, request.form["way"])
    if way.able().closed:
        raise ways.NotAWay
    return way


def _menu(appeal: Appeal, chosen: str) -> str:
    known = ways.list_of(appeal)
    told = ways.told_email(appeal)
    if any(way.address.lower() == told.lower() for way in known):
        told = ""
    rows = [(way, gettext(reason) if (reason := way.able().closed) else "") for way in known]
    return render_template("operator/ways.html", appeal=appeal, rows=rows, chosen=chosen, told=told)
