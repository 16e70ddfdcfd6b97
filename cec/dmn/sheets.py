"""A plain decision table as people edit it: a head of columns and rows of cells, with notes and switches."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from cec.dmn.boxes import Input, Output, Row, Table
from cec.dmn.reading import Rules, read
from cec.dmn.turns import in_turns
from cec.platform.errors import Refusal

# Signs of one cell, of a reason and of a note.
LONGEST_CELL = 4_000
LONGEST_NOTE = 500
_ID = re.compile(r"[A-Za-z_][\w.-]{0,99}", re.ASCII)


class NotATable(Refusal):
    """This file is more than one plain table: it can be looked at here, but not written as a grid."""


@dataclass(frozen=True)
class Asked:
    """A column that is asked."""

    label: str
    expression: str
    type: str = ""
    allowed: str = ""


@dataclass(frozen=True)
class Answered:
    """A column that is answered."""

    name: str
    label: str = ""
    type: str = ""
    allowed: str = ""
    default: str = ""


@dataclass(frozen=True)
class Head:
    """What a table asks and answers, and how the answers of its rows become one."""

    policy: str
    aggregation: str
    inputs: tuple[Asked, ...]
    outputs: tuple[Answered, ...]

    def facts(self) -> dict[str, Any]:
        """Give it as plain values that fit into JSON."""
        return asdict(self) | {
            "inputs": [asdict(one) for one in self.inputs],
            "outputs": [asdict(one) for one in self.outputs],
        }


@dataclass(frozen=True)
class Line:
    """One row: its cells, why it answers what it answers, a note among its writers, and whether it judges."""

    id: str
    cells: tuple[str, ...]
    reason: str = ""
    comment: str = ""
    is_on: bool = True

    def facts(self) -> dict[str, Any]:
        """Give it as plain values that fit into JSON."""
        return {
            "id": self.id,
            "on": self.is_on,
            "cells": list(self.cells),
            "reason": self.reason,
            "comment": self.comment,
        }


@dataclass(frozen=True)
class Sheet:
    """A whole table."""

    head: Head
    lines: tuple[Line, ...] = field(default=())

    def table(self) -> Table:
        """Give it as it will judge."""
        count = len(self.head.inputs)
        return Table(
            hit_policy=self.head.policy,
            aggregation=self.head.aggregation,
            inputs=tuple(Input(one.label, one.expression, one.allowed, one.type) for one in self.head.inputs),
            outputs=tuple(Output(one.name, one.allowed, one.default, one.type, one.label) for one in self.head.outputs),
            rows=tuple(
                Row(line.id, line.cells[:count], line.cells[count:], line.reason, line.is_on, line.comment)
                for line in in_turns(self.lines)
            ),
        )


def of_text(text: str) -> Sheet:
    """Give the table of a file.

    :raises NotATable: when it is no plain table.
    """
    sheet = find(text)
    if sheet is None:
        raise NotATable
    return sheet


def find(text: str) -> Sheet | None:
    """Give the table of a file, or nothing when it is no plain table."""
    table = plain_table(read(text))
    return None if table is None else of_table(table)


def plain_table(rules: Rules) -> Table | None:
    """Give the table of a file that is one plain decision table and nothing else; nothing for any other."""
    drawn = rules.drawn
    others = drawn.knowledge or drawn.services or drawn.imports or drawn.items
    if others or len(rules.decisions) != 1 or rules.decisions[0].needs.knowledge:
        return None
    table = rules.decisions[0].table
    width = (len(table.inputs), len(table.outputs)) if table else (0, 0)
    is_even = table is not None and all((len(row.inputs), len(row.outputs)) == width for row in table.rows)
    return table if is_even else None


def of_table(table: Table) -> Sheet:
    """Make the sheet of a table."""
    head = Head(
        table.hit_policy,
        table.aggregation,
        tuple(Asked(one.label, one.expression, one.type, one.allowed) for one in table.inputs),
        tuple(Answered(one.name, one.label or one.name, one.type, one.allowed, one.default) for one in table.outputs),
    )
    ids = _Ids()
    lines = tuple(
        Line(ids.fresh(row.id), (*map(_asking, row.inputs), *row.outputs), row.reason, row.comment, row.is_on)
        for row in table.rows
    )
    return Sheet(head, lines)


def head_of(facts: Mapping[str, Any]) -> Head:
    """Make a head again of what `facts` gave."""
    return Head(
        facts["policy"],
        facts["aggregation"],
        tuple(Asked(**one) for one in facts["inputs"]),
        tuple(Answered(**one) for one in facts["outputs"]),
    )


def line_of(facts: Mapping[str, Any]) -> Line:
    """Make a row again of what `facts` gave."""
    return Line(facts["id"], tuple(facts["cells"]), facts["reason"], facts["comment"], facts["on"])


def with_ids(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Give each row an id that no other has; the first keeps it."""
    ids = _Ids()
    return tuple(Line(ids.fresh(one.id), one.cells, one.reason, one.comment, one.is_on) for one in lines)


def _asking(text: str) -> str:
    """Give a cell that asks nothing its dash."""
    return text or "-"


class _Ids:
    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._count = 0

    def fresh(self, wanted: str) -> str:
        while not _ID.fullmatch(wanted) or wanted in self._seen:
            self._count += 1
            wanted = f"row_{self._count}"
        self._seen.add(wanted)
        return wanted
