"""What a writer of a table does, step by step: rows come and go, columns that are asked come and go."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cec.dmn.drawing import MAX_ROWS
from cec.dmn.sheets import LONGEST_CELL, LONGEST_NOTE, Asked, Line, Sheet
from cec.platform.errors import Invalid

MAX_COLUMNS = 60


class BadChange(Invalid):
    """This change does not fit the table: open the page anew."""

    field = "changes"


class TooManyRows(Invalid):
    """A table has up to {most} rows."""

    field = "changes"


class TooManyColumns(Invalid):
    """A table asks up to {most} facts."""

    field = "changes"


class LastColumn(Invalid):
    """A table asks something: its last column stays."""

    field = "changes"


class CellTooLong(Invalid):
    """Row {row}: a cell holds up to {cell} signs, a reason or a note up to {note}."""

    field = "changes"


@dataclass(frozen=True)
class Splice:
    """So many rows from a place (from 0) on go, these come in their stead."""

    at: int
    removed: int
    lines: tuple[Line, ...]

    def on(self, sheet: Sheet) -> Sheet:
        """Give the table after this step.

        :raises Invalid: when it does not fit, or a row is larger than it may be.
        """
        check_lines(self.lines, sheet, first=self.at + 1)
        if not (0 <= self.at <= len(sheet.lines) and 0 <= self.removed <= len(sheet.lines) - self.at):
            raise BadChange
        rest = sheet.lines[self.at + self.removed :]
        return replace(sheet, lines=(*sheet.lines[: self.at], *map(tidy, self.lines), *rest))


@dataclass(frozen=True)
class ColumnAdded:
    """A column is asked from now on, at a place among those that are asked; one cell for each row."""

    at: int
    column: Asked
    cells: tuple[str, ...]

    def on(self, sheet: Sheet) -> Sheet:
        """Give the table after this step.

        :raises Invalid: when it does not fit, or is larger than it may be.
        """
        asked = sheet.head.inputs
        if not 0 <= self.at <= len(asked) or len(self.cells) != len(sheet.lines):
            raise BadChange
        head = replace(sheet.head, inputs=(*asked[: self.at], self.column, *asked[self.at :]))
        lines = tuple(
            _with(line, (*line.cells[: self.at], cell, *line.cells[self.at :]))
            for line, cell in zip(sheet.lines, self.cells, strict=True)
        )
        wide = Sheet(head, lines)
        check_lines(lines, wide)
        return wide


@dataclass(frozen=True)
class ColumnRemoved:
    """A column is asked no more; its cells go with it."""

    at: int

    def on(self, sheet: Sheet) -> Sheet:
        """Give the table after this step.

        :raises Invalid: when there is no such column, or it is the last one.
        """
        asked = sheet.head.inputs
        if not 0 <= self.at < len(asked):
            raise BadChange
        if len(asked) == 1:
            raise LastColumn
        head = replace(sheet.head, inputs=asked[: self.at] + asked[self.at + 1 :])
        return Sheet(
            head, tuple(_with(line, line.cells[: self.at] + line.cells[self.at + 1 :]) for line in sheet.lines)
        )


Step = Splice | ColumnAdded | ColumnRemoved


def apply(sheet: Sheet, steps: Sequence[Step]) -> Sheet:
    """Give the table after these steps.

    :raises Invalid: when one does not fit, or the table becomes larger than it may be.
    """
    for step in steps:
        sheet = step.on(sheet)
    if len(sheet.lines) > MAX_ROWS:
        raise TooManyRows(most=MAX_ROWS)
    if len(sheet.head.inputs) > MAX_COLUMNS:
        raise TooManyColumns(most=MAX_COLUMNS)
    if any(max(map(len, (one.label, one.expression, one.allowed))) > LONGEST_CELL for one in sheet.head.inputs):
        raise BadChange
    return sheet


def check_lines(lines: Sequence[Line], sheet: Sheet, first: int = 1) -> None:
    """Refuse rows that do not fit the columns, or are longer than they may be.

    :raises Invalid: for the first such row.
    """
    width = len(sheet.head.inputs) + len(sheet.head.outputs)
    for number, line in enumerate(lines, first):
        if len(line.cells) != width:
            raise BadChange
        notes = max(len(line.reason), len(line.comment))
        if max(map(len, line.cells), default=0) > LONGEST_CELL or notes > LONGEST_NOTE:
            raise CellTooLong(row=number, cell=LONGEST_CELL, note=LONGEST_NOTE)


def tidy(line: Line) -> Line:
    """Give a row without blanks at its ends, its notes on one line."""
    cells = tuple(cell.strip() for cell in line.cells)
    return Line(line.id, cells, " ".join(line.reason.split()), " ".join(line.comment.split()), line.is_on)


def _with(line: Line, cells: tuple[str, ...]) -> Line:
    return replace(line, cells=cells)
