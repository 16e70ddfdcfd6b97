"""Operator: templates in an answer or a first message, and the prompter (guide 3.3.1, 3.3.2)."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import Blueprint, render_template, request

from cec.appeals import history, replying
from cec.appeals.ways import MAIL
from cec.clients import addresses
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

bp = Blueprint("replies", __name__, url_prefix="/operator")

APPEAL, FIRST = "/appeals/<int:appeal_id>", "/outgoing"

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


class Spot(NamedTuple):
    """Where something is being written: at which address, in an appeal of which queue, filled in with what."""

    base: str
    queue_id: int | None
    values: Mapping[str, str]
    is_first: bool = False


def _spot(appeal_id: int | None) -> Spot:
    """Look where the reader writes: in an appeal of his, or a first message to whom its form names."""
    employee = current_employee()
    if appeal_id is not None:
        appeal = own.get(appeal_id, of=employee)
        return Spot(f"/operator/appeals/{appeal.id}/templates", appeal.queue_id, replying.values(appeal, by=employee))
    asked, known_id = request.values, request.values.get("of", type=int)
    known = history.get_readable(known_id, of=employee) if known_id else None
    typed = asked.get("email", "")
    client = addresses.client_of(MAIL, typed) if typed else (known.client if known else None)
    values = replying.first_values(client, asked.get("subject", "").strip(), by=employee)
    return Spot("/operator/outgoing/templates", asked.get("queue_id", type=int), values, is_first=True)


@bp.get(f"{APPEAL}/templates")
@bp.get(f"{FIRST}/templates")
@allow(Right.HANDLE_APPEALS)
def show(appeal_id: int | None = None) -> str:
    """Draw the panel of templates: search, places, what can be used here."""
    spot = _spot(appeal_id)
    places = [(place, gettext(name)) for place, name in PLACES.items()]
    paths = [branch.path for branch in catalogues.tree(current_employee())]
    return render_template("operator/replies.html", spot=spot, places=places, paths=paths, **_found(spot))


@bp.get(f"{APPEAL}/templates/list")
@bp.get(f"{FIRST}/templates/list")
@allow(Right.HANDLE_APPEALS)
def narrow(appeal_id: int | None = None) -> str:
    """Draw the templates that words and a place leave."""
    spot = _spot(appeal_id)
    return render_template("operator/replies_found.html", spot=spot, **_found(spot))


def _found(spot: Spot) -> dict[str, Any]:
    words = request.args.get("words", "").replace("\x00", "").strip()[:LONGEST_WORDS]
    place = request.args.get("place", "all")
    found = finding.usable(words, place, queue_id=spot.queue_id, of=current_employee())
    rows = [
        Row(
            each.template,
            templates.path(each.template),
            each.is_favourite,
            filling_in.fill(each.template.text, spot.values),
        )
        for each in found[: finding.MOST]
    ]
    return {"rows": rows, "words": words, "place": place, "more": len(found) > finding.MOST}


@bp.put(f"{APPEAL}/templates/<int:template_id>/star")
@bp.put(f"{FIRST}/templates/<int:template_id>/star")
@allow(Right.HANDLE_APPEALS)
def star(template_id: int, appeal_id: int | None = None) -> tuple[str, int]:
    """Star a template."""
    using.star(_usable(appeal_id, template_id), of=current_employee())
    return "", 204


@bp.delete(f"{APPEAL}/templates/<int:template_id>/star")
@bp.delete(f"{FIRST}/templates/<int:template_id>/star")
@allow(Right.HANDLE_APPEALS)
def unstar(template_id: int, appeal_id: int | None = None) -> tuple[str, int]:
    """Take the star away again."""
    using.unstar(_usable(appeal_id, template_id), of=current_employee())
    return "", 204


def _usable(appeal_id: int | None, template_id: int) -> ReplyTemplate:
    found = finding.get_usable([template_id], queue_id=_spot(appeal_id).queue_id, of=current_employee())
    if not found:
        raise NotFound
    return found[0]


@bp.post(f"{APPEAL}/templates")
@bp.post(f"{FIRST}/templates")
@allow(Right.HANDLE_APPEALS)
def keep(appeal_id: int | None = None) -> str:
    """Keep what is written as a template of one's own."""
    employee, form = current_employee(), request.form
    _spot(appeal_id)
    catalogue = catalogues.at_path(form.get("path", ""), employee)
    wanted = Wanted(form.get("name", ""), form.get("text", ""), catalogue=catalogue)
    template = templates.create(wanted, owner=employee, by=employee.key)
    return render_template("operator/reply_kept.html", template=template)


@bp.get(f"{APPEAL}/suggestions")
@allow(Right.HANDLE_APPEALS)
def suggest(appeal_id: int) -> str:
    """Draw the prompter: what is used most for this topic in this queue."""
    employee = current_employee()
    appeal = own.get(appeal_id, of=employee)
    values = replying.values(appeal, by=employee)
    found = suggesting.suggest(queue_id=appeal.queue_id, topic_id=appeal.topic_id, of=employee)
    suggestions = [(each, filling_in.fill(each.text, values)) for each in found]
    return render_template("operator/prompter.html", suggestions=suggestions)
