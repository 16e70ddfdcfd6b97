"""A DMN file read: its decisions, their tables, rows and cells, as they are written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from cec.platform.errors import Invalid
from cec.platform.i18n import gettext as _

MAX_SIZE = 1_000_000
MAX_ROWS = 2_000
# DMN 1.2 and newer; the model has been the same since.
_MODELS = re.compile(r"https?://www\.omg\.org/spec/DMN/(20180521|20191111|20211108|20230324|2024[0-9]{4})/MODEL/")
_DECLARATION = re.compile(r"^\ufeff?\s*<\?xml[^>]*\?>")
_PLAIN_NAME = re.compile(r"[^\W\d]\w*")


class UnreadableRules(Invalid):
    """This file cannot be read as a decision table: {reason}."""

    field = "text"


@dataclass(frozen=True)
class Input:
    """A column that is asked."""

    label: str
    expression: str
    # The values that may occur, as written; empty: any.
    allowed: str


@dataclass(frozen=True)
class Output:
    """A column that is answered."""

    name: str
    # The values that may occur, the most important first; empty: any.
    allowed: str
    default: str


@dataclass(frozen=True)
class Row:
    """One rule."""

    id: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    # Why the row answers what it answers, for people.
    reason: str


@dataclass(frozen=True)
class Table:
    """A decision table."""

    hit_policy: str
    aggregation: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Decision:
    """What is decided, by a table or by one expression."""

    id: str
    name: str
    requires: tuple[str, ...]
    table: Table | None
    expression: str


@dataclass(frozen=True)
class Rules:
    """A file: what it takes in and what it decides."""

    inputs: tuple[str, ...]
    decisions: tuple[Decision, ...]

    def main(self, name: str = "") -> Decision:
        """Give the decision that the file is about: the one of that name, else the one that no other needs."""
        needed = {one for decision in self.decisions for one in decision.requires}
        named = [decision for decision in self.decisions if name and name in {decision.id, decision.name}]
        return (named or [one for one in self.decisions if one.id not in needed] or list(self.decisions))[0]

    def get(self, decision_id: str) -> Decision | None:
        """Give a decision by its id."""
        return next((decision for decision in self.decisions if decision.id == decision_id), None)

    @property
    def spaced(self) -> frozenset[str]:
        """Give the names that hold spaces or signs: only who knows them can tell them from operators."""
        names = {*self.inputs, *(decision.name for decision in self.decisions)}
        return frozenset(name for name in names if not _PLAIN_NAME.fullmatch(name))


def read(text: str) -> Rules:
    """Read a DMN file.

    :raises UnreadableRules: when it is no DMN, too large, or holds what is dangerous to read.
    """
    root = _parsed(text)
    if not _MODELS.fullmatch(etree.QName(root).namespace or "") or etree.QName(root).localname != "definitions":
        raise UnreadableRules(reason=_("it is not DMN 1.3 or newer"))
    inputs = tuple(_variable(node) for node in _all(root, "inputData"))
    decisions = tuple(_decision(node) for node in _all(root, "decision"))
    if not decisions:
        raise UnreadableRules(reason=_("it holds no decision"))
    _refuse_circles(decisions)
    return Rules(inputs, decisions)


def _parsed(text: str) -> etree._Element:
    if len(text) > MAX_SIZE:
        raise UnreadableRules(reason=_("it is larger than {size} characters").format(size=MAX_SIZE))
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise UnreadableRules(reason=_("it holds a DOCTYPE"))
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(_DECLARATION.sub("", text).encode(errors="replace"), parser)
    except etree.XMLSyntaxError as why:
        raise UnreadableRules(reason=str(why)) from None


def _all(parent: etree._Element, name: str) -> list[etree._Element]:
    namespace = etree.QName(parent).namespace
    return parent.findall(f"{{{namespace}}}{name}")


def _text(parent: etree._Element, *path: str) -> str:
    """Give the text at a path of elements, empty when it is not there."""
    for name in path:
        found = _all(parent, name)
        if not found:
            return ""
        parent = found[0]
    return (parent.text or "").strip()


def _variable(node: etree._Element) -> str:
    variables = _all(node, "variable")
    return str((variables[0].get("name") if variables else None) or node.get("name") or node.get("id") or "").strip()


def _decision(node: etree._Element) -> Decision:
    tables = _all(node, "decisionTable")
    return Decision(
        id=str(node.get("id") or node.get("name") or ""),
        name=_variable(node),
        requires=tuple(_required(node)),
        table=_table(tables[0]) if tables else None,
        expression=_text(node, "literalExpression", "text"),
    )


def _required(node: etree._Element) -> Iterator[str]:
    for requirement in _all(node, "informationRequirement"):
        for wanted in _all(requirement, "requiredDecision"):
            yield str(wanted.get("href") or "").rpartition("#")[2]


def _table(node: etree._Element) -> Table:
    rows = _all(node, "rule")
    if len(rows) > MAX_ROWS:
        raise UnreadableRules(reason=_("a table has more than {count} rows").format(count=MAX_ROWS))
    return Table(
        hit_policy=str(node.get("hitPolicy") or "UNIQUE").strip(),
        aggregation=str(node.get("aggregation") or "").strip(),
        inputs=tuple(_input(column) for column in _all(node, "input")),
        outputs=tuple(_output(column) for column in _all(node, "output")),
        rows=tuple(_row(row) for row in rows),
    )


def _input(node: etree._Element) -> Input:
    expression = _text(node, "inputExpression", "text")
    return Input(str(node.get("label") or expression), expression, _text(node, "inputValues", "text"))


def _output(node: etree._Element) -> Output:
    name = str(node.get("name") or "").strip()
    return Output(name, _text(node, "outputValues", "text"), _text(node, "defaultOutputEntry", "text"))


def _row(node: etree._Element) -> Row:
    annotations = [_text(entry, "text") for entry in _all(node, "annotationEntry")]
    return Row(
        id=str(node.get("id") or ""),
        inputs=tuple(_text(cell, "text") for cell in _all(node, "inputEntry")),
        outputs=tuple(_text(cell, "text") for cell in _all(node, "outputEntry")),
        # dmn-js shows and edits the description in its column "Annotations".
        reason=_text(node, "description") or "; ".join(filter(None, annotations)),
    )


def _refuse_circles(decisions: tuple[Decision, ...]) -> None:
    left = {decision.id: set(decision.requires) & {one.id for one in decisions} for decision in decisions}
    while left:
        free = {one for one, requires in left.items() if not requires}
        if not free:
            raise UnreadableRules(reason=_("its decisions need each other in a circle"))
        left = {one: requires - free for one, requires in left.items() if one not in free}
