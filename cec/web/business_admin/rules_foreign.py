"""Administrator: a DMN file from elsewhere, drawn and looked through before it becomes a draft (guide 5.2)."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cec.dmn import differences, showing
from cec.platform import storage
from cec.platform.errors import Refusal
from cec.rulebook import drafts, importing
from cec.rulebook.importing import Foreign
from cec.staff.roles import Right
from cec.web import protection
from cec.web.business_admin import operator_import, rules_graph, rules_sheets, rules_words
from cec.web.business_admin.rules import title
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("rules_foreign", __name__, url_prefix="/admin/rules/<name>/dmn")

MOST_SHOWN = 200


@bp.get("")
@allow(Right.MANAGE_CENTRE)
def show(name: str, error: Refusal | None = None) -> str:
    """Draw the form that takes a file."""
    return _draw(name, error=error)


@bp.post("")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def look(name: str) -> str:
    """Look a file through: draw it, and tell what would change or what keeps it from judging here."""
    content = operator_import.taken()
    foreign = importing.examine(name, content)
    return _draw(name, foreign=foreign, kept=storage.put(content), changes=_changes(name, foreign))


@bp.post("/file")
@allow(Right.MANAGE_CENTRE)
def give(name: str) -> Response:
    """Give the file that was looked through to the viewer; what is no DMN is given to nobody."""
    text = importing.examine(name, operator_import.kept_file()).text
    return rules_graph.as_file(showing.for_viewer(text), name)


@bp.post("/writing")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def write(name: str) -> BaseResponse:
    """Put what was looked through into the draft, after looking once more."""
    foreign = importing.examine(name, operator_import.kept_file())
    if not foreign.is_fit or foreign.sheet is None:
        raise operator_import.StillFaults
    revision = request.form.get("revision", 0, type=int)
    drafts.replace(name, foreign.sheet, revision=revision, by=current_employee().key)
    return redirect(url_for("rules.show_table", name=name), 303)


def _changes(name: str, foreign: Foreign) -> list[differences.RowChange]:
    if not foreign.is_fit or foreign.sheet is None:
        return []
    _draft, before = rules_sheets.written(name)
    return differences.differences(before, foreign.sheet)


def _draw(name: str, *, error: Refusal | None = None, foreign: Foreign | None = None, **found: Any) -> str:
    if foreign:
        protection.allow_style_attributes()
    draft = drafts.find(name)
    problems = sorted(foreign.problems, key=lambda one: not one.is_error) if foreign else []
    facts: dict[str, Any] = {"kept": "", "changes": []}
    return render_template(
        "business_admin/rules/foreign.html",
        error=error,
        name=name,
        table=title(name),
        foreign=foreign,
        errors=sum(one.is_error for one in problems),
        problems=problems[:MOST_SHOWN],
        revision=draft.revision if draft else 0,
        words=rules_words,
        **facts | found,
    )
