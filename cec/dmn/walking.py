"""Everything that stands in a box: its expressions and the tables inside it."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from cec.dmn.boxes import (
    Box,
    Call,
    Choice,
    Definition,
    Entries,
    Filter,
    Listed,
    Literal,
    Loop,
    Relation,
    Table,
)


def leaves(box: Box) -> Iterator[Literal | Table]:
    """Give the expressions and tables of a box, in the order in which they are written."""
    if isinstance(box, Literal | Table):
        yield box
        return
    for inner in _inside(box):
        yield from leaves(inner)


def _inside(box: Box) -> Iterator[Box]:
    yield from _PARTS.get(type(box), lambda _box: ())(box)


_PARTS: dict[type, Callable[[Any], Iterable[Box]]] = {
    Entries: lambda box: [entry.box for entry in box.entries],
    Listed: lambda box: box.items,
    Relation: lambda box: [cell for row in box.rows for cell in row],
    Call: lambda box: [box.callee, *(binding.box for binding in box.bindings)],
    # What is written in another language is never run.
    Definition: lambda box: [box.body] if box.kind == "FEEL" else [],
    Choice: lambda box: [box.condition, box.then, box.other],
    Loop: lambda box: [box.source, box.body],
    Filter: lambda box: [box.source, box.condition],
}
