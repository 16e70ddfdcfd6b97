"""Administrator: a decision table to Excel and back, looked through before anything is written (guide 5.2)."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cec.dmn import differences
from cec.dmn.sheets import Sheet
from cec.platform import excel, storage
from cec.platform.errors import Refusal
from cec.platform.i18n import gettext as _
from cec.rulebook import drafts, exchanging, publishing
from cec.rulebook.exchanging import Examined, Names
from cec.staff.roles import Right
from cec.web.business_admin import operator_import, rules_columns, rules_sheets, rules_words
from cec.web.business_admin.rules import title
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("rules_excel", __name__, url_prefix="/admin/rules/<name>/excel")

MOST_FAULTS = 200


@bp.get("/table.xlsx")
@allow(Right.MANAGE_CENTRE)
def give(name: str) -> Response:
    """Give the table as it is written now."""
    _draft, sheet = rules_sheets.written(name)
    content = exchanging.write(sheet, _titles(name, sheet), _names(), title(name))
    named = {"Content-Disposition": f"attachment; filename={name}.xlsx"}
    return Response(content, mimetype=excel.TYPE, headers=named)


@bp.get("")
@allow(Right.MANAGE_CENTRE)
def show(name: str, error: Refusal | None = None) -> str:
    """Draw the form that takes a file."""
    return _draw(name, error=error)


def _draw(name: str, *, error: Refusal | None = None, kept: str = "", **found: Any) -> str:
    draft = drafts.find(name)
    facts: dict[str, Any] = {"examined": None, "counts": {}, "changes": []}
    return render_template(
        "business_admin/rules/excel.html",
        error=error,
        name=name,
        table=title(name),
        kept=kept,
        revision=draft.revision if draft else 0,
        most=MOST_FAULTS,
        words=rules_words,
        **facts | found,
    )


@bp.post("")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def look(name: str) -> str:
    """Look a file through and tell what it would change; nothing is written."""
    content = operator_import.taken()
    before, examined = _examined(name, content)
    if examined.faults or examined.sheet is None:
        return _draw(name, examined=examined)
    changes = differences.differences(before, examined.sheet)
    counts = {kind: sum(change.kind == kind for change in changes) for kind in differences.Kind}
    return _draw(name, examined=examined, kept=storage.put(content), counts=counts, changes=changes)


@bp.post("/writing")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def write(name: str) -> BaseResponse:
    """Put what was looked through into the draft, after looking once more."""
    _before, examined = _examined(name, operator_import.kept_file())
    if examined.faults or examined.sheet is None:
        raise operator_import.StillFaults
    revision = request.form.get("revision", 0, type=int)
    drafts.replace(name, examined.sheet, revision=revision, by=current_employee().key)
    return redirect(url_for("rules.show_table", name=name), 303)


def _examined(name: str, content: bytes) -> tuple[Sheet, Examined]:
    _draft, sheet = rules_sheets.written(name)
    return sheet, exchanging.examine(
        content,
        sheet,
        _titles(name, sheet),
        _names(),
        inputs=publishing.taken_in(name),
        directories=publishing.directories(name),
    )


def _titles(name: str, sheet: Sheet) -> list[str]:
    """Name the columns so that each name is there once."""
    titles = [column.title for column in rules_columns.columns(name, sheet.head)]
    return [title if titles.count(title) == 1 else f"{title} ({at})" for at, title in enumerate(titles, 1)]


def _names() -> Names:
    return Names(on=_("On"), reason=_("Explanation"), note=_("Note"), id=_("Row (do not change)"))
