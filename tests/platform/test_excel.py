"""Sheets of .xlsx files, whoever made them."""

import datetime as dt
import io
import zipfile

import openpyxl
import pytest

from cec.platform import excel


def a_book(*rows):
    book = openpyxl.Workbook()
    book.active.title = "Люди"
    for row in rows:
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def changed(content, name, part):
    """The same workbook with another part of that name."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.namelist():
            new.writestr(item, part if item == name else old.read(item))
    return written.getvalue()


def test_cells_are_read_as_people_see_them_with_their_places():
    sheet = excel.read(a_book(["login", "units"], ["anna", 5.0], [None, None], [" igor ", dt.date(2026, 11, 23)]))

    assert sheet.name == "Люди"
    assert [cell.text for cell in sheet.head[:2]] == ["login", "units"]
    assert [[(cell.text, cell.row, cell.column) for cell in row[:2]] for row in sheet.rows] == [
        [("anna", 2, "A"), ("5", 2, "B")],
        [("igor", 4, "A"), ("2026-11-23", 4, "B")],
    ]


def test_what_is_written_is_read_again_and_nothing_becomes_a_formula():
    sheet = excel.read(excel.write("Люди", ["login", "name"], [["anna", "=1+1"]]))

    assert [cell.text for cell in sheet.rows[0][:2]] == ["anna", "=1+1"]


@pytest.mark.parametrize(
    "content",
    [b"", b"login;name", b"PK\x03\x04", b"\xd0\xcf\x11\xe0 old .xls", a_book(["login"])[:-40]],
    ids=["nothing", "text", "cut at once", "old Excel", "cut"],
)
def test_what_is_no_workbook_is_refused(content):
    with pytest.raises(excel.NotASheet):
        excel.read(content)


def test_an_archive_without_a_sheet_and_one_that_names_entities_are_refused():
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("letter.txt", "hello")
    with pytest.raises(excel.NotASheet):
        excel.read(written.getvalue())

    laughing = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
    with pytest.raises(excel.NotASheet):
        excel.read(changed(a_book(["login"]), "xl/worksheets/sheet1.xml", laughing))


def test_a_bomb_is_refused_before_it_is_unpacked():
    with pytest.raises(excel.SheetTooLarge):
        excel.read(changed(a_book(["login"]), "xl/worksheets/sheet1.xml", b" " * (excel.MOST_BYTES + 1)))


def test_ten_thousand_rows_are_read_and_one_more_is_refused():
    rows = [["login"], *([f"p{n}"] for n in range(excel.MOST_ROWS))]

    assert len(excel.read(a_book(*rows)).rows) == excel.MOST_ROWS
    with pytest.raises(excel.SheetTooLarge):
        excel.read(a_book(*rows, ["more"]))


def test_a_cell_at_the_end_of_the_sheet_costs_no_million_rows():
    far = changed(
        a_book(["login"]),
        "xl/worksheets/sheet1.xml",
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>',
    )

    with pytest.raises(excel.SheetTooLarge):
        excel.read(far)


def test_an_empty_sheet_is_refused():
    with pytest.raises(excel.SheetEmpty):
        excel.read(a_book())
