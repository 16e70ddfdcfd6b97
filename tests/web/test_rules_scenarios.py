"""5.2: scenarios of a table: green and red, written, changed, removed and brought back by Vera."""

import re

import pytest
from cast import boris, vera

from cec.platform import shipped
from cec.platform.db import unit_of_work
from cec.rulebook import files, scenarios, shipping
from tests import cast

AT = "/admin/rules/prioritization/scenarios"


@pytest.fixture
def window(signed_in):
    cast.a_centre()
    scenarios.ship(shipped.folder("rules"))
    vera().language = "en"
    return signed_in(vera())


def seen_of(page):
    return re.search(r'name="seen" value="([^"]*)"', page)[1]


def test_all_are_run_and_a_red_one_says_what_came(window, words):
    green = words(window.get(AT).text)
    text = shipping.newest(shipped.folder("rules"), "prioritization").replace("<text>20</text>", "<text>5</text>")
    with unit_of_work():
        files.publish("prioritization", text, by="vera")

    red = words(window.get(AT).text)

    assert "All 8 scenarios are green." in green
    assert "2 scenarios are red: the table cannot be published so." in red
    assert "Points: expected 20, came 5" in red


def test_one_is_written_changed_removed_and_brought_back(window, words):
    window.post(f"{AT}/new", data={"title": "Low mark", "fact-last_mark": "2", "answer-points": "10"})
    scenario = scenarios.list_all("prioritization")[-1]
    at = f"{AT}/{scenario.id}"
    page = window.get(at).text

    window.post(at, data={"title": "VIP", "fact-segment": "vip", "answer-points": "20", "seen": seen_of(page)})
    stale = window.post(at, data={"title": "Other", "answer-points": "20", "seen": seen_of(page)})
    removed = window.post(f"{at}/removal", follow_redirects=True).text

    assert (scenario.title, scenario.given, scenario.expected) == ("VIP", {"segment": "vip"}, {"points": 20})
    assert stale.status_code == 409
    assert "Scenario “VIP” is removed." in words(removed)
    assert window.get(at).status_code == 404
    assert window.post(f"{at}/return").status_code == 303
    assert scenario.removed_at is None


def test_a_scenario_of_routing_expects_a_queue_and_skills(window):
    data = {"title": "English", "fact-text": "hello", "answer-queue": "general", "answer-skills": "english, vip?"}

    window.post("/admin/rules/routing/scenarios/new", data=data)

    assert scenarios.list_all("routing")[-1].expected == {"queue": "general", "skills": ["english", "vip?"]}


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"title": "", "answer-points": "10"}, "title"),
        ({"title": "A case", "answer-points": ""}, "expected"),
        ({"title": "A case", "answer-points": "ten"}, "answer-points"),
        ({"title": "A case", "answer-points": "2000"}, "answer-points"),
        ({"title": "A case", "answer-points": "10", "fact-hour": "24"}, "fact-hour"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_is_typed_stays(window, data, field):
    answer = window.post(f"{AT}/new", data=data | {"fact-subject": "Заказ"})

    assert answer.status_code == 422
    assert re.search(rf'data-error="{field}"(?! hidden)', answer.text)
    assert 'value="Заказ"' in answer.text


def test_an_empty_list_says_what_to_do(window, words):
    for scenario in scenarios.list_all("prioritization"):
        window.post(f"{AT}/{scenario.id}/removal")

    assert "No scenarios yet" in words(window.get(AT).text)


def test_one_of_another_table_is_not_found_and_a_supervisor_sees_none(window, signed_in):
    other = scenarios.list_all("routing")[0]

    assert window.get(f"{AT}/{other.id}").status_code == 404
    assert signed_in(boris()).get(AT).status_code == 403
