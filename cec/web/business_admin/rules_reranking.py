"""Administrator: those who wait judged anew after a publishing: who would move, and the act (guide 5.2)."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from cec.appeals import rejudging
from cec.platform.errors import NotFound, Refusal
from cec.rulebook import files
from cec.staff.roles import Right
from cec.web import actors
from cec.web.business_admin import rules_text
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("rules_reranking", __name__, url_prefix="/admin/rules/<name>/reranking")


@bp.get("")
@allow(Right.MANAGE_CENTRE)
def show(name: str, error: Refusal | None = None) -> str:
    """Tell how many of those who wait would move, and which of them furthest."""
    _must_give_points(name)
    last = rejudging.last()
    return render_template(
        "business_admin/rules/reranking.html",
        error=error,
        name=name,
        table=rules_text.title(name),
        version=files.current_stamp(name).version,
        preview=rejudging.preview(),
        last=last,
        who=actors.names({last.by}, current_employee())[last.by] if last else "",
    )


@bp.post("")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def rejudge(name: str) -> Response:
    """Judge those who wait anew."""
    _must_give_points(name)
    rejudging.begin(by=current_employee().key)
    return redirect(url_for("rules_reranking.show", name=name), 303)


def _must_give_points(name: str) -> None:
    """Other tables say nothing about the place of those who wait."""
    if name != rejudging.TABLE:
        raise NotFound
