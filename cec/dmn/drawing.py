"""Boxes read from the XML of a DMN file."""

from collections.abc import Callable

from cec.dmn.boxes import (
    Box,
    Call,
    Choice,
    Definition,
    Entries,
    Entry,
    Filter,
    Input,
    Listed,
    Literal,
    Loop,
    Nothing,
    Output,
    Relation,
    Row,
    Table,
)
from cec.dmn.parsing import Node, UnreadableRules, attribute, child, children, kind, text_at
from cec.platform.i18n import gettext as _

MAX_ROWS = 2_000
MAX_DEPTH = 40
# What DMN has no words for: a row that is switched off, a note on it.
OURS = "{https://cec.example/rules/rows}"


def box_in(parent: Node, depth: int = 0) -> Box:
    """Read the box inside an element; none is nothing.

    :raises UnreadableRules: when boxes are nested too deeply or a table is too long.
    """
    return next((_read(node, depth) for node in children(parent) if kind(node) in _READERS), Nothing())


def _read(node: Node, depth: int) -> Box:
    if depth > MAX_DEPTH:
        raise UnreadableRules(reason=_("its boxes are nested too deeply"))
    return _READERS[kind(node)](node, depth + 1)


def definition(node: Node, depth: int = 0) -> Definition:
    """Read a boxed function, also the logic of a business knowledge model."""
    parameters = tuple(
        Entry(attribute(one, "name"), Nothing(), type_of(one)) for one in children(node, "formalParameter")
    )
    return Definition(parameters, box_in(node, depth), attribute(node, "kind") or "FEEL", type_of(node))


def type_of(node: Node | None) -> str:
    """Give the type that an element says it has; old files say it in an element of its own."""
    if node is None:
        return ""
    name = attribute(node, "typeRef") or text_at(node, "typeRef")
    return name.rpartition(":")[2]


def _literal(node: Node, _depth: int) -> Box:
    return Literal(text_at(node, "text"), type_of(node))


def _entries(node: Node, depth: int) -> Box:
    entries = []
    for entry in children(node, "contextEntry"):
        variable = child(entry, "variable")
        entries.append(Entry(attribute(variable, "name"), box_in(entry, depth), type_of(variable)))
    return Entries(tuple(entries), type_of(node))


def _listed(node: Node, depth: int) -> Box:
    items = [_read(one, depth) for one in children(node) if kind(one) in _READERS]
    return Listed(tuple(items), type_of(node))


def _relation(node: Node, depth: int) -> Box:
    columns = tuple(attribute(column, "name") for column in children(node, "column"))
    rows = []
    for row in children(node, "row"):
        cells = tuple(_read(one, depth) for one in children(row) if kind(one) in _READERS)
        if len(cells) != len(columns):
            raise UnreadableRules(reason=_("a row of a relation has more or fewer cells than columns"))
        rows.append(cells)
    return Relation(columns, tuple(rows), type_of(node))


def _call(node: Node, depth: int) -> Box:
    bindings = tuple(
        Entry(attribute(child(one, "parameter"), "name"), box_in(one, depth), type_of(child(one, "parameter")))
        for one in children(node, "binding")
    )
    return Call(box_in(node, depth), bindings, type_of(node))


def _choice(node: Node, depth: int) -> Box:
    condition, then, other = (_inside(node, name, depth) for name in ("if", "then", "else"))
    return Choice(condition, then, other, type_of(node))


def _loop(node: Node, depth: int) -> Box:
    body = "return" if kind(node) == "for" else "satisfies"
    variable = attribute(node, "iteratorVariable")
    return Loop(kind(node), variable, _inside(node, "in", depth), _inside(node, body, depth), type_of(node))


def _filter(node: Node, depth: int) -> Box:
    return Filter(_inside(node, "in", depth), _inside(node, "match", depth), type_of(node))


def _inside(node: Node, name: str, depth: int) -> Box:
    found = child(node, name)
    return Nothing() if found is None else box_in(found, depth)


def _table(node: Node, _depth: int) -> Box:
    rows = children(node, "rule")
    if len(rows) > MAX_ROWS:
        raise UnreadableRules(reason=_("a table has more than {count} rows").format(count=MAX_ROWS))
    return Table(
        hit_policy=str(node.get("hitPolicy") or "UNIQUE").strip(),
        aggregation=str(node.get("aggregation") or "").strip(),
        inputs=tuple(_input(column) for column in children(node, "input")),
        outputs=tuple(_output(column) for column in children(node, "output")),
        rows=tuple(_row(row) for row in rows),
        type=type_of(node),
    )


def _input(node: Node) -> Input:
    expression = text_at(node, "inputExpression", "text")
    allowed, type_ = text_at(node, "inputValues", "text"), type_of(child(node, "inputExpression"))
    return Input(str(node.get("label") or expression), expression, allowed, type_)


def _output(node: Node) -> Output:
    name, label = attribute(node, "name"), attribute(node, "label")
    default = text_at(node, "defaultOutputEntry", "text")
    return Output(name, text_at(node, "outputValues", "text"), default, type_of(node), label)


def _row(node: Node) -> Row:
    annotations = [text_at(entry, "text") for entry in children(node, "annotationEntry")]
    return Row(
        id=str(node.get("id") or ""),
        inputs=tuple(text_at(cell, "text") for cell in children(node, "inputEntry")),
        outputs=tuple(text_at(cell, "text") for cell in children(node, "outputEntry")),
        # dmn-js shows and edits the description in its column "Annotations".
        reason=text_at(node, "description") or "; ".join(filter(None, annotations)),
        is_on=node.get(OURS + "off") != "true",
        comment=str(node.get(OURS + "comment") or ""),
    )


_READERS: dict[str, Callable[[Node, int], Box]] = {
    "literalExpression": _literal,
    "context": _entries,
    "list": _listed,
    "relation": _relation,
    "invocation": _call,
    "functionDefinition": definition,
    "conditional": _choice,
    "for": _loop,
    "some": _loop,
    "every": _loop,
    "filter": _filter,
    "decisionTable": _table,
}
