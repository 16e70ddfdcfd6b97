"""Administrator: what the table editor sends while somebody writes, and what it is told (guide 5.2)."""

from dataclasses import replace as replace_part
from typing import Any

import orjson
from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cec.dmn import checking, remedies
from cec.dmn.problems import Problem
from cec.dmn.sheets import Line, Sheet
from cec.platform import clock, i18n
from cec.rulebook import drafts, publishing
from cec.rulebook.steps import BadChange
from cec.staff.roles import Right
from cec.web import actors
from cec.web.business_admin import rules_columns, rules_sheets, rules_steps, rules_words
from cec.web.guards import allow
from cec.web.session import current_employee

bp = Blueprint("rules_changes", __name__, url_prefix="/admin/rules/<name>")

# Of more findings than these the first are shown.
MOST_SHOWN = 50


@bp.post("/changes")
@allow(Right.MANAGE_CENTRE)
def change(name: str) -> Response:
    """Save changes of rows and columns, in their order."""
    wanted = rules_steps.read(request.form.get("changes", ""))
    draft = drafts.change(name, wanted, revision=_revision(), by=current_employee().key)
    return _saved(draft.revision)


@bp.post("/rows")
@allow(Right.MANAGE_CENTRE)
def replace(name: str) -> Response:
    """Put all rows and columns of this page in place of what another has saved, who was shown to the writer.

    Without a draft (its revision is then 0) one begins with them.
    """
    form, head = request.form, rules_sheets.head(name)
    asked = rules_steps.read_columns(form["asked"]) if "asked" in form else head.inputs
    sheet = Sheet(replace_part(head, inputs=asked), rules_steps.read_lines(form.get("rows", "")))
    draft = drafts.replace(name, sheet, revision=_revision(), by=current_employee().key)
    return _saved(draft.revision)


def _saved(revision: int) -> Response:
    return jsonify(revision=revision, at=i18n.time(clock.now()))


@bp.post("/cell")
@allow(Right.MANAGE_CENTRE)
def check_cell(name: str) -> Response:
    """Check the text of one cell while it is typed; what it was probably meant to be is told too."""
    head, cell, text = rules_sheets.head(name), request.form.get("cell", -1, type=int), request.form.get("text", "")
    count, width = len(head.inputs), len(head.inputs) + len(head.outputs)
    if not 0 <= cell < width:
        raise BadChange
    cells = ["-" if at < count else "null" for at in range(width)]
    cells[cell] = text.strip()
    table = Sheet(head, (Line("checked", tuple(cells)),)).table()
    sources = [*(one.expression for one in head.inputs), *(one.name for one in head.outputs)]
    taken, known = publishing.taken_in(name), publishing.directories(name, only=[sources[cell]])
    found = checking.check_rows(table, [1], inputs=taken, directories=known)
    meant = remedies.remedy(table, cell, cells[cell], inputs=taken, directories=known) if found else None
    return jsonify(faults=[{"message": one.message, "error": one.is_error} for one in found], remedy=meant)


@bp.get("/checks")
@allow(Right.MANAGE_CENTRE)
def check(name: str) -> str:
    """Draw what is wrong with the table as it is saved now."""
    draft, sheet = rules_sheets.written(name)
    found = publishing.examine_sheet(name, sheet)
    errors = sum(problem.is_error for problem in found)
    return render_template(
        "business_admin/rules/checks.html",
        found=sorted(found, key=lambda problem: not problem.is_error)[:MOST_SHOWN],
        titles=[column.title for column in rules_columns.columns(name, sheet.head)],
        errors=errors,
        warnings=len(found) - errors,
        most=MOST_SHOWN,
        marks=orjson.dumps(_marks(found)).decode(),
        words=rules_words,
        remedies=_remedies(name, sheet, found),
        revision=draft.revision if draft else 0,
    )


def _marks(found: list[Problem]) -> list[Any]:
    """Give row, cell, whether it is an error, and what is wrong, for each finding that has a row."""
    return [[one.row, one.cell, one.is_error, one.message] for one in found if one.row]


def _remedies(name: str, sheet: Sheet, found: list[Problem]) -> dict[tuple[int, int], str]:
    table, taken, known = sheet.table(), publishing.taken_in(name), publishing.directories(name)
    guessed = {}
    for one in found[:20]:
        if one.row and one.cell >= 0:
            meant = remedies.remedy(table, one.cell, one.text, inputs=taken, directories=known)
            if meant is not None:
                guessed[one.row, one.cell] = meant
    return guessed


@bp.get("/writers")
@allow(Right.MANAGE_CENTRE)
def show_writers(name: str) -> str:
    """Draw who changed the draft last, or published it, and what can be done about it."""
    draft, hand = drafts.find(name), drafts.last_hand(name)
    who = actors.names({hand.by}, current_employee())[hand.by]
    return render_template("business_admin/rules/conflict.html", name=name, draft=draft, who=who, at=hand.at)


@bp.get("/others")
@allow(Right.MANAGE_CENTRE)
def show_others(name: str) -> str:
    """Draw who has saved, published or thrown away the draft since ?revision=; nothing when nobody has."""
    draft, seen = drafts.find(name), request.args.get("revision", 0, type=int)
    is_other = draft.revision != seen if draft else seen > 0
    hand = drafts.last_hand(name)
    return render_template(
        "business_admin/rules/others.html",
        draft=draft if is_other else None,
        is_gone=is_other and draft is None,
        who=actors.names({hand.by}, current_employee())[hand.by],
        at=hand.at,
    )


@bp.post("/discarding")
@allow(Right.MANAGE_CENTRE)
def discard(name: str) -> BaseResponse:
    """Throw the draft away."""
    drafts.discard(name, revision=_revision(), by=current_employee().key)
    return redirect(url_for("rules.show_table", name=name, discarded=1), 303)


def _revision() -> int:
    return request.form.get("revision", 0, type=int)
