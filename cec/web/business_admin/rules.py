"""Administrator: decision tables, and the page on which one is written (guide 5.2)."""

from typing import Any

import orjson
from flask import Blueprint, redirect, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from cec.dmn.drawing import MAX_ROWS
from cec.dmn.sheets import Sheet
from cec.platform.i18n import gettext as _
from cec.rulebook import drafts, files, versions
from cec.rulebook.models import RulesDraft
from cec.staff.roles import Right
from cec.web import actors
from cec.web.business_admin import rules_columns, rules_sheets, rules_words
from cec.web.guards import allow
from cec.web.session import current_employee

bp = Blueprint("rules", __name__)


@bp.get("/admin/rules")
@allow(Right.MANAGE_CENTRE)
def show() -> str:
    """List the decision tables with what judges now, what is written and what is planned."""
    tables = versions.overview()
    who = actors.names({by for table in tables for by in table.actors()}, current_employee())
    return render_template("business_admin/rules/list.html", error=None, tables=tables, who=who)


@bp.get("/admin/rules/<name>")
@allow(Right.MANAGE_CENTRE)
def show_table(name: str) -> str | Response:
    """Draw a table to be written in; what is no plain table is only looked at."""
    table = versions.of(name)
    draft = drafts.find(name)
    sheet = drafts.sheet_of(draft) if draft else rules_sheets.find_in_force(name)
    if sheet is None:
        return redirect(url_for("rules_graph.show", name=name))
    columns = rules_columns.columns(name, sheet.head)
    return render_template(
        "business_admin/rules/editor.html",
        name=name,
        table=table,
        draft=draft,
        who=actors.names(table.actors(), current_employee()),
        is_others=bool(draft and draft.changed_by != current_employee().key),
        policy=rules_words.policy(sheet.head),
        page=_for_script(_page(name, draft, sheet, columns)),
        most=MAX_ROWS,
    )


def _page(name: str, draft: RulesDraft | None, sheet: Sheet, columns: list[rules_columns.Column]) -> dict[str, Any]:
    """Give the editor what it begins with."""
    shown = {line.reason: _(line.reason) for line in sheet.lines if line.reason}
    return {
        "url": url_for("rules.show_table", name=name),
        # What live events call it.
        "subject": f"rules:{name}",
        "revision": draft.revision if draft else 0,
        "asked": len(sheet.head.inputs),
        "most": MAX_ROWS,
        "columns": [column.facts() for column in columns],
        # What a column could be added for.
        "terms": [column.facts() for column in rules_columns.of_terms(name)],
        "rows": [line.facts() for line in sheet.lines],
        # Shipped reasons are English and shown in the reader's language.
        "shown": {reason: words for reason, words in shown.items() if words != reason},
        "words": {key: _(text) for key, text in rules_words.EDITOR.items()},
    }


def _for_script(facts: dict[str, Any]) -> Markup:
    """Write facts so that no text in them can end the element that they stand in."""
    return Markup(orjson.dumps(facts).decode().replace("<", "\\u003c"))  # noqa: S704 - no sign of HTML is left


def title(name: str) -> str:
    """Name a table as people call it."""
    return _(versions.title(name, files.current_stamp(name).sha256))
