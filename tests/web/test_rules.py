"""5.2: the administrator's decision tables: written, checked, published, compared, brought back."""

import datetime as dt
import html
import io
import json
import re
import shutil

import openpyxl
import pytest
from cast import anna, boris, petrov, vera

from cec.clients.models import Client
from cec.platform import excel, i18n
from cec.platform.db import db, unit_of_work
from cec.rulebook import drafts, files, tables
from cec.staff.roles import Role

TABLE = "/admin/rules/prioritization"
VIP = ['"vip"', "-", "-", "-", "-", "-", "20"]


@pytest.fixture
def window(signed_in, tmp_path, repository):
    """Give the browser of Vera, in a centre with one small table."""
    (tmp_path / "prioritization").mkdir()
    shutil.copy(repository / "rules" / "prioritization" / "v1.dmn", tmp_path / "prioritization")
    files.ship(tmp_path)
    vera().language = "en"
    return signed_in(vera())


@pytest.fixture
def other(signed_in):
    """Give the browser of another administrator."""
    boris().roles, boris().language = [Role.BUSINESS_ADMIN.value], "en"
    return signed_in(boris())


def a_row(cells=VIP, ident="x", **more):
    return {"id": ident, "on": True, "cells": cells, "reason": "VIP", "comment": ""} | more


def changed(browser, *rows, at=0, removed=1, revision=0):
    changes = json.dumps([{"at": at, "removed": removed, "rows": list(rows)}])
    return browser.post(f"{TABLE}/changes", data={"revision": revision, "changes": changes})


def published(browser, **facts):
    data = {"revision": 1, "instead_of": 1, "comment": "More for VIP", "when": "now"} | facts
    return browser.post(f"{TABLE}/publication", data=data)


def page_of(answer):
    return json.loads(re.search(r'id="rules-page">(.*?)</script>', answer.text, re.DOTALL)[1])


def points(**facts):
    with unit_of_work():
        return tables.judge("prioritization", {"segment": "vip", **facts}).outputs["points"]


def test_every_table_is_listed_and_opens_with_its_columns_and_rows(window, words):
    listed = words(window.get("/admin/rules").text)
    page = page_of(window.get(TABLE))

    assert "Prioritization Version 1" in listed
    assert [column["title"] for column in page["columns"]][:2] == [
        "Segment of the client",
        "Closed an appeal within 7 days",
    ]
    assert page["columns"][1]["choices"] == [["true", "yes"], ["false", "no"]]
    assert page["rows"][0]["cells"] == VIP
    assert (page["revision"], page["asked"]) == (0, 6)


def test_segments_that_clients_have_are_offered_in_their_column(window):
    petrov().segment = "vip"
    db.session.add(Client(name="Ольга Ким", segment='кассы "у дома"'))
    db.session.commit()

    page = page_of(window.get(TABLE))

    assert page["columns"][0]["choices"] == [['"vip"', ""], ['"кассы \\"у дома\\""', ""]]


def test_what_is_shipped_is_read_in_the_reader_s_language(window):
    vera().language = "ru"

    page = page_of(window.get(TABLE))

    assert page["columns"][0]["title"] == "Сегмент клиента"
    assert page["shown"][page["rows"][0]["reason"]] != page["rows"][0]["reason"]


def test_a_row_is_written_and_judges_once_it_is_published(window, words):
    answer = changed(window, a_row([*VIP[:-1], "200"]))

    assert (answer.status_code, answer.json["revision"]) == (200, 1)
    assert points() == 20
    shown = words(window.get(f"{TABLE}/publication").text)
    assert "Removed VIP client" in shown
    assert published(window).location.endswith("published=2")
    assert points() == 200
    assert "Version 2 judges from now on." in words(window.get(f"{TABLE}/versions?published=2").text)


def test_a_cell_is_checked_while_it_is_typed_and_what_was_meant_is_offered(window):
    answer = window.post(f"{TABLE}/cell", data={"cell": 3, "text": "> = 2"})

    assert answer.json["faults"] == [{"message": "Sign 3: found “=”, expected a value.", "error": True}]
    assert answer.json["remedy"] == ">= 2"
    assert window.post(f"{TABLE}/cell", data={"cell": 3, "text": ">= 2"}).json == {"faults": [], "remedy": None}
    assert window.post(f"{TABLE}/cell", data={"cell": 9, "text": ">= 2"}).status_code == 422


