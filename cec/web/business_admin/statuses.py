"""Administrator: reasons for a break, which operators choose in their status switch (guide 2.2.2)."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.platform.errors import Refusal
from cec.staff import reasons
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("statuses", __name__)


@bp.get("/centre/statuses")
@allow(Right.MANAGE_CENTRE)
def show(error: Refusal | None = None) -> str:
    """Draw the list of reasons and the form that adds one."""
    return render_template(
        "business_admin/statuses.html", error=error, reasons=reasons.list_all(retired=True), icons=reasons.icons()
    )


@bp.post("/centre/statuses")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def add() -> Response:
    """Add a reason."""
    reasons.create(name=request.form.get("name", ""), icon=request.form.get("icon", ""), by=current_employee().key)
    return redirect(url_for("statuses.show", saved=1), 303)


@bp.get("/centre/statuses/<int:reason_id>")
@allow(Right.MANAGE_CENTRE)
def show_reason(reason_id: int, error: Refusal | None = None) -> str:
    """Draw the form of one reason."""
    return render_template(
        "business_admin/status.html", error=error, reason=reasons.get(reason_id), icons=reasons.icons()
    )


@bp.post("/centre/statuses/<int:reason_id>")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_reason)
def change(reason_id: int) -> Response:
    """Rename a reason, change its icon, or take it out of use."""
    reasons.change(
        reasons.get(reason_id),
        name=request.form.get("name", ""),
        icon=request.form.get("icon", ""),
        is_active="is_active" in request.form,
        by=current_employee().key,
    )
    return redirect(url_for("statuses.show", saved=1), 303)
