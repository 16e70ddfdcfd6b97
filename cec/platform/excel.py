"""Sheets of .xlsx files: read as plain texts with their places, whoever made them; written for people to fill in."""

import datetime as dt
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import openpyxl
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from cec.platform.errors import Invalid

MOST_ROWS = 10_000
MOST_COLUMNS = 60
LONGEST_CELL = 500
# Of what a file unpacks to; a workbook of ten thousand rows has a few megabytes.
MOST_BYTES = 64 * 2**20
MOST_PARTS = 500
_HEAD = 65_536
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class NotASheet(Invalid):
    """This is no Excel workbook: save it as .xlsx and choose it again."""

    field = "file"


class SheetTooLarge(Invalid):
    """This workbook is too large: up to 10000 rows and 64 MB unpacked can be read at once."""

    field = "file"


class SheetEmpty(Invalid):
    """The first sheet is empty: write the names of the columns into its first row."""

    field = "file"


@dataclass(frozen=True)
class Cell:
    """A cell as a person sees it, and where it is."""

    text: str
    row: int
    column: str


@dataclass(frozen=True)
class Sheet:
    """The first sheet of a workbook: its name, the names of its columns, and its rows that are not empty."""

    name: str
    head: list[Cell]
    rows: list[list[Cell]]


@dataclass(frozen=True)
class Fault:
    """What is wrong with a cell: where it is, what it holds, and what would be right."""

    sheet: str
    row: int
    column: str
    text: str
    sentence: str


def read(content: bytes, *, longest: int = LONGEST_CELL) -> Sheet:
    """Read the first sheet of a workbook; of a cell so many signs.

    :raises Invalid: when it is no workbook, too large, or empty.
    """
    _look_at(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        lines = list(_lines(sheet, longest))
    except SheetTooLarge:
        raise
    except Exception:  # noqa: BLE001 - a broken file breaks the reader in any way it likes
        raise NotASheet from None
    if not lines:
        raise SheetEmpty
    return Sheet(str(sheet.title), lines[0], lines[1:])


def _look_at(content: bytes) -> None:
    """Refuse what only looks small, and what no program writes into a workbook, before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
                raise SheetTooLarge
            for part in parts:
                with packed.open(part) as opened:
                    if b"<!DOCTYPE" in opened.read(_HEAD):
                        raise NotASheet
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise NotASheet from None


def _lines(sheet: Any, longest: int) -> Iterator[list[Cell]]:
    sheet.reset_dimensions()
    for number, values in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), start=1):
        if number > MOST_ROWS + 1:
            raise SheetTooLarge
        cells = [
            Cell(_text(value, longest), number, get_column_letter(column))
            for column, value in enumerate(values, start=1)
        ]
        if any(cell.text for cell in cells):
            yield cells


def _text(value: Any, longest: int) -> str:
    """Give a value as a person typed it; what is longer than any answer is cut."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, dt.datetime):
        value = value.date() if value.time() == dt.time() else value
    if isinstance(value, dt.date | dt.time):
        value = value.isoformat()
    return " ".join(str(value).split())[:longest]


def write(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """Write a sheet with the names of its columns and rows of texts."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title[:31]
    for line in (head, *rows):
        sheet.append(list(line))
    for row in sheet.iter_rows():
        for cell in row:
            # A text stays one: nothing that looks like a formula is worked out.
            cell.data_type = "s"
            cell.number_format = "@"
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for column, name in enumerate(head, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = max(14, len(name) + 4)
    sheet.freeze_panes = "A2"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
