"""Administrator: how long each kind of data is kept, when it was last looked through, how much went and would go."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.platform import changes
from cec.platform.errors import Refusal
from cec.retention import kinds, steps, terms
from cec.staff.roles import Right
from cec.web.business_admin import revisions
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("retention", __name__, url_prefix="/centre/retention")


@bp.get("")
@allow(Right.MANAGE_CENTRE)
def show() -> str:
    """Draw the kinds with their terms."""
    return render_template("business_admin/retention.html", error=None, kinds=terms.list_all(), most=steps.MOST)


@bp.get("/<code>")
@allow(Right.MANAGE_CENTRE)
def show_kind(code: str, error: Refusal | None = None) -> str:
    """Draw one kind: what goes, what stays, its term and what was changed of it."""
    kind = terms.get(code)
    return render_template(
        "business_admin/retention_term.html",
        error=error,
        each=terms.standing(kind),
        longest=kinds.LONGEST,
        most=steps.MOST,
        seen=changes.mark_of(terms.values(kind)),
        revisions=revisions.of(f"retention:{code}"),
    )


@bp.post("/<code>")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_kind)
def change(code: str) -> Response:
    """Give a kind another term."""
    form = request.form
    days = form.get("days", "").strip()
    terms.change(
        terms.get(code),
        int(days) if days.isascii() and days.isdigit() and len(days) < 6 else None,  # noqa: PLR2004 - 3650 at most
        sure="sure" in form,
        seen=form.get("seen", ""),
        by=current_employee().key,
    )
    return redirect(url_for("retention.show", saved=1), 303)
