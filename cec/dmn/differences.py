"""Two sheets set side by side, row by row: what came, went, moved, and which cells are others."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from cec.dmn.sheets import Line, Sheet


class Kind(StrEnum):
    """What became of a row."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True)
class CellChange:
    """A cell that is another one: its column as people call it, and both texts."""

    column: str
    before: str
    after: str


@dataclass(frozen=True)
class RowChange:
    """What became of one row, with its numbers (from 1) in both sheets."""

    kind: Kind
    before: int | None
    after: int | None
    # As it is now, or was.
    line: Line
    cells: tuple[CellChange, ...] = ()


# What a row has besides its cells.
REASON, COMMENT, SWITCH = "reason", "comment", "on"


def differences(before: Sheet, after: Sheet) -> list[RowChange]:
    """List what became of each row, in the order of the new sheet; what went stands where it was.

    Rows are the same by their id; columns by what they ask or answer.
    """
    old = {line.id: number for number, line in enumerate(before.lines, 1)}
    new = {line.id: number for number, line in enumerate(after.lines, 1)}
    moved = _moved(before, after)
    found = [
        (old[line.id], RowChange(Kind.REMOVED, old[line.id], None, line)) for line in before.lines if line.id not in new
    ]
    for line in after.lines:
        number = new[line.id]
        if line.id not in old:
            found.append((number, RowChange(Kind.ADDED, None, number, line)))
            continue
        cells = tuple(_cells(before, before.lines[old[line.id] - 1], after, line))
        kind = Kind.CHANGED if cells else Kind.MOVED if line.id in moved else None
        if kind:
            found.append((number, RowChange(kind, old[line.id], number, line, cells)))
    return [change for _number, change in sorted(found, key=lambda one: one[0])]


def columns(before: Sheet, after: Sheet) -> tuple[list[str], list[str]]:
    """Name the columns that came and those that went."""
    old, new = _labels(before), _labels(after)
    return [new[key] for key in new if key not in old], [old[key] for key in old if key not in new]


def _labels(sheet: Sheet) -> dict[str, str]:
    """Give what people call each column, by what it asks or answers."""
    asked = {f"?{one.expression}": one.label for one in sheet.head.inputs}
    return asked | {f"={one.name}": one.label or one.name for one in sheet.head.outputs}


def _texts(sheet: Sheet, line: Line) -> dict[str, str]:
    return dict(zip(_labels(sheet), line.cells, strict=False))


def _cells(before: Sheet, old: Line, after: Sheet, new: Line) -> Iterator[CellChange]:
    was, is_ = _texts(before, old), _texts(after, new)
    for key, label in _labels(after).items():
        if was.get(key, "-") != is_.get(key, "-"):
            yield CellChange(label, was.get(key, ""), is_.get(key, ""))
    notes = ((REASON, old.reason, new.reason), (COMMENT, old.comment, new.comment))
    yield from (CellChange(*note) for note in notes if note[1] != note[2])
    if old.is_on != new.is_on:
        yield CellChange(SWITCH, str(old.is_on), str(new.is_on))


def _moved(before: Sheet, after: Sheet) -> set[str]:
    """Name the fewest rows that have to be carried elsewhere to come from one order to the other."""
    old = [line.id for line in before.lines]
    new = [line.id for line in after.lines]
    both = {*old} & {*new}
    old, new = [one for one in old if one in both], [one for one in new if one in both]
    if old == new:
        return set()
    kept: set[str] = set()
    for match in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        kept |= {*old[match.a : match.a + match.size]}
    return both - kept
