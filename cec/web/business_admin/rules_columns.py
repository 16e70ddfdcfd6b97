"""Administrator: the columns of a decision table, what people call them, what may stand in them (guide 5.2)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from cec.feel.compiling import FeelError, FeelSyntaxError, compile_expression
from cec.feel.conversions import text_of
from cec.platform.errors import Invalid
from cec.platform.i18n import gettext as _
from cec.platform.i18n import mark
from cec.rulebook import drafts, inputs
from cec.rulebook.inputs import Kind, Term, Terms
from cec.rulebook.sheets import Answered, Asked, Head, Line, Sheet
from cec.staff.roles import Right
from cec.web.business_admin import rules_sheets
from cec.web.guards import allow
from cec.web.session import current_employee

bp = Blueprint("rules_columns", __name__, url_prefix="/admin/rules/<name>/columns")

TYPES = {
    "string": mark("text"),
    "number": mark("number"),
    "boolean": mark("yes or no"),
    "date": mark("date"),
    "time": mark("time of day"),
    "date and time": mark("moment"),
    "list": mark("list"),
}


class NoSuchColumn(Invalid):
    """This column is not there: open the page anew."""

    field = "column"


class LastColumn(Invalid):
    """A table asks something: its last column stays."""

    field = "column"


@dataclass(frozen=True)
class Column:
    """One column: title, type in words, whether it answers, what may be chosen, as written and as people call it."""

    title: str
    words: str
    type: str
    is_answer: bool
    source: str
    choices: list[tuple[str, str]]

    def facts(self) -> dict[str, Any]:
        """Give it for the page."""
        return {"title": self.title, "type": self.words, "out": self.is_answer, "choices": self.choices}


def terms_of(name: str) -> Terms:
    """Give the declared facts and answers of a table; none for one that no area declares."""
    return inputs.of(name) if name in inputs.tables() else Terms((), ())


def columns(name: str, head: Head) -> list[Column]:
    """Describe the columns of a table, inputs first."""
    terms = terms_of(name)
    asked = [_column(column, terms.taken(column.expression), is_answer=False) for column in head.inputs]
    return asked + [_column(output, terms.given(output.name), is_answer=True) for output in head.outputs]


def free_terms(name: str, head: Head) -> list[Term]:
    """List the facts that no column asks yet."""
    asked = {column.expression for column in head.inputs}
    return [term for term in terms_of(name).takes if term.name not in asked]


def _column(column: Asked | Answered, term: Term | None, *, is_answer: bool) -> Column:
    kind = column.type or (term.kind.value if term and term.kind != Kind.LIST else "")
    title = _(column.label) if column.label else term.word if term else ""
    choices = _allowed(column.allowed) or (_of_term(term) if term else []) or _of_kind(kind)
    if term and term.least is not None and term.most is not None:
        words = f"{term.least}…{term.most}"
    else:
        words = _(TYPES[kind]) if kind in TYPES else _("list") if term and term.kind == Kind.LIST else _("any value")
    source = column.expression if isinstance(column, Asked) else column.name
    return Column(title, words, kind, is_answer, source, choices)


def _allowed(text: str) -> list[tuple[str, str]]:
    try:
        values: Iterable[Any] = compile_expression(f"[{text}]")({}) if text else ()
    except (FeelError, FeelSyntaxError):
        return []
    return [(f'"{value}"' if isinstance(value, str) else text_of(value), "") for value in values]


def _of_term(term: Term) -> list[tuple[str, str]]:
    """List what the directories hold; a list is chosen as one of a single value."""
    form = '["{}"]' if term.kind == Kind.LIST else '"{}"'
    found = []
    for choice in term.choices():
        value = choice.value.replace("\\", "\\\\").replace('"', '\\"')
        found.append((form.format(value), "" if choice.title == choice.value else choice.title))
    return found


def _of_kind(kind: str) -> list[tuple[str, str]]:
    return [("true", _("yes")), ("false", _("no"))] if kind == "boolean" else []


@bp.post("")
@allow(Right.MANAGE_CENTRE)
def add(name: str) -> Response:
    """Ask one more fact; no row asks anything about it yet."""
    _draft, sheet = rules_sheets.written(name)
    term = next((one for one in free_terms(name, sheet.head) if one.name == request.form.get("term")), None)
    if term is None:
        raise NoSuchColumn
    kind = "" if term.kind == Kind.LIST else term.kind.value
    place = len(sheet.head.inputs)
    head = replace(sheet.head, inputs=(*sheet.head.inputs, Asked(term.title, term.name, kind)))
    lines = tuple(_with(line, (*line.cells[:place], "-", *line.cells[place:])) for line in sheet.lines)
    return _written(name, replace(sheet, head=head, lines=lines))


@bp.post("/removal")
@allow(Right.MANAGE_CENTRE)
def remove(name: str) -> Response:
    """Take a column away with its cells."""
    _draft, sheet = rules_sheets.written(name)
    at, count = request.form.get("column", -1, type=int), len(sheet.head.inputs)
    if not 0 <= at < count:
        raise NoSuchColumn
    if count == 1:
        raise LastColumn
    head = replace(sheet.head, inputs=sheet.head.inputs[:at] + sheet.head.inputs[at + 1 :])
    lines = tuple(_with(line, line.cells[:at] + line.cells[at + 1 :]) for line in sheet.lines)
    return _written(name, replace(sheet, head=head, lines=lines))


def _with(line: Line, cells: tuple[str, ...]) -> Line:
    return replace(line, cells=cells)


def _written(name: str, sheet: Sheet) -> Response:
    drafts.replace(name, sheet, revision=request.form.get("revision", 0, type=int), by=current_employee().key)
    return redirect(url_for("rules.show_table", name=name), 303)