def test_a_cell_of_a_million_signs_is_told_with_its_place_and_never_kept(window):
    million = '"' + "я" * 10**6 + '"'

    (fault,) = window.post(f"{TABLE}/cell", data={"cell": 0, "text": million}).json["faults"]

    assert fault["message"].startswith("Sign 10000: found")
    assert changed(window, a_row([million, *VIP[1:]])).status_code == 422
    assert drafts.find("prioritization") is None


def test_the_checks_tell_place_example_and_remedy(window, words):
    changed(window, a_row(), a_row(["vip", *VIP[1:]], "y"), a_row(['"vip"', "true", *VIP[2:]], "z"), removed=0)
    wrong = window.get(f"{TABLE}/checks").text
    changed(window, a_row(['"vip"', "true", *VIP[2:]], "z"), removed=2, revision=1)
    sound = window.get(f"{TABLE}/checks").text

    assert json.loads(html.unescape(re.search(r'data-marks="([^"]*)"', wrong)[1]))[0][:3] == [2, 0, True]
    assert "Row 2, “Segment of the client”." in words(wrong)
    assert 'data-put="&quot;vip&quot;"' in wrong
    assert 'data-goto="2" data-cell="0"' in wrong
    assert "whenever this row is met, so are rows" in words(sound)
    assert "For example: Segment of the client: vip Closed an appeal within 7 days: yes" in words(sound)


def test_errors_keep_the_draft_from_being_published_and_are_shown(window, words):
    changed(window, a_row([">>", *VIP[1:]]))

    shown = window.get(f"{TABLE}/publication").text
    answer = published(window)

    assert "1 error keeps the draft from being published." in words(shown)
    assert answer.status_code == 422
    assert points() == 20


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"comment": ""}, "comment"),
        ({"when": "later", "at": ""}, "at"),
        ({"when": "later", "at": "soon"}, "at"),
        ({"when": "later", "at": "2020-01-01T00:00"}, "at"),
    ],
)
def test_what_is_wrong_with_a_publishing_is_said_at_its_field_and_the_comment_stays(window, facts, field):
    changed(window, a_row())

    answer = published(window, **facts)

    assert answer.status_code == 422
    assert f'data-error="{field}"' in answer.text
    assert ("More for VIP" in answer.text) == ("comment" not in facts)


def test_a_version_is_planned_and_withdrawn(window, words, clock):
    changed(window, a_row())
    with i18n.reader("en", "Europe/Moscow"):
        at = i18n.local(dt.datetime(2026, 11, 24, 5, 0, tzinfo=dt.UTC)).strftime("%Y-%m-%dT%H:%M")

    published(window, when="later", at=at)

    assert "Version 2 is planned." in words(window.get(f"{TABLE}/versions?published=2").text)
    assert files.get_version("prioritization", 2).planned_at == dt.datetime(2026, 11, 24, 5, 0, tzinfo=dt.UTC)
    window.post(f"{TABLE}/versions/2/withdrawal")
    assert files.get_version("prioritization", 2).planned_at is None
    assert window.post(f"{TABLE}/versions/2/withdrawal").status_code == 409


def test_an_earlier_version_comes_back_with_one_click(window, words):
    changed(window, a_row([*VIP[:-1], "200"]))
    published(window)

    compared = words(window.get(f"{TABLE}/versions/1").text)
    answer = window.post(f"{TABLE}/versions/1/return", data={"instead_of": 2, "comment": "too much"})

    assert "New row VIP client" in compared
    assert answer.status_code == 303
    assert points() == 20
    assert window.post(f"{TABLE}/versions/2/return", data={"instead_of": 2}).status_code == 409
    assert window.get(f"{TABLE}/versions/9").status_code == 404


def test_the_second_writer_is_told_who_was_faster_and_can_put_his_in_its_place(window, other, words):
    changed(window, a_row())
    told = words(other.get(TABLE).text)

    answer = changed(other, a_row([*VIP[:-1], "7"]))
    shown = other.get(f"{TABLE}/writers").text
    rows = json.dumps([a_row([*VIP[:-1], "7"])])
    over = other.post(f"{TABLE}/rows", data={"revision": 1, "rows": rows})

    assert f"{vera().name} writes this table too." in told
    assert answer.status_code == 409
    assert f"{vera().name} has saved this table at" in words(shown)
    assert 'data-keep-mine="1"' in shown
    assert over.json["revision"] == 2
    assert drafts.sheet_of(drafts.find("prioritization")).lines[0].cells[-1] == "7"
    assert changed(window, a_row(), revision=1).status_code == 409


