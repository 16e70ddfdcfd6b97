"""The stored state of an instance: rows of its tasks without the diagram, compacted so that loops leave no trace.

Only arrays are stored, never objects whose keys have an order that matters. What is predicted is not stored: the
engine foresees it again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

VERSION = 1
# States of a task, as SpiffWorkflow numbers them.
MAYBE, LIKELY, FUTURE, WAITING, READY, STARTED, COMPLETED, ERROR, CANCELLED = (1 << n for n in range(9))
PREDICTED = MAYBE | LIKELY | FUTURE
LIVE = WAITING | READY | STARTED
FINISHED = COMPLETED | ERROR | CANCELLED

Data = dict[str, Any]


class UnknownState(Exception):
    """The state was written by another version of the program."""


@dataclass(slots=True)
class Row:
    """One task of a running process."""

    token: str
    parent: str | None
    element: str
    state: int
    changed: float = 0.0
    triggered: bool = False
    internal: Data = field(default_factory=dict)
    data: Data = field(default_factory=dict)


@dataclass(slots=True)
class Tree:
    """The tasks of one process: the instance's own, or one that a call activity (the owner) has called."""

    owner: str | None
    process: str
    rows: list[Row]
    data: Data = field(default_factory=dict)
    completed: bool = False


@dataclass(frozen=True)
class Shape:
    """What compaction must know of a diagram."""

    # No parallel or inclusive joins and no loop tasks: those look back at their history.
    compactable: bool
    # Elements that wait for side branches, and elements that hold an activity with its boundary events.
    joins: frozenset[str]
    splits: frozenset[str]


def dump(trees: Iterable[Tree], shapes: dict[str, Shape]) -> bytes:
    """Write the trees down, the instance's own first, without what is over and done with."""
    compacted = [replace(tree, rows=compact(tree, shapes[tree.process])) for tree in trees]
    return orjson.dumps([VERSION, [_pack(tree) for tree in _still_owned(compacted)]])


def load(state: bytes) -> list[Tree]:
    """Read the trees back.

    :raises UnknownState: when another version of the program wrote them.
    """
    version, trees = orjson.loads(state)
    if version != VERSION:
        raise UnknownState(f"version {version}, expected {VERSION}")
    return [_unpack(*packed) for packed in trees]


def compact(tree: Tree, shape: Shape) -> list[Row]:
    """Keep what lives and its ancestors up to the lowest common one, hung below the start."""
    rows = tree.rows
    if tree.completed:
        return rows[:1]
    if not shape.compactable:
        return rows
    kept = _with_ancestors(_living(rows, shape), rows)
    cut = _lowest_common(rows[0], [row for row in rows if row.token in kept], shape)
    if cut is rows[0]:
        return rows
    above = _ancestors(cut, {row.token: row for row in rows})
    below = [row for row in rows if row.token in kept and row.token not in above and row is not cut]
    return [replace(rows[0], data={}), replace(cut, parent=rows[0].token), *below]


def _living(rows: list[Row], shape: Shape) -> list[Row]:
    """Give the unfinished tasks; a finished side branch parks a waiting join, which would pin old history."""
    live = [row for row in rows if row.state & LIVE]
    return [row for row in live if row.element not in shape.joins] or live


def _with_ancestors(live: list[Row], rows: list[Row]) -> set[str]:
    by_token = {row.token: row for row in rows}
    kept: set[str] = set()
    for row in live:
        climbing: Row | None = row
        while climbing is not None and climbing.token not in kept:
            kept.add(climbing.token)
            climbing = by_token.get(climbing.parent or "")
    return kept


def _lowest_common(root: Row, kept: list[Row], shape: Shape) -> Row:
    children: dict[str | None, list[Row]] = {}
    for row in kept:
        children.setdefault(row.parent, []).append(row)
    cut = root
    while len(below := children.get(cut.token, [])) == 1:
        if not below[0].state & FINISHED:
            # The only live one; the join after it still looks for the split above it.
            return cut if cut.element in shape.splits else below[0]
        cut = below[0]
    return cut


def _ancestors(row: Row, by_token: dict[str, Row]) -> set[str]:
    above: set[str] = set()
    climbing = by_token.get(row.parent or "")
    while climbing is not None:
        above.add(climbing.token)
        climbing = by_token.get(climbing.parent or "")
    return above


def _still_owned(trees: list[Tree]) -> list[Tree]:
    """Leave out called processes whose call activity has gone or is finished."""
    kept: list[Tree] = []
    found, rest = trees[:1], trees[1:]
    while found:
        kept += found
        owners = {row.token for tree in found for row in tree.rows if not row.state & FINISHED}
        found, rest = (
            [tree for tree in rest if tree.owner in owners],
            [tree for tree in rest if tree.owner not in owners],
        )
    return kept


def _pack(tree: Tree) -> list[Any]:
    index = {row.token: number for number, row in enumerate(tree.rows)}
    rows = []
    for row in tree.rows:
        parent = index.get(row.parent or "", -1)
        changed, removed = _difference(row.data, tree.rows[parent].data if parent >= 0 else {})
        internal = {key: value for key, value in row.internal.items() if value or key != "seen_events"}
        rows.append(
            [row.token, parent, row.element, row.state, round(row.changed, 3), int(row.triggered), internal or 0,
             changed or 0, removed or 0]
        )  # fmt: skip
    return [tree.owner, tree.process, rows, tree.data, tree.completed]


def _difference(data: Data, parent: Data) -> tuple[Data, list[str]]:
    changed = {key: value for key, value in data.items() if key not in parent or parent[key] != value}
    return changed, [key for key in parent if key not in data]


def _unpack(owner: str | None, process: str, packed: list[Any], data: Data, completed: bool) -> Tree:  # noqa: FBT001
    rows: list[Row] = []
    for token, parent, element, state, changed, triggered, internal, difference, removed in packed:
        above = rows[parent] if parent >= 0 else None
        own = {key: _own(value) for key, value in above.data.items()} if above else {}
        own.update(difference or {})
        for key in removed or ():
            own.pop(key, None)
        parent_token = above.token if above else None
        rows.append(Row(token, parent_token, element, state, changed, bool(triggered), internal or {}, own))
    return Tree(owner, process, rows, data, completed)


def _own(value: Any) -> Any:
    """Copy one level deep, as the engine does when data flows on: or results of parallel tasks share one list."""
    return value.copy() if isinstance(value, dict | list) else value
