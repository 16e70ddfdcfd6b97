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
from cec.platform.i18n import gettext


class Kind(StrEnum):
    """Types of FEEL that facts and answers have."""

    TEXT = "string"
    NUMBER = "number"
    FLAG = "boolean"
    # A list of texts.
    LIST = "list"


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


def tables() -> list[str]:
    """List the tables that the product asks, by name."""
    return sorted(_declared)


def only_known(table: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Keep of some facts those that a table is given, in the declared order."""
    return {term.name: facts[term.name] for term in of(table).takes if term.name in facts}
