"""Operator: templates in the composer, and the prompter (guide 3.3.1, 3.3.2)."""

from typing import Any, NamedTuple

from flask import Blueprint, render_template, request

from cec.appeals import replying
from cec.appeals.models import Appeal
from cec.platform.errors import NotFound
from cec.platform.i18n import gettext, mark
from cec.replies import catalogues, filling_in, finding, suggesting, templates, using
from cec.replies.filling_in import Filled
from cec.replies.models import ReplyTemplate
from cec.replies.templates import Wanted
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.operator import own
from cec.web.session import current_employee

bp = Blueprint("replies", __name__, url_prefix="/operator/appeals/<int:appeal_id>")

LONGEST_WORDS = 200
PLACES = {
    "all": mark("All"),
    "favourite": mark("Starred"),
    "shared": mark("General"),
    "queue": mark("Of this queue"),
    "own": mark("My own"),
}


class Row(NamedTuple):
    """A template as the panel shows it: where it lies, and filled in for this appeal."""

    template: ReplyTemplate
    path: str
    is_favourite: bool
    filled: Filled


@bp.get("/templates")
@allow(Right.HANDLE_APPEALS)
def show(appeal_id: int) -> str:
    """Draw the panel of templates: search, places, what can be used here."""
    appeal = own.get(appeal_id, of=current_employee())
    places = [(place, gettext(name)) for place, name in PLACES.items()]
    paths = [branch.path for branch in catalogues.tree(current_employee())]
    return render_template("operator/replies.html", appeal=appeal, places=places, paths=paths, **_found(appeal))


@bp.get("/templates/list")
@allow(Right.HANDLE_APPEALS)
def narrow(appeal_id: int) -> str:
    """Draw the templates that words and a place leave."""
    appeal = own.get(appeal_id, of=current_employee())
    return render_template("operator/replies_found.html", appeal=appeal, **_found(appeal))


def _found(appeal: Appeal) -> dict[str, Any]:
    employee = current_employee()
    words = request.args.get("words", "").replace("\x00", "").strip()[:LONGEST_WORDS]
    place = request.args.get("place", "all")
    found = finding.usable(words, place, queue_id=appeal.queue_id, of=employee)
    values = replying.values(appeal, by=employee)
    rows = [
        Row(
            each.template, templates.path(each.template), each.is_favourite, filling_in.fill(each.template.text, values)
        )
        for each in found[: finding.MOST]
    ]
    return {"rows": rows, "words": words, "place": place, "more": len(found) > finding.MOST}


@bp.put("/templates/<int:template_id>/star")
@allow(Right.HANDLE_APPEALS)
def star(appeal_id: int, template_id: int) -> tuple[str, int]:
    """Star a template."""
    using.star(_usable(appeal_id, template_id), of=current_employee())
    return "", 204


@bp.delete("/templates/<int:template_id>/star")
@allow(Right.HANDLE_APPEALS)
def unstar(appeal_id: int, template_id: int) -> tuple[str, int]:
    """Take the star away again."""
    using.unstar(_usable(appeal_id, template_id), of=current_employee())
    return "", 204


def _usable(appeal_id: int, template_id: int) -> ReplyTemplate:
    employee = current_employee()
    appeal = own.get(appeal_id, of=employee)
    found = finding.get_usable([template_id], queue_id=appeal.queue_id, of=employee)
    if not found:
        raise NotFound
    return found[0]


@bp.post("/templates")
@allow(Right.HANDLE_APPEALS)
def keep(appeal_id: int) -> str:
    """Keep what is written in the composer as a template of one's own."""
    employee, form = current_employee(), request.form
    own.get(appeal_id, of=employee)
    catalogue = catalogues.at_path(form.get("path", ""), employee)
    wanted = Wanted(form.get("name", ""), form.get("text", ""), catalogue=catalogue)
    template = templates.create(wanted, owner=employee, by=employee.key)
    return render_template("operator/reply_kept.html", template=template)


@bp.get("/suggestions")
@allow(Right.HANDLE_APPEALS)
def suggest(appeal_id: int) -> str:
    """Draw the prompter: what is used most for this topic in this queue."""
    employee = current_employee()
    appeal = own.get(appeal_id, of=employee)
    values = replying.values(appeal, by=employee)
    found = suggesting.suggest(queue_id=appeal.queue_id, topic_id=appeal.topic_id, of=employee)
    suggestions = [(each, filling_in.fill(each.text, values)) for each in found]
    return render_template("operator/prompter.html", suggestions=suggestions)
