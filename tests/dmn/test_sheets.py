"""A table as people edit it: read, written back, set beside another, with what a cell was meant to be."""

from dataclasses import replace
from pathlib import Path

import pytest

from cec.dmn import checking, differences, reading, remedies, sheets, writing
from cec.dmn.differences import Kind
from cec.dmn.sheets import Asked, Line
from tests.dmn.tables_of_story import a_table

pytestmark = pytest.mark.usefixtures("english")
SHIPPED = sorted((Path(__file__).parents[2] / "rules").glob("*/v*.dmn"))
POINTS = {"policy": "COLLECT", "aggregation": "SUM", "inputs": ("segment", "mark"), "outputs": ("points",)}


def a_sheet(*rows, **options):
    return sheets.of_text(a_table(*rows, **options))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name} {path.stem}")
def test_a_shipped_table_is_written_back_as_it_was_read(path):
    text = path.read_text()
    sheet = sheets.of_text(text)

    written = writing.write(text, sheet)

    assert sheets.of_text(written) == sheet
    assert writing.write(written, sheet) == written
    assert [one for one in checking.check(written) if one.is_error] == []


def test_rows_keep_their_switch_their_note_and_their_number():
    base = a_table(("-", "-", '"slow"', "all"))
    line = Line("x", ('"email"', "> 5 & 1", '"fast"'), "Mail <first>", "ask Boris", is_on=False)
    sheet = replace(sheets.of_text(base), lines=(line, Line("y", ("-", "-", '"slow"'), "all")))

    written = writing.write(base, sheet)

    assert sheets.of_text(written) == sheet
    outcome = checking.check(written)
    assert outcome == []  # what is switched off is not even checked
    assert sorted(sheet.table().live) == [2]


def test_a_new_column_is_declared_and_drawn():
    text = SHIPPED[0].read_text()
    sheet = sheets.of_text(text)
    asked = (*sheet.head.inputs, Asked("Last mark", "last_mark", "number"))
    count = len(sheet.head.inputs)
    lines = tuple(replace(one, cells=(*one.cells[:count], "-", *one.cells[count:])) for one in sheet.lines)

    written = writing.write(text, replace(sheet, head=replace(sheet.head, inputs=asked), lines=lines))

    rules = reading.read(written)
    assert "last_mark" in rules.inputs
    assert "input_last_mark" in rules.decisions[0].needs.inputs
    assert 'dmnElementRef="input_last_mark"' in written


def test_ids_are_there_once():
    sheet = sheets.with_ids([Line("a", ()), Line("a", ()), Line("no id", ()), Line("", ())])

    assert [line.id for line in sheet] == ["a", "row_1", "row_2", "row_3"]


def test_a_file_that_is_more_than_a_table_is_no_sheet():
    text = a_table(("-", "-", "1", "a")).replace("</definitions>", '<decision id="e" name="e"/></definitions>')

    assert sheets.find(text) is None
    with pytest.raises(sheets.NotATable):
        sheets.of_text(text)


def test_what_came_went_moved_and_changed_is_told_row_by_row():
    before = a_sheet(*[("-", str(number), f'"q{number}"', f"reason {number}") for number in range(1, 6)])
    one, two, three, four, five = before.lines
    new = Line("new", ("-", "-", '"q"'), "new")
    changed = replace(four, cells=("-", "> 4", '"q4"'), reason="another", is_on=False)

    found = differences.differences(before, replace(before, lines=(one, five, new, three, changed)))

    assert [(change.kind, change.before, change.after) for change in found] == [
        (Kind.REMOVED, 2, None),
        (Kind.MOVED, 5, 2),
        (Kind.ADDED, None, 3),
        (Kind.CHANGED, 4, 5),
    ]
    assert two.id == found[0].line.id
    assert [(cell.column, cell.before, cell.after) for cell in found[3].cells] == [
        ("points", "4", "> 4"),
        ("reason", "reason 4", "another"),
        ("on", "True", "False"),
    ]


@pytest.mark.parametrize(
    ("kind", "text", "meant"),
    [
        ("number", "> = 15", ">= 15"),
        ("number", "=> 2", ">= 2"),
        ("number", "1 000", "1000"),
        ("number", "1..5", "[1..5]"),
        ("string", "vip", '"vip"'),
        ("string", "«vip», «gold»", '"vip", "gold"'),
        ("string", '"vip', '"vip"'),
        ("boolean", "да", "true"),
        ("number", "> limit", None),
    ],
)
def test_what_a_cell_was_meant_to_be_is_offered_only_if_it_is_sound(kind, text, meant):
    sheet = a_sheet(("-", "-", "1", "a"))
    head = replace(sheet.head, inputs=(Asked("x", "x", kind),))
    table = replace(sheet, head=head, lines=()).table()

    assert remedies.remedy(table, 0, text, inputs=["x"], directories={}) == meant


@pytest.mark.parametrize(
    ("kind", "allowed", "text", "told"),
    [
        ("number", "", '"five"', [('the column holds numbers, not "five"', True)]),
        ("number", "", '> "five"', [('the column holds numbers, not "five"', True)]),
        ("boolean", "", '"yes"', [('the column holds true or false, not "yes"', True)]),
        ("string", "", "null", []),
        ("string", '"a", "b"', '"c"', [('the column allows only "a", "b"', True)]),
        ("string", "", '"gold"', [('"gold" is not known in this centre; known are "vip"', False)]),
        ("string", "", 'contains(?, "gold")', []),
    ],
)
def test_a_value_that_does_not_fit_its_column_is_told(kind, allowed, text, told):
    sheet = a_sheet(("-", "-", "1", "a"))
    head = replace(sheet.head, inputs=(Asked("Segment", "segment", kind, allowed),))
    table = replace(sheet, head=head, lines=(Line("a", (text, "1")),)).table()

    found = checking.check_rows(table, [1], inputs=["segment"], directories={"segment": ["vip"]})

    assert [(one.message, one.is_error) for one in found] == told


def test_an_answer_that_nobody_knows_is_an_error():
    table = sheets.of_text(a_table(("-", "-", '"fats"', "a"))).table()

    (found,) = checking.check_table(table, inputs=["channel", "points"], directories={"queue": ["fast", "slow"]})

    assert (found.row, found.cell, found.is_error) == (1, 2, True)
    assert found.message == '"fats" is not known in this centre; known are "fast", "slow"'


def test_rows_whose_points_add_up_are_told_with_an_example_of_both():
    rows = [
        ('"vip"', "-", "20", "VIP"),
        ("-", "-", "1", "all"),
        ('"vip","gold"', "< 3", "5", "b"),
        ('"vip"', "< 2", "200", "c"),
    ]

    found = [one for one in checking.check(a_table(*rows, **POINTS)) if one.others]

    assert [(one.row, one.others, one.message, one.is_error) for one in found] == [
        (4, (1, 3), "whenever this row is met, so are rows 1, 3: together 225", False)
    ]
    assert found[0].sample == {"segment": "vip", "mark": 1}


def test_a_row_that_is_off_shadows_nobody():
    base = a_table(("-", "-", '"a"', "all"), ('"email"', "-", '"b"', "mail"))
    sheet = sheets.of_text(base)

    loud = checking.check_table(sheet.table(), inputs=["channel", "points"])
    lines = (replace(sheet.lines[0], is_on=False), sheet.lines[1])
    calm = checking.check_table(replace(sheet, lines=lines).table(), inputs=["channel", "points"])

    assert [one.message for one in loud] == ["this row never hits: row 1 is met whenever it is"]
    assert [one.row for one in calm] == [0]  # now there is a gap
