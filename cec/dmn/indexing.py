"""Which rows a value can hit at all: a column whose cells name values is looked up, not gone through."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cec.feel.quick import constants_of

# Fewer rows are gone through as fast.
LEAST_ROWS = 16
_LOOKED_UP = frozenset({str, int, bool})


@dataclass(frozen=True)
class Index:
    """Of one column: for a value the rows that may hit, in their order."""

    column: int
    by_value: dict[tuple[type, Any], list[int]]
    others: list[int]

    def rows_for(self, value: Any) -> list[int] | None:
        """Give the rows that a value may hit; None when only asking all of them tells."""
        if value.__class__ not in _LOOKED_UP:
            return None
        return self.by_value.get((value.__class__, value), self.others)


def best_index(rows: Sequence[Sequence[str]]) -> Index | None:
    """Make the index of the column that leaves the fewest rows; None when no column leaves out half of them."""
    if len(rows) < LEAST_ROWS:
        return None
    columns = range(len(rows[0])) if rows else range(0)
    if any(len(row) != len(columns) for row in rows):
        return None
    found = [(_left(index), index.column, index) for index in (_index(column, rows) for column in columns)]
    left, _column, best = min(found, default=(len(rows), 0, None), key=lambda one: one[:2])
    return best if best is not None and left * 2 <= len(rows) else None


def _index(column: int, rows: Sequence[Sequence[str]]) -> Index:
    by_value: dict[tuple[type, Any], list[int]] = {}
    others: list[int] = []
    for number, row in enumerate(rows):
        constants = constants_of(row[column])
        if constants is None or any(value.__class__ not in _LOOKED_UP for value in constants):
            others.append(number)
            continue
        for key in {(value.__class__, value) for value in constants}:
            by_value.setdefault(key, []).append(number)
    merged = {key: sorted([*numbers, *others]) for key, numbers in by_value.items()} if others else by_value
    return Index(column, merged, others)


def _left(index: Index) -> int:
    return max(map(len, index.by_value.values()), default=len(index.others) * 1000 + 1000)
