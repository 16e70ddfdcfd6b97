"""Scenarios: what Vera expects of a table, run before it is published (guide 5.2)."""

import json

import pytest

from cec.platform import changes, journal
from cec.platform.db import unit_of_work
from cec.platform.errors import NotFound
from cec.rulebook import files, scenarios
from cec.rulebook.scenarios import Wanted
from tests.dmn.tables_of_story import a_table

BY = "employee:vera"
VIP_20 = a_table(('"vip"', "20", "VIP"), policy="COLLECT", aggregation="SUM", inputs=["segment"], outputs=["points"])
VIP = Wanted("A VIP client", {"segment": "vip"}, {"points": 20})


def created(wanted=VIP):
    with unit_of_work():
        return scenarios.create("prioritization", wanted, by=BY)


def titles():
    return [scenario.title for scenario in scenarios.list_all("prioritization")]


@pytest.fixture
def shelf(tmp_path):
    """Give a folder with one table and one scenario."""
    (tmp_path / "prioritization").mkdir()
    (tmp_path / "prioritization" / "v1.dmn").write_text(VIP_20)
    shelved(tmp_path, vip={"points": 20})
    return tmp_path


def shelved(folder, **expected):
    told = [
        {"key": key, "title": key.title(), "given": {"segment": "vip"}, "expected": answers}
        for key, answers in expected.items()
    ]
    (folder / "prioritization" / "scenarios.json").write_text(json.dumps(told))


def shipped(folder):
    with unit_of_work():
        files.ship(folder)
        scenarios.ship(folder)


def test_green_when_the_table_answers_as_expected_and_red_with_what_came(db, english):
    created()

    green = scenarios.run("prioritization", VIP_20)
    red = scenarios.run("prioritization", VIP_20.replace("<text>20</text>", "<text>5</text>"))

    assert [(one.title, one.is_red, one.told) for one in green] == [("A VIP client", False, "")]
    assert [(one.is_red, one.told) for one in red] == [(True, "Points: expected 20, came 5")]


def test_a_row_that_cannot_be_worked_out_makes_it_red(db):
    created()

    (outcome,) = scenarios.run(
        "prioritization", VIP_20.replace("<text>20</text>", "<text>if segment &gt; 5 then 20 else 20</text>")
    )

    assert outcome.is_red
    assert outcome.tried.errors


def test_what_is_not_typed_is_null_and_what_a_table_is_not_given_is_left_out(db):
    scenario = created(Wanted("  A   case ", {"segment": None, "repeat": True, "moon": "full"}, {"points": 0}))

    assert (scenario.title, scenario.given) == ("A case", {"repeat": True})


@pytest.mark.parametrize(
    ("wanted", "refusal"),
    [
        (Wanted(" ", {}, {"points": 0}), scenarios.TitleMissing),
        (Wanted("x" * 121, {}, {"points": 0}), scenarios.TitleMissing),
        (Wanted("A case", {}, {}), scenarios.NothingExpected),
        (Wanted("A case", {}, {"luck": 1}), scenarios.NothingExpected),
    ],
)
def test_what_is_no_scenario_is_refused(db, wanted, refusal):
    with pytest.raises(refusal):
        created(wanted)


def test_a_table_holds_five_hundred(db, monkeypatch):
    monkeypatch.setattr(scenarios, "MOST", 1)
    created()

    with pytest.raises(scenarios.TooManyScenarios):
        created()


def test_it_is_changed_removed_and_brought_back_and_the_journal_knows(db):
    scenario = created()
    seen = changes.mark_of(scenarios.values(scenario))

    with unit_of_work():
        scenarios.change(scenario, Wanted("VIP", {"segment": "vip"}, {"points": 30}), by=BY, seen=seen)
    with pytest.raises(changes.ChangedMeanwhile), unit_of_work():
        scenarios.change(scenario, VIP, by=BY, seen=seen)
    with unit_of_work():
        scenarios.remove(scenario, by=BY)
    gone = titles()
    with unit_of_work():
        scenarios.bring_back(scenarios.get("prioritization", scenario.id, removed=True), by=BY)

    assert (gone, titles()) == ([], ["VIP"])
    assert [entry.name for entry in journal.history("rules:prioritization")] == [
        "rules.scenario_added", "rules.scenario_changed", "rules.scenario_removed", "rules.scenario_returned",
    ]  # fmt: skip
    with pytest.raises(NotFound):
        scenarios.get("routing", scenario.id)


def test_shipped_ones_come_once_follow_their_file_and_leave_alone_what_vera_changed(db, shelf):
    shipped(shelf)
    shipped(shelf)
    (scenario,) = scenarios.list_all("prioritization")
    shelved(shelf, vip={"points": 25}, second={"points": 1})
    shipped(shelf)
    followed = (scenario.expected, titles())
    with unit_of_work():
        scenarios.change(scenario, Wanted("Mine", {}, {"points": 7}), by=BY)
    shelved(shelf, vip={"points": 99})
    shipped(shelf)

    assert followed == ({"points": 25}, ["Vip", "Second"])
    assert titles() == ["Mine"], "what left the file is gone, what she changed stays"
    assert scenario.expected == {"points": 7}


def test_who_published_her_own_table_keeps_her_scenarios(db, shelf):
    shipped(shelf)
    with unit_of_work():
        files.publish("prioritization", VIP_20.replace("<text>20</text>", "<text>5</text>"), by=BY)
    shelved(shelf, vip={"points": 25})
    shipped(shelf)

    assert [scenario.expected for scenario in scenarios.list_all("prioritization")] == [{"points": 20}]
