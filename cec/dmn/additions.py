"""Rows of a table that sums: whoever meets the narrower of two gets the points of both."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cec.dmn.shadows import Grids, rows_by_piece
from cec.dmn.turns import in_turns
from cec.feel.quick import constant_of

# Of more wider rows than these the first are named.
MOST_NAMED = 5


@dataclass(frozen=True)
class Addition:
    """A row, the rows that are met whenever it is, and what all of them answer together; counted from 0."""

    row: int
    wider: tuple[int, ...]
    total: int | Decimal
    # Facts that meet all of them, by the label of their column.
    sample: dict[str, Any]


def additions(grids: Grids) -> Iterator[Addition]:
    """Find for each row the wider ones that ask something themselves, if all of them answer plain numbers."""
    count = len(grids.table.rows)
    holding = [rows_by_piece(grid, count) for grid in grids.grids]
    points = [_points(row.outputs) for row in grids.table.rows]
    base = [all(grid.masks[row] == grid.everything for grid in grids.grids) for row in range(count)]
    for row in in_turns(range(count)):
        wider = [one for one in _wider(grids, row, holding) if points[one] is not None and not base[one]]
        own = points[row]
        if wider and own is not None:
            named = tuple(wider[:MOST_NAMED])
            yield Addition(row, named, sum((points[one] or 0 for one in named), own), _sample(grids, row))


def _wider(grids: Grids, row: int, holding: list[dict[int, int]]) -> Iterator[int]:
    """Give the rows that surely hold all that a row holds, but not those that ask just the same."""
    rows = ((1 << len(grids.table.rows)) - 1) ^ 1 << row
    for grid, by_piece in zip(grids.grids, holding, strict=True):
        mask, always = grid.masks[row], by_piece[-1]
        if mask == grid.everything:
            rows &= always
            continue
        while mask and rows:
            lowest = mask & -mask
            rows &= always | by_piece.get(lowest.bit_length() - 1, 0)
            mask ^= lowest
        if not rows:
            return
    own = [grid.masks[row] for grid in grids.grids]
    while rows:
        lowest = rows & -rows
        one = lowest.bit_length() - 1
        rows ^= lowest
        if own != [grid.masks[one] for grid in grids.grids]:
            yield one


def _points(outputs: tuple[str, ...]) -> int | Decimal | None:
    found = constant_of(outputs[0]) if outputs else None
    value = found[0] if found else None
    return value if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _sample(grids: Grids, row: int) -> dict[str, Any]:
    """Give facts that meet a row, of the columns that it asks."""
    found = {}
    for column, grid in zip(grids.table.inputs, grids.grids, strict=True):
        mask = grid.masks[row]
        if mask != grid.everything:
            found[column.label] = grid.common(mask, mask)
    return {label: value for label, value in found.items() if value is not None}
