"""5.11: the plan of shifts, typed into a grid or taken from a sheet."""

import datetime as dt
import io
import re

import openpyxl
import pytest
from cast import a_group, anna, at_work, igor, vera

from cec.platform import excel
from cec.staff import shifts
from forms import filled

MONDAY = dt.date(2026, 11, 23)
WEEK = "/centre/shifts?week=2026-11-25"


@pytest.fixture
def window(signed_in, db):
    vera().language = "en"
    a_group("first_line", anna())
    igor()
    return signed_in(vera())


def cell(person, number=0):
    return f"shift-{person.id}-{MONDAY + dt.timedelta(days=number)}"


def typed(window, **cells):
    return window.post("/centre/shifts", data=filled(window.get(WEEK).text, **cells))


def plan(*people):
    return shifts.plan_of(people or [anna(), igor()], MONDAY)


def test_shifts_are_typed_into_the_cells_of_a_week(window, words):
    answer = typed(window, **{cell(anna()): "9-18", cell(anna(), 1): "22:00-06:00", cell(igor(), 6): "10-14, 15-19"})

    assert answer.status_code == 303
    assert plan() == {
        (anna().id, MONDAY): [(540, 1080)],
        (anna().id, MONDAY + dt.timedelta(days=1)): [(1320, 1800)],
        (igor().id, MONDAY + dt.timedelta(days=6)): [(600, 840), (900, 1140)],
    }
    page = window.get(WEEK).text
    assert 'value="22:00–06:00"' in page
    assert "Mon 23.11" in words(page)


def test_a_cell_that_cannot_be_read_is_told_there_and_nothing_is_written(window):
    answer = typed(window, **{cell(anna()): "9-18", cell(igor()): "all day"})

    assert answer.status_code == 422
    assert f'data-error="{cell(igor())}"' in answer.text
    assert 'value="all day"' in answer.text
    assert 'value="9-18"' in answer.text
    assert plan() == {}


def test_shifts_that_overlap_over_midnight_are_refused_by_name(window):
    answer = typed(window, **{cell(anna()): "22-08", cell(anna(), 1): "7-12"})

    assert answer.status_code == 409
    assert "Анна Котова would have two shifts at once" in answer.text
    assert 'value="22-08"' in answer.text


def test_a_week_that_somebody_else_changed_meanwhile_is_not_overwritten(window):
    page = window.get(WEEK).text
    typed(window, **{cell(igor()): "12-21"})

    answer = window.post("/centre/shifts", data=filled(page, **{cell(anna()): "9-18"}))

    assert answer.status_code == 409
    assert list(plan()) == [(igor().id, MONDAY)]


def test_the_week_before_is_copied(window):
    typed(window, **{cell(anna()): "9-18"})

    window.post("/centre/shifts/copy", data={"week": "2026-11-30"})

    assert list(shifts.plan_of([anna()], dt.date(2026, 11, 30)).values()) == [[(540, 1080)]]


def test_the_grid_is_narrowed_to_a_group(window):
    page = window.get(f"{WEEK}&group={anna().groups[0].id}").text

    assert "Анна Котова" in page
    assert "Игорь Лапшин" not in page


@pytest.mark.parametrize(
    "query", ["week=never", "week=9999-12-31", "week=0001-01-01", "group=x", "page=-1", "page=99999999"]
)
def test_an_address_that_makes_no_sense_shows_a_week(window, query):
    assert window.get(f"/centre/shifts?{query}").status_code == 200


def a_sheet(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def looked(window, *rows, content=None):
    return window.post("/centre/shifts/import", data={"file": (io.BytesIO(content or a_sheet(*rows)), "shifts.xlsx")})


def test_shifts_are_taken_from_a_sheet_once_they_were_looked_through(window, words):
    typed(window, **{cell(igor()): "12-21", cell(igor(), 1): "12-21"})
    head = ["Логин", "Имя", dt.date(2026, 11, 23), "24.11.2026"]

    page = looked(window, head, ["anna", "кто-то", "9-18", None], ["Igor", None, "-", None]).text

    assert "Operators: 2, days: 2." in words(page)
    assert len(plan()) == 2
    kept = re.search(r'name="kept" value="(\w+)"', page)[1]
    assert window.post("/centre/shifts/import/writing", data={"kept": kept}).status_code == 303
    assert plan() == {
        (anna().id, MONDAY): [(540, 1080)],
        (igor().id, MONDAY + dt.timedelta(days=1)): [(720, 1260)],
    }


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([["login", "31.02.2026"], ["anna", "9-18"]], "Sheet 1 B 31.02.2026 Write a date"),
        ([["login", "23.11.2026"], ["anna", "soon"]], "Sheet 2 B soon Write hours as 9-18"),
        ([["login", "23.11.2026"], ["oleg", "9-18"]], "Sheet 2 A oleg Nobody with this login works here."),
        (
            [["login", "23.11.2026"], ["anna", ""], ["anna", "9-18"]],
            "Sheet 3 A anna This login stands in the sheet twice",
        ),
    ],
)
def test_each_cell_that_is_wrong_is_named_with_its_place_and_remedy(window, words, rows, place):
    assert place in words(looked(window, *rows).text)


@pytest.mark.parametrize("rows", [[["who", "23.11.2026"]], [["login", "name"], ["anna", "Anna"]]])
def test_a_sheet_without_logins_or_days_is_refused(window, rows):
    assert looked(window, *rows).status_code == 422


def test_the_template_has_the_week_and_changes_nothing_when_it_comes_back(window, words):
    typed(window, **{cell(anna()): "22-06"})

    content = window.get("/centre/shifts/import/template.xlsx?week=2026-11-23").data

    assert [one.text for one in excel.read(content).rows[0][:3]] == ["anna", "Анна Котова", "22:00–06:00"]
    assert "Operators: 2, days: 1." in words(looked(window, content=content).text)


def test_the_operator_sees_when_his_shift_ends(window, signed_in, words):
    typed(window, **{cell(anna()): "9-18"})
    anna().language = igor().language = "en"

    assert "shift till 18:00" in words(signed_in(anna()).get("/operator").text)
    assert "shift till" not in signed_in(igor()).get("/operator").text


def test_the_people_page_tells_who_should_be_working_and_is_not(window, words):
    typed(window, **{cell(anna()): "9-18", cell(igor()): "9-18"})
    at_work(anna())

    page = words(window.get("/centre/people").text)

    assert "1 person should be working now and is not. Игорь Лапшин 09:00–18:00, now: Offline" in page
