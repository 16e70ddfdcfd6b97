"""5: who changed which setting, opened what is not his, signed in, exported; narrowed, in pages and as a sheet."""

import pytest
from cast import a_centre, accepted, an_appeal, anna, boris, igor, marina, petrov, vera

from bench.statements import said
from cec.oversight import reading
from cec.oversight.reading import Filters
from cec.platform import audit, excel
from cec.platform.audit import Kind
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from tests import stories


@pytest.fixture
def window(signed_in):
    a_centre()
    vera().language = "en"
    return signed_in(vera())


def lines(kind):
    return [(line.subject, line.by) for line in reversed(reading.whole(Filters(kind=kind)))]


def test_an_opened_appeal_of_others_is_a_line_and_ones_own_is_none(window, signed_in, appeal):
    earlier = stories.close(accepted(an_appeal("Раньше", message_id="<0@x>"), anna()), anna())
    database.session.get(type(appeal), earlier.id).operator_id = igor().id
    database.session.commit()
    operator = signed_in(anna())

    assert operator.get(f"/operator/appeals/{appeal.id}").status_code == 200
    assert operator.get(f"/operator/history/{earlier.id}").status_code == 200
    assert operator.get(f"/operator/history/{appeal.id}").status_code == 200
    assert window.get(f"/appeals/{appeal.id}").status_code == 200
    assert window.get(f"/appeals/{appeal.id}").status_code == 200
    assert signed_in(boris()).get(f"/life/{appeal.id}").status_code in {200, 404}

    opened = [line for line in lines(Kind.OPENING) if line[1] != boris().key]
    assert opened == [(earlier.key, anna().key), (appeal.key, vera().key)]


def test_opening_costs_one_statement_more_and_an_own_appeal_none(window, signed_in, appeal):
    operator = signed_in(anna())
    for browser, path in ((window, f"/appeals/{appeal.id}"), (operator, f"/operator/appeals/{appeal.id}")):
        browser.get(path)

    with said() as told:
        operator.get(f"/operator/appeals/{appeal.id}")
    assert [each for each in told if "audit_entry" in each] == []
    with said() as told:
        window.get(f"/appeals/{appeal.id}")
    assert len([each for each in told if "audit_entry" in each]) == 1


def test_sign_ins_are_lines_and_wrong_passwords_are_counted_without_what_was_typed(window, client):
    anna()
    for login in ("anna", "anna", "a-password-in-the-wrong-field", "nobody"):
        client.post("/login", data={"login": login, "password": "wrong"})

    found = {line.subject: line for line in reading.whole(Filters(kind=Kind.SIGN_IN)) if "failed" in line.name}
    assert {subject: line.times for subject, line in found.items()} == {anna().key: 2, "": 2}
    page = window.get("/centre/audit?kind=sign_in").text
    assert "a-password-in-the-wrong-field" not in page
    assert "2 times" in page


def test_the_list_is_narrowed_and_paged_by_key(window, words, monkeypatch):
    monkeypatch.setattr(reading, "PAGE", 3)
    with unit_of_work():
        for number in range(5):
            audit.add(Kind.EXPORT, "shifts.exported", f"shifts:{number}", by=igor().key)

    first = window.get(f"/centre/audit?person={igor().id}&kind=export&since=2026-11-23&until=2026-11-23")
    older = words(window.get(first.text.split('class="btn push" href="')[1].split('"')[0].replace("&amp;", "&")).text)

    assert [f"Shifts {n}" in words(first.text) for n in range(5)] == [False, False, True, True, True]
    assert [f"Shifts {n}" in older for n in range(5)] == [True, True, False, False, False]
    assert "Nothing found" in words(window.get("/centre/audit?until=2026-11-22").text)
    assert window.get("/centre/audit?since=yesterday&person=x&before=y&kind=z").status_code == 200


def test_a_changed_setting_tells_what_it_was_and_is(window, words):
    window.post("/centre/skills", data={"code": "english", "name": "English"})
    window.post("/centre/skills/1", data={"name": "English, spoken", "is_active": "1"})

    page = words(window.get("/centre/audit?kind=setting").text)

    assert "Name: English → English, spoken" in page
    assert "You changed Skill “English, spoken”" in page


def test_the_sheet_holds_what_is_narrowed_and_is_a_line_itself(window):
    answer = window.get("/centre/audit.xlsx?kind=sign_in")

    sheet = excel.read(answer.data)
    assert [cell.text for cell in sheet.head][:3] == ["When", "Kind", "Who"]
    assert {cell.text for row in sheet.rows for cell in row if cell.column == "B"} == {"Sign-ins"}
    assert lines(Kind.EXPORT) == [("audit:", vera().key)]


@pytest.mark.parametrize("person", [anna, boris, marina], ids=lambda person: person.__name__)
@pytest.mark.parametrize(
    "path", ["/centre/audit", "/centre/audit.xlsx", "/centre/retention", "/centre/clients", "/centre/clients/1"]
)
def test_nobody_but_an_administrator_sees_it(signed_in, person, path):
    petrov()

    assert signed_in(person()).get(path).status_code == 403