def test_who_wrote_on_after_a_publishing_is_told_and_can_begin_anew(window, other, words):
    changed(window, a_row())
    published(window)

    assert changed(other, a_row(), revision=1).status_code == 409
    shown = other.get(f"{TABLE}/writers").text
    begun = other.post(f"{TABLE}/rows", data={"revision": 0, "rows": json.dumps([a_row()])})

    assert f"Who: {vera().name}" in words(shown) or f"{vera().name} has published this draft" in words(shown)
    assert begun.json["revision"] == 1


@pytest.mark.parametrize(
    "changes",
    ["", "{}",
     "[1]", '[{"at": 0}]', '[{"at": "0", "removed": 0, "rows": []}]', '[{"at": 0, "removed": 0, "rows": [1]}]',
     '[{"at": 0, "removed": 0, "rows": [{"id": 1, "on": true, "cells": [], "reason": "", "comment": ""}]}]',
     '[{"at": 0, "removed": 99, "rows": []}]', '[{"column": 99}]', '[{"column": "0"}]', '[{"column": 6}]',
     '[{"column": 0, "asked": {"label": "x"}, "cells": []}]', '[{"column": 0, "asked": 1, "cells": []}]',
     '[{"column": 0, "asked": {"label": "", "expression": "topic", "type": "", "allowed": ""}, "cells": ["-"]}]',
     '[{"column": 0, "asked": {"label": "", "expression": "topic", "type": "", "allowed": ""}, "cells": [1]}]',
     json.dumps([{"column": 0}] * 6)],
)  # fmt: skip
def test_what_no_page_of_ours_sends_is_refused(window, changes):
    assert window.post(f"{TABLE}/changes", data={"revision": 0, "changes": changes}).status_code == 422
    assert drafts.find("prioritization") is None


def test_a_draft_is_thrown_away(window, words):
    changed(window, a_row())

    window.post(f"{TABLE}/discarding", data={"revision": 1})

    assert drafts.find("prioritization") is None
    assert window.post(f"{TABLE}/discarding", data={"revision": 1}).status_code == 409


def stepped(browser, *steps, revision=0):
    return browser.post(f"{TABLE}/changes", data={"revision": revision, "changes": json.dumps(steps)})


def test_a_column_is_added_taken_away_and_brought_back_with_its_cells(window):
    page = page_of(window.get(TABLE))
    topic = next(one for one in page["terms"] if one["term"] == "topic")
    rows = len(page["rows"])

    stepped(window, {"column": 6, "asked": topic["asked"], "cells": ["-"] * rows})
    wide = page_of(window.get(TABLE))
    stepped(window, {"column": 0}, revision=1)
    narrow = page_of(window.get(TABLE))
    segment, cells = page["columns"][0]["asked"], [row["cells"][0] for row in page["rows"]]
    stepped(window, {"column": 0, "asked": segment, "cells": cells}, revision=2)

    assert wide["rows"][0]["cells"] == [*VIP[:-1], "-", "20"]
    assert (wide["asked"], wide["columns"][6]["title"]) == (7, "Topic")
    assert narrow["rows"][0]["cells"] == [*VIP[1:-1], "-", "20"]
    assert page_of(window.get(TABLE))["rows"] == wide["rows"]
    assert published(window, revision=3).status_code == 303
    assert 'href="#input_topic"' in files.current("prioritization").text


def test_who_puts_his_in_place_of_another_s_keeps_his_columns(window, other):
    page = page_of(window.get(TABLE))
    changed(other, a_row())
    mine = [{**row, "cells": row["cells"][1:]} for row in page["rows"]]
    asked = [column["asked"] for column in page["columns"][1:6]]

    data = {"revision": 1, "rows": json.dumps(mine), "asked": json.dumps(asked)}
    answer = window.post(f"{TABLE}/rows", data=data)

    assert answer.json["revision"] == 2
    assert page_of(other.get(TABLE))["asked"] == 5


