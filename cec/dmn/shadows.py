"""Rows of a table set against each other: those that never hit, hit together or ask the same, and what no row meets."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cec.dmn import covering
from cec.dmn.boxes import Table
from cec.dmn.grids import Grid
from cec.dmn.turns import in_turns
from cec.feel.compiling import FeelError, FeelSyntaxError, compile_expression

# So many steps are gone to find what no row meets.
MAX_STEPS = 100_000


@dataclass(frozen=True)
class Pair:
    """What is the matter with a later row and an earlier one; rows are counted from 0."""

    later: int
    earlier: int
    # covered | together | same.
    kind: str
    # Facts that show it, by the label of their column.
    sample: dict[str, Any]


@dataclass(frozen=True)
class Gap:
    """Facts that no row meets, by the label of their column."""

    sample: dict[str, Any]


class TooEntangled(Exception):
    """Whether every case is met cannot be told in a reasonable time."""


@dataclass
class Grids:
    """A whole table as pieces of its columns."""

    table: Table
    grids: list[Grid] = field(init=False)

    def __post_init__(self) -> None:
        columns = range(len(self.table.inputs))
        self.grids = [
            Grid(
                [covering.cell_of(row.inputs[at]) for row in in_turns(self.table.rows)],
                _allowed(self.table.inputs[at].allowed),
            )
            for at in columns
        ]

    def pairs(self) -> Iterator[Pair]:
        """Find for each row the first earlier one that shadows it, as the hit policy has it."""
        meeting = [rows_by_piece(grid, len(self.table.rows)) for grid in self.grids]
        before: dict[tuple[int, ...], int] = {}
        for later in in_turns(range(len(self.table.rows))):
            own = tuple(grid.masks[later] for grid in self.grids)
            pair = self._shadowed(later, self._met(later, meeting))
            if pair is None and own in before and self.table.hit_policy != "ANY":
                pair = Pair(later, before[own], "same", {})
            before.setdefault(own, later)
            if pair:
                yield pair

    def _met(self, later: int, meeting: list[dict[int, int]]) -> int:
        """Give the earlier rows, as bits, that some value passes together with a row."""
        rows = (1 << later) - 1
        for grid, by_piece in zip(self.grids, meeting, strict=True):
            mask = grid.masks[later]
            if mask == grid.everything:
                continue
            found = by_piece[-1]
            while mask and rows:
                lowest = mask & -mask
                found |= by_piece.get(lowest.bit_length() - 1, 0)
                mask ^= lowest
            rows &= found
        return rows

    def _shadowed(self, later: int, rows: int) -> Pair | None:
        policy = self.table.hit_policy
        if policy not in {"FIRST", "UNIQUE", "ANY"}:
            return None
        while rows:
            lowest = rows & -rows
            earlier = lowest.bit_length() - 1
            rows ^= lowest
            if policy == "FIRST":
                if all(grid.masks[later] & ~grid.masks[earlier] == 0 for grid in self.grids):
                    return Pair(later, earlier, "covered", {})
            elif policy == "UNIQUE" or self.table.rows[earlier].outputs != self.table.rows[later].outputs:
                return Pair(later, earlier, "together", self._sample(later, earlier))
        return None

    def _sample(self, later: int, earlier: int) -> dict[str, Any]:
        return {
            column.label: grid.common(grid.masks[later], grid.masks[earlier])
            for column, grid in zip(self.table.inputs, self.grids, strict=True)
        }

    def gap(self) -> Gap | None:
        """Find facts that surely no row meets.

        :raises TooEntangled: when that takes too many steps.
        """
        pieces = _Search(self).find()
        if pieces is None:
            return None
        labels = [column.label for column in self.table.inputs]
        return Gap({labels[at]: self.grids[at].sample(piece) for at, piece in pieces.items()})


class _Search:
    """Goes from column to column with the rows that are still met; where none is left is a gap."""

    def __init__(self, grids: Grids) -> None:
        self._count = len(grids.table.rows)
        columns = [(_classes(grid, self._count), at) for at, grid in enumerate(grids.grids)]
        # Few ways first.
        self._columns = sorted(columns, key=lambda one: len(one[0]))
        self._steps = MAX_STEPS
        self._seen: set[tuple[int, int]] = set()
        # Rows that let everything through from a column on.
        self._free = [(1 << self._count) - 1]
        for classes, _at in reversed(self._columns):
            through = (1 << self._count) - 1
            for rows, _piece in classes:
                through &= rows
            self._free.insert(0, self._free[0] & through)

    def find(self) -> dict[int, int] | None:
        """Give the piece of each column that makes the gap."""
        return self._go(0, (1 << self._count) - 1)

    def _go(self, depth: int, rows: int) -> dict[int, int] | None:
        if not rows:
            return {}
        if rows & self._free[depth] or (depth, rows) in self._seen:
            return None
        self._seen.add((depth, rows))
        classes, at = self._columns[depth]
        for met, piece in in_turns(classes):
            self._steps -= 1
            if self._steps < 0:
                raise TooEntangled
            found = self._go(depth + 1, rows & met)
            if found is not None:
                return {at: piece, **found}
        return None


def rows_by_piece(grid: Grid, count: int) -> dict[int, int]:
    """Give for each piece the rows, as bits, whose cell holds it; those that hold all of them under -1."""
    found: dict[int, int] = {-1: 0}
    for row in in_turns(range(count)):
        mask = grid.masks[row]
        if mask == grid.everything:
            found[-1] |= 1 << row
            continue
        while mask:
            lowest = mask & -mask
            piece = lowest.bit_length() - 1
            found[piece] = found.get(piece, 0) | 1 << row
            mask ^= lowest
    return found


def _classes(grid: Grid, count: int) -> list[tuple[int, int]]:
    """Give the different sets of rows that the pieces of a column meet, the smallest first, each with a piece.

    A cell that only running would tell counts as met: what is left is a gap for sure.
    """
    by_piece = rows_by_piece(grid, count)
    always = by_piece[-1]
    for row in range(count):
        if grid.is_unsure(grid.masks[row]):
            always |= 1 << row
    classes: dict[int, int] = {}
    for piece in grid.pieces():
        classes.setdefault(by_piece.get(piece, 0) | always, piece)
    return sorted(classes.items(), key=lambda one: one[0].bit_count())


def _allowed(text: str) -> list[Any]:
    """List the values that a column allows, if these are plain."""
    if not text:
        return []
    try:
        values = compile_expression(f"[{text}]")({})
    except (FeelSyntaxError, FeelError):
        return []
    return [] if any(isinstance(value, list | dict) or hasattr(value, "start") for value in values) else list(values)
