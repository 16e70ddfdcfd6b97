"""Operator: templates of his own (guide 3.3.4)."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.platform import changes
from cec.platform.errors import Refusal
from cec.replies import catalogues, filling_in, templates
from cec.replies.models import ReplyTemplate
from cec.replies.templates import Wanted
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.reply_samples import preview, sample
from cec.web.session import current_employee

bp = Blueprint("own_templates", __name__, url_prefix="/profile/templates")


@bp.get("")
@allow(Right.HANDLE_APPEALS)
def show(error: Refusal | None = None, **_of: int) -> str:
    """List a person's own templates; what was removed just now can be brought back."""
    employee = current_employee()
    removed = request.args.get("removed", type=int)
    return render_template(
        "profile/templates.html",
        error=error,
        rows=[(each, templates.path(each)) for each in templates.list_own(employee)],
        most=templates.MOST_OWN,
        removed=templates.find_removed(removed, employee) if removed else None,
    )


@bp.get("/new")
@allow(Right.HANDLE_APPEALS)
def show_new(error: Refusal | None = None) -> str:
    """Draw an empty form."""
    return _form(None, error)


@bp.post("/new")
@allow(Right.HANDLE_APPEALS)
@redrawn_by(show_new)
def add() -> Response:
    """Add a template of one's own."""
    employee = current_employee()
    templates.create(_wanted(), owner=employee, by=employee.key)
    return redirect(url_for("own_templates.show", saved=1), 303)


@bp.get("/<int:template_id>")
@allow(Right.HANDLE_APPEALS)
def show_one(template_id: int, error: Refusal | None = None) -> str:
    """Draw the form of one template."""
    return _form(templates.get(template_id, current_employee()), error)


@bp.post("/<int:template_id>")
@allow(Right.HANDLE_APPEALS)
@redrawn_by(show_one)
def change(template_id: int) -> Response:
    """Change a template of one's own."""
    employee = current_employee()
    template = templates.get(template_id, employee)
    templates.change(template, _wanted(), by=employee.key, seen=request.form.get("seen", ""))
    catalogues.tidy(employee)
    return redirect(url_for("own_templates.show", saved=1), 303)


@bp.post("/<int:template_id>/removal")
@allow(Right.HANDLE_APPEALS)
@redrawn_by(show)
def remove(template_id: int) -> Response:
    """Remove a template; the list offers to bring it back."""
    employee = current_employee()
    templates.remove(templates.get(template_id, employee), by=employee.key)
    catalogues.tidy(employee)
    return redirect(url_for("own_templates.show", removed=template_id), 303)


@bp.post("/<int:template_id>/return")
@allow(Right.HANDLE_APPEALS)
@redrawn_by(show)
def bring_back(template_id: int) -> Response:
    """Bring a removed template back."""
    employee = current_employee()
    templates.bring_back(templates.get(template_id, employee, removed=True), owner=employee, by=employee.key)
    return redirect(url_for("own_templates.show", saved=1), 303)


@bp.post("/preview")
@allow(Right.HANDLE_APPEALS)
def show_filled() -> str:
    """Draw what is typed as it would stand in an answer to a sample appeal."""
    return preview(current_employee())


def _form(template: ReplyTemplate | None, error: Refusal | None) -> str:
    employee = current_employee()
    return render_template(
        "profile/template.html",
        error=error,
        template=template,
        path=templates.path(template) if template else "",
        paths=[branch.path for branch in catalogues.tree(employee)],
        placeholders=filling_in.PLACEHOLDERS,
        sample=sample(employee),
        seen=changes.mark_of(templates.values(template)) if template else "",
    )


def _wanted() -> Wanted:
    form = request.form
    return Wanted(
        form.get("name", ""),
        form.get("text", ""),
        form.get("tags", ""),
        catalogues.at_path(form.get("path", ""), current_employee()),
    )
