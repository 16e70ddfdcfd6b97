"""5.11: operators from a sheet, looked through first."""

import io
import re

import openpyxl
import pytest
from cast import a_group, an_operator, anna, vera

from cec.platform import excel, journal, work
from cec.staff import employees, operator_import, skills
from cec.staff.models import Employee
from cec.staff.passwords import fits

pytestmark = pytest.mark.long
HEAD = ["login", "name", "groups", "skills", "units"]


@pytest.fixture
def window(signed_in, db):
    vera().language = "en"
    anna()
    a_group("first_line", anna())
    a_group("vip", vera())
    skills.create(code="english", name="English", by="test")
    skills.create(code="vip", name="VIP", by="test")
    return signed_in(vera())


def a_sheet(*rows, head=HEAD):
    book = openpyxl.Workbook()
    for row in (head, *rows):
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def looked(window, *rows, head=HEAD, content=None):
    file = (io.BytesIO(content if content is not None else a_sheet(*rows, head=head)), "operators.xlsx")
    return window.post("/centre/people/import", data={"file": file})


def written(window, page):
    return window.post("/centre/people/import/writing", data={"kept": re.search(r'name="kept" value="(\w+)"', page)[1]})


def the(login, db):
    return db.session.scalars(db.select(Employee).where(Employee.login == login)).one()


def test_nothing_is_written_until_a_person_says_so(window, db, words):
    rows = [
        ["Anna", None, "first_line, vip", "english:5, vip:3", 7],
        ["oleg", "Олег Сомов", "vip", None, None],
        ["vera", None, None, None, None],
    ]

    page = looked(window, *rows).text

    assert "To add: 1, to change: 1, as they are: 1." in words(page)
    assert len(employees.list_all()) == 2
    assert written(window, page).status_code == 303
    assert (anna().units, anna().name, skills.levels(anna())) == (7, "Анна Котова", {"english": 5, "vip": 3})
    assert sorted(group.code for group in anna().groups) == ["first_line", "vip"]
    oleg = the("oleg", db)
    assert (oleg.roles, [group.code for group in oleg.groups], oleg.units) == (["operator"], ["vip"], 5)
    assert oleg.must_change_password
    assert not fits(oleg.password_hash, "")
    assert "To add: 0, to change: 0, as they are: 3." in words(looked(window, *rows).text)


@pytest.mark.parametrize(
    ("row", "column", "remedy"),
    [
        (["o", "Олег", None, None, None], "A", "A login has 2 to 60 letters"),
        ([None, "Олег", None, None, None], "A", "A login has 2 to 60 letters"),
        (["ANNA", None, None, None, None], "A", "stands in the sheet twice"),
        (["oleg", None, None, None, None], "B", "A new operator needs a name."),
        (["oleg", "Олег", "third", None, None], "C", "There is no group “third”"),
        (["oleg", "Олег", None, "english", None], "D", "Write skills as english:5"),
        (["oleg", "Олег", None, "english:11", None], "D", "Write skills as english:5"),
        (["oleg", "Олег", None, "german:5", None], "D", "There is no skill “german”"),
        (["oleg", "Олег", None, None, "many"], "E", "Write a whole number from 1 to 100."),
        (["oleg", "Олег", None, None, 101], "E", "Write a whole number from 1 to 100."),
        (["oleg", "Олег", None, None, "²"], "E", "Write a whole number from 1 to 100."),
    ],
)
def test_each_cell_that_is_wrong_is_named_with_its_place_and_remedy(window, words, row, column, remedy):
    answer = looked(window, ["anna", None, None, None, None], row)

    page = words(answer.text)
    assert "1 cell is wrong: nothing was written." in page
    assert re.search(rf"Sheet 3 {column} .*{remedy}", page), page
    assert "Write it" not in page


@pytest.mark.parametrize(
    "content", [b"", b"not a sheet", a_sheet(["anna"], head=["person"])], ids=["nothing", "text", "no logins"]
)
def test_a_wrong_file_is_refused_at_its_field(window, content):
    answer = looked(window, content=content)

    assert answer.status_code == 422
    assert 'data-error="file"' in answer.text


def test_what_changed_between_looking_and_writing_is_looked_at_again(window, db):
    page = looked(window, ["oleg", "Олег", "vip", None, None]).text
    db.session.delete(a_group("vip"))
    db.session.execute(db.text("delete from group_member where group_id not in (select id from operator_group)"))

    assert written(window, page).status_code == 422
    assert len(employees.list_all()) == 2


def test_a_file_that_is_not_kept_is_told(window):
    for kept in ("", "../../etc/passwd", "0" * 64):
        assert window.post("/centre/people/import/writing", data={"kept": kept}).status_code == 422


def test_the_template_has_the_operators_and_changes_nothing_when_it_comes_back(window, words):
    answer = window.get("/centre/people/import/template.xlsx")

    sheet = excel.read(answer.data)
    assert [cell.text for cell in sheet.rows[0][:3]] == ["anna", "Анна Котова", "first_line"]
    assert "as they are: 1." in words(looked(window, content=answer.data).text)


def test_thousands_of_rows_are_written_piece_by_piece(window, db):
    rows = [[f"operator{n}", f"Оператор {n}", "vip", "english:3", 4] for n in range(250)]

    assert written(window, looked(window, *rows).text).status_code == 303

    assert len(employees.list_all()) == 2 + operator_import.AT_ONCE
    assert work.run_due() == 2
    db.session.expire_all()
    assert len(employees.list_all()) == 252
    assert len(the("operator249", db).groups) == 1
    assert journal.history(the("operator249", db).key)[-1].by == vera().key


def test_ten_thousand_rows_are_looked_through(window, words):
    an_operator("igor", "Игорь")
    rows = [[f"operator{n}", f"Оператор {n}", "vip", "english:3", 4] for n in range(9_999)]

    page = words(looked(window, *rows, ["igor", None, None, None, "x"]).text)

    assert "Sheet 10001 E x" in page
