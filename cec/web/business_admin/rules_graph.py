"""Administrator: the picture of a decision, also of a file that is no plain table (guide 5.2)."""

from flask import Blueprint, Response, render_template, request, url_for

from cec.dmn import reading, sheets, showing
from cec.rulebook import drafts, files, publishing, versions
from cec.staff.roles import Right
from cec.web import protection
from cec.web.business_admin.rules import title
from cec.web.guards import allow

bp = Blueprint("rules_graph", __name__, url_prefix="/admin/rules/<name>")


@bp.get("/diagram")
@allow(Right.MANAGE_CENTRE)
def show(name: str) -> str:
    """Draw what a decision takes in and needs, and say in words what each part is."""
    protection.allow_style_attributes()
    number = request.args.get("version", type=int)
    text = _text(name, number)
    rules = reading.read(text)
    return render_template(
        "business_admin/rules/diagram.html",
        error=None,
        name=name,
        number=number,
        title_of_table=title(name),
        table=versions.of(name),
        drawn=rules.drawn,
        is_plain=sheets.find(text) is not None,
        xml=url_for("rules_graph.give", name=name, version=number, viewer=1),
    )


@bp.get("/file.dmn")
@allow(Right.MANAGE_CENTRE)
def give(name: str) -> Response:
    """Give the file: of a version, else of the draft, else of what judges now."""
    text = _text(name, request.args.get("version", type=int))
    return as_file(showing.for_viewer(text) if request.args.get("viewer") else text, name)


def as_file(text: str, name: str) -> Response:
    """Give a DMN file to be kept, never to be shown as a page: it may come from anybody."""
    named = {"Content-Disposition": f"attachment; filename={name}.dmn"}
    return Response(text, mimetype="application/xml", headers=named)


def _text(name: str, number: int | None) -> str:
    if number is not None:
        return files.get_version(name, number).text
    draft = drafts.find(name)
    return publishing.text_of(draft) if draft else files.current(name).text
