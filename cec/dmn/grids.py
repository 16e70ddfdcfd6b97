"""A column cut at every value that its cells name: each cell is then a set of pieces, kept as the bits of a number.

Two cells let the same value through if their sets meet; one covers another if it holds its set.
"""

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from cec.dmn.covering import Cell, Stretch
from cec.dmn.turns import in_turns
from cec.feel.refusals import Mismatch
from cec.feel.values import ORDERED, Months, number, ordered

_STEPS: dict[type, Any] = {int: 1, Decimal: 1, dt.date: dt.timedelta(days=1), dt.datetime: dt.timedelta(hours=1),
                           dt.timedelta: dt.timedelta(hours=1)}  # fmt: skip


class Grid:
    """One column."""

    def __init__(self, cells: Sequence[Cell], allowed: Sequence[Any] = ()) -> None:
        self._points = _points(cells)
        self._offsets: dict[str, int] = {}
        # What only running would tell is a piece of its own: it meets itself and what lets everything through.
        self._unsure = {cell: at for at, cell in enumerate(dict.fromkeys(one for one in cells if isinstance(one, str)))}
        count = len(self._unsure)
        for kind, points in self._points.items():
            self._offsets[kind] = count
            count += 2 * len(points) + 1 if kind in ORDERED else len(points)
        # One more piece for values of any other kind.
        self._count = count + 1
        self.everything = (1 << self._count) - 1
        self._allowed = self._mask_of_values(allowed)
        self.masks = [self._mask(cell) for cell in in_turns(cells)]

    def pieces(self) -> Iterator[int]:
        """Give the pieces that a value can lie in, as far as it is known which values there are."""
        if self._allowed:
            yield from (at for at in range(self._count) if self._allowed >> at & 1)
            return
        known = len(self._unsure)
        yield from range(known, self._count if not self._points else self._count - 1)

    def is_unsure(self, mask: int) -> bool:
        """Say whether only running this cell would tell."""
        return mask != self.everything and bool(mask & ((1 << len(self._unsure)) - 1))

    def sample(self, piece: int) -> Any:
        """Give a value that lies in a piece; None when any will do."""
        for kind, points in self._points.items():
            at = piece - self._offsets[kind]
            if kind not in ORDERED and 0 <= at < len(points):
                return points[at]
            if kind in ORDERED and 0 <= at <= 2 * len(points):
                return points[at // 2] if at % 2 else _between(points, at // 2)
        return None

    def common(self, one: int, other: int) -> Any:
        """Give a value that two cells let through."""
        shared = one & other & ~((1 << len(self._unsure)) - 1)
        return self.sample((shared & -shared).bit_length() - 1) if shared else None

    def _mask(self, cell: Cell) -> int:
        if cell is None:
            return self.everything
        if isinstance(cell, str):
            return 1 << self._unsure[cell]
        mask = 0
        for stretch in cell:
            mask |= self._piece(stretch)
        return mask

    def _piece(self, stretch: Stretch) -> int:
        points, offset = self._points[stretch.kind], self._offsets[stretch.kind]
        if stretch.kind not in ORDERED:
            return 1 << (offset + points.index(stretch.low))
        low = 0 if stretch.low is None else 2 * _at(points, stretch.low) + (1 if stretch.with_low else 2)
        high = 2 * len(points)
        if stretch.high is not None:
            high = 2 * _at(points, stretch.high) + (1 if stretch.with_high else 0)
        return ((1 << (high - low + 1)) - 1) << (offset + low) if high >= low else 0

    def _mask_of_values(self, allowed: Sequence[Any]) -> int:
        """Give the pieces of the values that a column allows; 0 when it allows any."""
        mask = 0
        for value in allowed:
            for kind, points in self._points.items():
                if value in points and type(value) is type(points[points.index(value)]):
                    mask |= 1 << (self._offsets[kind] + points.index(value) * (2 if kind in ORDERED else 1)
                                  + (1 if kind in ORDERED else 0))  # fmt: skip
                    break
            else:
                # No cell names it: it lies in the piece for everything else.
                mask |= 1 << (self._count - 1)
        return mask


def _points(cells: Sequence[Cell]) -> dict[str, list[Any]]:
    """List the values that the cells name, by kind, in their order."""
    found: dict[str, list[Any]] = {}
    for cell in cells:
        for stretch in cell if isinstance(cell, tuple) else ():
            ends = [stretch.low, stretch.high] if stretch.kind in ORDERED else [stretch.low]
            found.setdefault(stretch.kind, []).extend(
                end for end in ends if end is not None or stretch.kind not in ORDERED
            )
    if "boolean" in found:
        found["boolean"] = [False, True]
    return {kind: _sorted(kind, values) for kind, values in found.items()}


def _sorted(kind: str, values: list[Any]) -> list[Any]:
    if kind not in ORDERED:
        return list(dict.fromkeys(values))
    keys = sorted({_key(value): value for value in values}.items(), key=lambda pair: pair[0])
    return [value for _key, value in keys]


def _key(value: Any) -> Any:
    return (ordered(value, value) or (value,))[0]


def _at(points: list[Any], value: Any) -> int:
    return bisect_left(points, _key(value), key=_key)


def _between(points: list[Any], at: int) -> Any:
    """Give a value before the first point, after the last or between two; None when it is hard to tell."""
    try:
        if 0 < at < len(points):
            return _middle(points[at - 1], points[at])
        return _beyond(points[0], -1) if at == 0 else _beyond(points[-1], 1)
    except (Mismatch, OverflowError, TypeError, IndexError):
        return None


def _beyond(end: Any, way: int) -> Any:
    if isinstance(end, str):
        return end + "…" if way > 0 else ""
    if isinstance(end, Months):
        return Months(end.months + way)
    step = _STEPS.get(type(end))
    return None if step is None else end + way * step


def _middle(low: Any, high: Any) -> Any:
    if isinstance(low, str):
        return low + "…" if low + "…" < high else None
    if isinstance(low, Months):
        middle = Months((low.months + high.months) // 2)
        return middle if low < middle < high else None
    if isinstance(low, dt.time):
        return None
    if isinstance(low, int | Decimal):
        return number(Decimal(low + high) / 2)
    middle = low + (high - low) / 2
    return middle if low < middle < high else None
