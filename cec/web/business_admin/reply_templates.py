"""Administrator: templates of answers for all (guide 5.3)."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.platform import changes
from cec.platform.errors import Refusal
from cec.platform.i18n import gettext, mark
from cec.replies import catalogues, filling_in, finding, templates
from cec.replies.finding import Filters
from cec.replies.models import ReplyTemplate
from cec.replies.templates import Wanted
from cec.staff.roles import Right
from cec.web.filling import Filled
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.reply_samples import preview, sample
from cec.web.session import current_employee

bp = Blueprint("reply_templates", __name__, url_prefix="/centre/templates")

STATES = {
    "": mark("All"),
    "active": mark("In use"),
    "inactive": mark("Out of use"),
    "unused": mark("In no answer for 90 days"),
}
LONGEST_WORDS = 200


@bp.get("")
@allow(Right.MANAGE_CENTRE)
def show(error: Refusal | None = None, **_of: int) -> str:
    """List the templates, narrowed by words, catalogue and state."""
    asked = request.args
    state = asked["state"] if asked.get("state") in STATES else ""
    words = asked.get("words", "").replace("\x00", "").strip()[:LONGEST_WORDS]
    filters = Filters(words, asked.get("catalogue", type=int), state)
    tree, removed = catalogues.tree(None), asked.get("removed", type=int)
    return render_template(
        "business_admin/reply_templates.html",
        error=error,
        rows=finding.shared(filters),
        tree=tree,
        paths={branch.catalogue.id: branch.path for branch in tree},
        filters=filters,
        states=[(value, gettext(word)) for value, word in STATES.items()],
        removed=templates.find_removed(removed) if removed else None,
    )


@bp.get("/new")
@allow(Right.MANAGE_CENTRE)
def show_new(error: Refusal | None = None) -> str:
    """Draw an empty form."""
    return _form(None, error)


@bp.post("/new")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_new)
def add() -> Response:
    """Add a template for all."""
    templates.create(_wanted(), by=current_employee().key)
    return redirect(url_for("reply_templates.show", saved=1), 303)


@bp.get("/<int:template_id>")
@allow(Right.MANAGE_CENTRE)
def show_one(template_id: int, error: Refusal | None = None) -> str:
    """Draw the form of one template."""
    return _form(templates.get(template_id), error)


@bp.post("/<int:template_id>")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_one)
def change(template_id: int) -> Response:
    """Change a template of all."""
    template = templates.get(template_id)
    templates.change(template, _wanted(), by=current_employee().key, seen=request.form.get("seen", ""))
    return redirect(url_for("reply_templates.show", saved=1), 303)


@bp.post("/<int:template_id>/removal")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def remove(template_id: int) -> Response:
    """Remove a template; the list offers to bring it back."""
    templates.remove(templates.get(template_id), by=current_employee().key)
    return redirect(url_for("reply_templates.show", removed=template_id), 303)


@bp.post("/<int:template_id>/return")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def bring_back(template_id: int) -> Response:
    """Bring a removed template back."""
    templates.bring_back(templates.get(template_id, removed=True), by=current_employee().key)
    return redirect(url_for("reply_templates.show", saved=1), 303)


@bp.post("/preview")
@allow(Right.MANAGE_CENTRE)
def show_filled() -> str:
    """Draw what is typed as it would stand in an answer to a sample appeal."""
    return preview(current_employee())


def _form(template: ReplyTemplate | None, error: Refusal | None) -> str:
    return render_template(
        "business_admin/reply_template.html",
        error=error,
        template=template,
        catalogues=[("", "—"), *((branch.catalogue.id, branch.path) for branch in catalogues.tree(None))],
        placeholders=filling_in.PLACEHOLDERS,
        sample=sample(current_employee()),
        uses=finding.count_uses(template) if template else 0,
        seen=changes.mark_of(templates.values(template)) if template else "",
    )


def _wanted() -> Wanted:
    form = Filled()
    catalogue_id = form.maybe_id("catalogue_id", [branch.catalogue.id for branch in catalogues.tree(None)])
    form.done()
    return Wanted(
        form.text("name"),
        request.form.get("text", ""),
        form.text("tags"),
        catalogues.get(catalogue_id) if catalogue_id else None,
        is_active=form.tick("is_active"),
    )
