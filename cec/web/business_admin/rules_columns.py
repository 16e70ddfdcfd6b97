"""The columns of a decision table: what people call them, what may stand in them, which others there could be."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from cec.dmn.sheets import Answered, Asked, Head
from cec.feel.compiling import FeelError, FeelSyntaxError, compile_expression
from cec.feel.conversions import text_of
from cec.platform.i18n import gettext as _
from cec.platform.i18n import mark
from cec.rulebook import inputs
from cec.rulebook.inputs import Kind, Term, Terms

TYPES = {
    "string": mark("text"),
    "number": mark("number"),
    "boolean": mark("yes or no"),
    "date": mark("date"),
    "time": mark("time of day"),
    "date and time": mark("moment"),
    "list": mark("list"),
}


@dataclass(frozen=True)
class Column:
    """One column: title, type in words, whether it answers, what may be chosen, as written and as people call it."""

    title: str
    words: str
    type: str
    is_answer: bool
    source: str
    choices: list[tuple[str, str]]
    # The fact that it asks about, if it is one alone; and how it is written, of a column that is asked.
    term: str = ""
    asked: Asked | None = None

    def facts(self) -> dict[str, Any]:
        """Give it for the page."""
        found = {"title": self.title, "type": self.words, "out": self.is_answer, "choices": self.choices}
        return found | {"term": self.term, "asked": asdict(self.asked)} if self.asked else found


def terms_of(name: str) -> Terms:
    """Give the declared facts and answers of a table; none for one that no area declares."""
    return inputs.of(name) if name in inputs.tables() else Terms((), ())


def columns(name: str, head: Head) -> list[Column]:
    """Describe the columns of a table, inputs first."""
    terms = terms_of(name)
    asked = [_column(column, _asked_about(terms, column.expression), is_answer=False) for column in head.inputs]
    return asked + [_column(output, terms.given(output.name), is_answer=True) for output in head.outputs]


def _asked_about(terms: Terms, expression: str) -> Term | None:
    """Find the one fact that a column asks about, also in another shape: lower case(segment)."""
    if found := terms.taken(expression):
        return found
    try:
        names = compile_expression(expression).names
    except FeelSyntaxError:
        return None
    return terms.taken(next(iter(names))) if len(names) == 1 else None


def of_terms(name: str) -> list[Column]:
    """Describe the column that each known fact would have."""
    terms = terms_of(name).takes
    return [_column(Asked(term.title, term.name, _kind(term)), term, is_answer=False) for term in terms]


def _kind(term: Term) -> str:
    return "" if term.kind == Kind.LIST else term.kind.value


def _column(column: Asked | Answered, term: Term | None, *, is_answer: bool) -> Column:
    kind = column.type or (term.kind.value if term and term.kind != Kind.LIST else "")
    title = _(column.label) if column.label else term.word if term else ""
    choices = _allowed(column.allowed) or (_of_term(term) if term else []) or _of_kind(kind)
    if term and term.least is not None and term.most is not None:
        words = f"{term.least}…{term.most}"
    else:
        words = _(TYPES[kind]) if kind in TYPES else _("list") if term and term.kind == Kind.LIST else _("any value")
    if isinstance(column, Answered):
        return Column(title, words, kind, is_answer, column.name, choices)
    return Column(title, words, kind, is_answer, column.expression, choices, term.name if term else "", column)


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
