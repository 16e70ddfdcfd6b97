"""Administrator: catalogues in which templates of answers lie, and whose queue they are for (guide 5.3.2)."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from cec.platform import changes
from cec.platform.errors import Refusal
from cec.queues import editing
from cec.replies import catalogues, finding
from cec.replies.catalogues import Place
from cec.staff.roles import Right
from cec.web.filling import Filled
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("reply_catalogues", __name__, url_prefix="/centre/templates/catalogues")


@bp.get("")
@allow(Right.MANAGE_CENTRE)
def show(error: Refusal | None = None) -> str:
    """Draw the tree of catalogues and the form that adds one."""
    return render_template(
        "business_admin/reply_catalogues.html",
        error=error,
        tree=catalogues.tree(None),
        counts=finding.count_by_catalogue(),
        **_choices(),
    )


@bp.post("")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def add() -> Response:
    """Add a catalogue."""
    catalogues.create(_place(), by=current_employee().key)
    return redirect(url_for("reply_catalogues.show", saved=1), 303)


@bp.get("/<int:catalogue_id>")
@allow(Right.MANAGE_CENTRE)
def show_one(catalogue_id: int, error: Refusal | None = None) -> str:
    """Draw the form of one catalogue."""
    catalogue = catalogues.get(catalogue_id)
    return render_template(
        "business_admin/reply_catalogue.html",
        error=error,
        catalogue=catalogue,
        count=finding.count_by_catalogue().get(catalogue_id, 0),
        seen=changes.mark_of(catalogues.values(catalogue)),
        **_choices(),
    )


@bp.post("/<int:catalogue_id>")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_one)
def change(catalogue_id: int) -> Response:
    """Rename a catalogue, move it, or give it to a queue."""
    place, seen = _place(), Filled().text("seen")
    catalogues.change(catalogues.get(catalogue_id), place, by=current_employee().key, seen=seen)
    return redirect(url_for("reply_catalogues.show", saved=1), 303)


@bp.post("/<int:catalogue_id>/removal")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_one)
def remove(catalogue_id: int) -> Response:
    """Remove an empty catalogue."""
    catalogues.remove(catalogues.get(catalogue_id), by=current_employee().key)
    return redirect(url_for("reply_catalogues.show", saved=1), 303)


def _choices() -> dict[str, list[tuple[int | str, str]]]:
    return {
        "parents": [("", "—"), *((branch.catalogue.id, branch.path) for branch in catalogues.tree(None))],
        "queues": [("", "—"), *((queue.id, queue.name) for queue in editing.list_all())],
    }


def _place() -> Place:
    form, choices = Filled(), _choices()
    parent_id, queue_id = (
        form.maybe_id(name, [int(value) for value, _word in choices[of] if value])
        for name, of in (("parent_id", "parents"), ("queue_id", "queues"))
    )
    form.done()
    return Place(form.text("name"), parent_id, queue_id)
