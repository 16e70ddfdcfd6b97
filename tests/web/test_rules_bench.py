"""5.2: the test bench of a table: Vera types an appeal or picks a real one, and keeps it as a scenario."""

import re

import pytest
from cast import boris, vera

from cec.platform.db import db, unit_of_work
from cec.rulebook import files, scenarios, shipping
from tests import cast

PART = {"HX-Request": "true"}
AT = "/admin/rules/prioritization/bench"


@pytest.fixture
def window(signed_in):
    cast.a_centre()
    vera().language = "en"
    return signed_in(vera())


def drawn_hit(page):
    return re.findall(r'data-line="(\d+)" class="hit"', page)


def value_of(page, name):
    field = re.search(rf'<input[^>]*name="{name}"[^>]*>|<select[^>]*name="{name}".*?</select>', page, re.DOTALL)[0]
    chosen = re.search(r'<option value="([^"]*)" selected>', field) or re.search(r'\svalue="([^"]*)"', field)
    return chosen[1]


def test_the_table_stands_beside_a_form_of_what_it_is_given(window, words):
    page = window.get(AT).text

    assert "VIP client" in words(page)
    assert 'name="fact-segment"' in page
    assert "General" in re.search(r'<select[^>]*name="fact-queue".*?</select>', page, re.DOTALL)[0]
    assert drawn_hit(page) == []


@pytest.mark.parametrize("table", ["screening", "routing", "escalation"])
def test_every_table_has_a_bench(window, table):
    assert window.get(f"/admin/rules/{table}/bench").status_code == 200
    assert window.post(f"/admin/rules/{table}/bench", headers=PART).status_code == 200


def test_a_typed_appeal_lights_its_rows_and_says_points_why_and_place(window, words):
    cast.an_appeal("Где?", sender="sidorov@client.example")
    typed = {"fact-segment": "VIP", "fact-repeat": "yes", "fact-transfers": "1", "fact-queue": "general"}

    part = window.post(AT, data=typed, headers=PART).text
    page = window.post(AT, data=typed).text

    assert 'data-hit="1,2,5"' in part
    assert "Urgent" in words(part)
    assert "35" in words(part)
    assert "“General” it would be number 1 of 2" in words(part)
    assert "Segment of the client: vip" in words(part)
    assert drawn_hit(page) == ["1", "2", "5"]
    assert value_of(page, "fact-transfers") == "1"


def test_a_number_that_is_none_is_told_at_its_field_and_what_is_typed_stays(window):
    typed = {"fact-transfers": "twice", "fact-last_mark": "7", "fact-text": "Где <b>заказ</b>?"}

    answer = window.post(AT, data=typed)
    part = window.post(AT, data=typed, headers=PART)

    assert (answer.status_code, part.status_code) == (422, 422)
    assert "Write a number, for example 10." in answer.text
    assert "Write a number from 1 to 5." in answer.text
    assert value_of(answer.text, "fact-transfers") == "twice"
    assert "Где &lt;b&gt;заказ&lt;/b&gt;?" in answer.text
    assert 'data-field="fact-transfers"' in part.text


def test_a_real_appeal_is_taken_with_its_facts_and_counts_from_its_own_arrival(window, words):
    appeal = cast.an_appeal("Курьер груб, напишу жалобу", subject="СРОЧНО")
    cast.an_appeal("Где?", sender="sidorov@client.example")

    page = window.get(AT, query_string={"number": appeal.number}).text

    assert (value_of(page, "fact-queue"), value_of(page, "fact-subject")) == ("general", "СРОЧНО")
    assert drawn_hit(page) == ["7", "8"]
    assert "number 1 of 2" in words(page)
    assert "number 1 of 2" in words(window.post(AT, data={"number": appeal.number, "fact-queue": "general"}).text)


@pytest.mark.parametrize("number", ["2026-999999", "\x00", "x" * 500])
def test_a_number_that_no_appeal_has_is_told(window, number):
    assert window.get(AT, query_string={"number": number}).status_code == 422


def test_another_version_is_tried_beside_the_published_one(window, words):
    typed = {"fact-last_mark": "1", "version": "1"}

    part = window.post(AT, data=typed, headers=PART).text

    assert "No row hits" in words(part)
    assert "The published version 2 says otherwise." in words(part)
    assert window.get(AT, query_string={"version": 9}).status_code == 404


def test_one_click_keeps_it_as_a_scenario_that_can_be_taken_back(window, words):
    kept = window.post(f"{AT}/scenario", data={"fact-segment": "vip"}, headers=PART)

    (scenario,) = scenarios.list_all("prioritization")
    assert scenario.title in words(kept.text)
    assert (scenario.given, scenario.expected) == ({"segment": "vip"}, {"points": 20})
    assert window.post(f"/admin/rules/prioritization/scenarios/{scenario.id}/removal").status_code == 303
    assert scenarios.list_all("prioritization") == []
    assert window.post(f"{AT}/scenario", data={"fact-segment": "vip"}).status_code == 303


def test_a_row_that_cannot_be_worked_out_is_told_and_the_others_count(window, words):
    text = shipping.newest(cast.shipped.folder("rules"), "prioritization")
    with unit_of_work():
        files.publish("prioritization", text.replace("<text>&gt;= 2</text>", "<text>contains(?, 2)</text>"), by="vera")

    part = window.post(AT, data={"fact-segment": "vip", "fact-transfers": "3"}, headers=PART).text

    assert "Not worked out, its row is skipped:" in words(part)
    assert 'data-hit="1"' in part


def test_the_drawer_can_be_fetched_by_itself(window):
    part = window.get(f"{AT}/drawer").text

    assert part.lstrip().startswith("<aside")
    assert "<html" not in part


def test_a_table_that_nobody_asks_has_no_bench_and_a_supervisor_none_at_all(window, signed_in):
    assert window.get("/admin/rules/horoscope/bench").status_code == 404
    db.session.commit()
    assert signed_in(boris()).get(AT).status_code == 403
