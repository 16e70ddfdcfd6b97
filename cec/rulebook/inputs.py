"""What a table may look at and what it answers: declared once, by the area that hands it the facts.

The declaration types the cells of the editor, draws the form of the test bench and names the facts of the intake. An
area says `declare("routing", takes=[...], gives=[...])` where it gathers them; the shipped table of that name takes in
exactly these names, which `cec check` holds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple

from cec.platform.errors import NotFound
from cec.platform.i18n import gettext, mark


class Kind(StrEnum):
    """Types of FEEL that facts and answers have."""

    TEXT = "string"
    NUMBER = "number"
    FLAG = "boolean"
    # A list of texts.
    LIST = "list"


KINDS = {
    Kind.TEXT: mark("text"),
    Kind.NUMBER: mark("number"),
    Kind.FLAG: mark("yes or no"),
    Kind.LIST: mark("list of texts"),
}


class Choice(NamedTuple):
    """A value of a directory: as it stands in a cell, and as people call it."""

    value: str
    title: str


def _nothing() -> list[Choice]:
    return []


@dataclass(frozen=True)
class Term:
    """A fact that a table is given, or an answer that it gives; title and source are English, translated when shown."""

    # As expressions call it.
    name: str
    title: str
    kind: Kind
    # Where it comes from, in one sentence; empty for an answer.
    source: str = ""
    # What the directories of the centre allow now, in their order; empty: anything of its kind.
    choices: Callable[[], Sequence[Choice]] = _nothing
    # Whole texts of clients: many lines.
    is_long: bool = False
    # Bounds of a number, both included.
    least: int | None = None
    most: int | None = None

    @property
    def word(self) -> str:
        """Give the title in the reader's language."""
        return gettext(self.title)

    @property
    def hint(self) -> str:
        """Say in the reader's language where it comes from."""
        return gettext(self.source) if self.source else ""

    def called(self, title: str, source: str) -> "Term":
        """Give the same for a table that means something else by it."""
        return replace(self, title=title, source=source)

    def fits(self, value: Any) -> bool:
        """Tell whether a plain value is of its kind; null always is."""
        if value is None:
            return True
        if self.kind == Kind.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        if self.kind == Kind.LIST:
            return isinstance(value, list) and all(isinstance(part, str) for part in value)
        return isinstance(value, bool if self.kind == Kind.FLAG else str)

    def bounded(self, value: Any) -> Any:
        """Give a number within its bounds, everything else as it is."""
        if self.kind != Kind.NUMBER or value is None:
            return value
        low = value if self.least is None else max(value, self.least)
        return low if self.most is None else min(low, self.most)


class Terms(NamedTuple):
    """The terms of one table, in the order in which people read them."""

    takes: tuple[Term, ...]
    gives: tuple[Term, ...]

    def taken(self, name: str) -> Term | None:
        """Find a fact by its name."""
        return next((term for term in self.takes if term.name == name), None)

    def given(self, name: str) -> Term | None:
        """Find an answer by its name."""
        return next((term for term in self.gives if term.name == name), None)


class NothingDeclared(NotFound):
    """There are no rules called {name}."""


_declared: dict[str, Terms] = {}


def declare(table: str, *, takes: Sequence[Term], gives: Sequence[Term]) -> Terms:
    """Say what a table is given and what it answers; once per table, when the area is loaded."""
    terms = _declared[table] = Terms(tuple(takes), tuple(gives))
    return terms


def of(table: str) -> Terms:
    """Give what a table is given and what it answers.

    :raises NothingDeclared: when no area asks a table of that name.
    """
    if table not in _declared:
        raise NothingDeclared(name=table)
    return _declared[table]


def fitted(table: str, outputs: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Give the answers of a table as its asker can use them, and a sentence for each that he cannot.

    What is of another kind is null then, numbers are kept within their bounds: arrivals never stop for an answer.
    """
    if table not in _declared:
        return outputs, []
    fit, faults = dict(outputs), []
    for term in _declared[table].gives:
        value = outputs.get(term.name)
        if not term.fits(value):
            faults.append(gettext("{answer}: {value} is no {kind}").format(
                answer=term.word, value=repr(value)[:80], kind=gettext(KINDS[term.kind])
            ))  # fmt: skip
            value = None
        if term.name in outputs:
            fit[term.name] = term.bounded(value)
    return fit, faults


def tables() -> list[str]:
    """List the tables that the product asks, by name."""
    return sorted(_declared)


def only_known(table: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Keep of some facts those that a table is given, in the declared order."""
    return {term.name: facts[term.name] for term in of(table).takes if term.name in facts}