def test_who_saves_is_told_to_the_other_who_has_the_table_open(window, other, words):
    changed(other, a_row())
    assert words(other.get(f"{TABLE}/others?revision=1").text) == ""
    assert f"{boris().name} writes this table too. Saved at" in words(window.get(f"{TABLE}/others?revision=0").text)

    other.post(f"{TABLE}/discarding", data={"revision": 1})

    told = words(window.get(f"{TABLE}/others?revision=1").text)
    assert f"{boris().name} has published this draft or thrown it away." in told
    assert words(window.get(f"{TABLE}/others?revision=0").text) == ""


def test_the_table_goes_to_excel_and_comes_back_changed(window, words):
    sheet = excel.read(window.get(f"{TABLE}/excel/table.xlsx").data)
    rows = [[cell.text for cell in row] for row in sheet.rows]
    rows[0][7] = "250"
    book = openpyxl.Workbook()
    for row in ([cell.text for cell in sheet.head], *rows[:-1], ["no", '"gold"', *["-"] * 5, "30", "Gold", "ask", ""]):
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)

    looked = window.post(f"{TABLE}/excel", data={"file": (io.BytesIO(written.getvalue()), "p.xlsx")}).text
    kept = re.search(r'name="kept" value="(\w+)"', looked)[1]

    assert "New rows: 1, changed: 1, moved: 0, removed: 1." in words(looked)
    assert drafts.find("prioritization") is None
    assert window.post(f"{TABLE}/excel/writing", data={"kept": kept, "revision": 0}).status_code == 303
    lines = drafts.sheet_of(drafts.find("prioritization")).lines
    assert (lines[0].cells[-1], lines[-1].is_on, lines[-1].comment, lines[-1].cells[0]) == (
        "250",
        False,
        "ask",
        '"gold"',
    )
    assert window.post(f"{TABLE}/excel/writing", data={"kept": kept, "revision": 0}).status_code == 409


@pytest.mark.parametrize(
    ("head", "row", "told"),
    [
        (None, {1: "vip"}, "Sheet 2 B vip “vip” is not known here"),
        (None, {7: '"many"'}, "the column holds numbers"),
        ({1: "Planet"}, {}, "The table has no such column"),
        ({1: "Kind"}, {}, "This column is there twice."),
        ({1: ""}, {}, "This column is missing."),
        (None, {4: "x" * 4001}, "A cell holds up to 4000 signs"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_place_and_nothing_is_written(window, words, head, row, told):
    sheet = excel.read(window.get(f"{TABLE}/excel/table.xlsx").data)
    book = openpyxl.Workbook()
    for line, change in (
        ([cell.text for cell in sheet.head], head or {}),
        ([cell.text for cell in sheet.rows[0]], row),
    ):
        book.active.append([change.get(at, text) for at, text in enumerate(line)])
    written = io.BytesIO()
    book.save(written)

    answer = window.post(f"{TABLE}/excel", data={"file": (io.BytesIO(written.getvalue()), "p.xlsx")})

    assert told in words(answer.text)
    assert 'name="kept"' not in answer.text


def test_the_decision_is_drawn_and_given_as_a_file(window, words):
    changed(window, a_row([*VIP[:-1], "7"]))

    page = window.get(f"{TABLE}/diagram").text
    text = window.get(f"{TABLE}/file.dmn").text

    assert "Decision Prioritization segment" in words(page)
    assert "<text>7</text>" in text
    assert "<text>7</text>" not in window.get(f"{TABLE}/file.dmn?version=1").text


def test_a_file_that_is_no_plain_table_is_only_looked_at(window, words):
    text = files.current("prioritization").text
    more = (
        '<decision id="e" name="Extra"><literalExpression><text>1</text></literalExpression></decision></definitions>'
    )
    files.publish("prioritization", text.replace("</definitions>", more), by="vera")

    assert window.get(TABLE).location.endswith("/diagram")
    assert "This file is more than one plain table." in words(window.get(f"{TABLE}/diagram").text)
    assert changed(window, a_row()).status_code == 409


def test_only_administrators_write_tables(window, signed_in):
    operator = signed_in(anna())

    assert operator.get(TABLE).status_code == 403
    assert operator.post(f"{TABLE}/changes", data={}).status_code == 403
    assert window.get("/admin/rules/horoscope").status_code == 404
