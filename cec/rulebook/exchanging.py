"""A table of Excel and back: written for people to fill in, looked through cell by cell before it is taken."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from cec.dmn import checking, sheets
from cec.dmn.checking import Directories
from cec.dmn.drawing import MAX_ROWS
from cec.dmn.sheets import LONGEST_CELL, LONGEST_NOTE, Line, Sheet
from cec.platform import excel
from cec.platform.excel import Cell, Fault
from cec.platform.i18n import gettext as _

_OFF = {"0", "false", "no", "нет", "ложь"}
# Texts of a cell of Excel that are values of FEEL by another name.
_FLAGS = {"True": "true", "False": "false"}


@dataclass(frozen=True)
class Names:
    """What the columns of the file are called, beside those of the table itself."""

    on: str
    reason: str
    note: str
    id: str


@dataclass
class Examined:
    """What a file holds: its table, or what is wrong with its cells."""

    sheet: Sheet | None = None
    faults: list[Fault] = field(default_factory=list)


def write(sheet: Sheet, titles: Sequence[str], names: Names, title: str) -> bytes:
    """Write a table as a sheet of Excel."""
    head = [names.on, *titles, names.reason, names.note, names.id]
    rows = [
        [_("yes") if line.is_on else _("no"), *line.cells, line.reason, line.comment, line.id] for line in sheet.lines
    ]
    return excel.write(title, head, rows)


def examine(
    content: bytes,
    sheet: Sheet,
    titles: Sequence[str],
    names: Names,
    *,
    inputs: Collection[str],
    directories: Directories,
) -> Examined:
    """Look a file through: columns by their names, each cell as the editor would.

    :raises Invalid: when it is no workbook, too large, or empty.
    """
    read = excel.read(content, longest=LONGEST_CELL + 1)
    places = {cell.text.casefold(): at for at, cell in enumerate(read.head) if cell.text}
    faults = list(_head_faults(read.name, read.head, titles, names))
    if faults:
        return Examined(faults=faults)
    lines = sheets.with_ids(_line(row, places, titles, names) for row in read.rows)
    taken = replace(sheet, lines=lines)
    faults = list(_too_long(read.name, read.rows))
    if len(lines) > MAX_ROWS:
        sentence = _("A table has up to {most} rows.").format(most=MAX_ROWS)
        faults.append(Fault(read.name, MAX_ROWS + 2, "A", "", sentence))
    return Examined(taken, faults or list(_faults(read.name, taken, read.rows, places, titles, inputs, directories)))


def _head_faults(name: str, head: Sequence[Cell], titles: Sequence[str], names: Names) -> Iterator[Fault]:
    known = {title.casefold() for title in (*titles, names.on, names.reason, names.note, names.id)}
    there = [cell.text.casefold() for cell in head]
    for cell in head:
        if cell.text and cell.text.casefold() not in known:
            sentence = _("The table has no such column; it has: {columns}").format(columns=", ".join(titles))
            yield Fault(name, cell.row, cell.column, cell.text, sentence)
        elif cell.text and there.count(cell.text.casefold()) > 1:
            yield Fault(name, cell.row, cell.column, cell.text, _("This column is there twice."))
    for title in titles:
        if title.casefold() not in there:
            yield Fault(name, 1, "A", title, _("This column is missing."))


def _line(row: Sequence[Cell], places: dict[str, int], titles: Sequence[str], names: Names) -> Line:
    def text(title: str) -> str:
        at = places.get(title.casefold())
        found = row[at].text if at is not None and at < len(row) else ""
        return _FLAGS.get(found, found)

    cells = tuple(text(title) for title in titles)
    is_on = text(names.on).casefold() not in _OFF
    return Line(text(names.id), cells, text(names.reason), text(names.note), is_on)


def _too_long(name: str, rows: Sequence[Sequence[Cell]]) -> Iterator[Fault]:
    for cell in (cell for row in rows for cell in row):
        if len(cell.text) > LONGEST_CELL:
            sentence = _("A cell holds up to {cell} signs, a reason or a note up to {note}.")
            yield Fault(
                name, cell.row, cell.column, cell.text[:80], sentence.format(cell=LONGEST_CELL, note=LONGEST_NOTE)
            )


def _faults(
    name: str,
    sheet: Sheet,
    rows: Sequence[Sequence[Cell]],
    places: dict[str, int],
    titles: Sequence[str],
    inputs: Collection[str],
    directories: Directories,
) -> Iterator[Fault]:
    """Check the cells of rows that judge, and tell each fault with its place in the file."""
    table = sheet.table()
    for one in checking.check_rows(table, range(1, len(table.rows) + 1), inputs=inputs, directories=directories):
        if one.is_error and one.cell >= 0:
            cell = rows[one.row - 1][places[titles[one.cell].casefold()]]
            yield Fault(name, cell.row, cell.column, one.text, one.message)
