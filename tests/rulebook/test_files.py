"""Versions of rules: shipped with the product, published by vera, judged by the current one."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from cec.platform import journal
from cec.platform.db import unit_of_work
from cec.rulebook import files, tables
from cec.rulebook.models import RulesVersion
from tests.dmn.tables_of_story import a_table

RULES = Path(__file__).parents[2] / "rules"


@pytest.fixture
def shelf(tmp_path):
    """Give a folder of rules with one table, which sends everything to `general`."""
    folder = tmp_path / "rules"
    (folder / "routing").mkdir(parents=True)
    (folder / "routing" / "v1.dmn").write_text(everything_to("general"))
    return folder


def everything_to(queue):
    return a_table(("-", "-", f'"{queue}"', f"All to {queue}"))


def shipped(folder):
    with unit_of_work():
        return files.ship(folder)


def published(queue):
    with unit_of_work():
        return files.publish("routing", everything_to(queue), by="vera")


def test_what_is_shipped_judges_at_once(db):
    shipped(RULES)

    verdict = tables.judge("routing", {"channel": "email", "subject": "Оплата", "text": "не прошла"})

    assert verdict.outputs == {"queue": "payment", "skills": []}
    assert verdict.facts() == {
        "version": 2,
        "rows": [{"row": 3, "reason": "It is about payment", "outputs": {"queue": "payment", "skills": []}}],
        "outputs": {"queue": "payment", "skills": []},
    }


def test_shipping_twice_adds_nothing(db, shelf):
    first, second = shipped(shelf), shipped(shelf)

    assert [row.id for row in first] == [row.id for row in second]


def test_a_newer_shipped_version_becomes_current(db, shelf):
    shipped(shelf)
    (shelf / "routing" / "v2.dmn").write_text(everything_to("delivery"))

    shipped(shelf)

    assert files.current("routing").version == 2
    assert tables.judge("routing", {}).outputs == {"queue": "delivery"}


def test_the_table_of_vera_stays_current_when_a_newer_one_is_shipped(db, shelf):
    shipped(shelf)
    published("payment")
    (shelf / "routing" / "v2.dmn").write_text(everything_to("delivery"))

    shipped(shelf)

    assert tables.judge("routing", {}).outputs == {"queue": "payment"}
    assert [(row.version, row.origin, row.is_current) for row in files.list_versions("routing")] == [
        (3, "shipped", False),
        (2, "published", True),
        (1, "shipped", False),
    ]


def test_publishing_an_old_text_again_brings_the_old_version_back(db, shelf):
    shipped(shelf)
    published("payment")

    version = published("general")

    assert version.version == 1
    assert files.current("routing").version == 1
    assert [(entry.name, entry.by, entry.facts) for entry in journal.history("rules:routing")] == [
        ("rules.published", "vera", {"version": 2}),
        ("rules.published", "vera", {"version": 1}),
    ]


@pytest.mark.parametrize("changed", [{"text": "<other/>"}, {"version": 9}, {"created_by": "boris"}])
def test_what_a_version_says_is_never_changed_by_anybody(db, shelf, changed):
    (version,) = shipped(shelf)

    with pytest.raises(DBAPIError, match="version 1 of the rules routing never changes"), unit_of_work():
        db.session.execute(db.update(RulesVersion).where(RulesVersion.id == version.id).values(**changed))

    assert tables.judge("routing", {"channel": "email"}).outputs == {"queue": "general"}


def test_a_faulty_table_is_refused_and_nothing_changes(db, shelf):
    shipped(shelf)

    with pytest.raises(files.FaultyRules) as caught, unit_of_work():
        files.publish("routing", a_table(("-", "> limit", "1", "a"), ("-", ">>", "1", "b")), by="vera")

    assert [problem.row for problem in caught.value.problems] == [1, 2]
    assert "text" in caught.value.fields()
    assert [row.version for row in files.list_versions("routing")] == [1]


def test_rules_that_nobody_asks_for_are_refused(db):
    with pytest.raises(files.NoSuchRules), unit_of_work():
        files.publish("horoscope", everything_to("general"), by="vera")
    with pytest.raises(files.NoSuchRules):
        tables.judge("horoscope", {})


def test_a_verdict_tells_which_rows_failed(db, shelf):
    (shelf / "routing" / "v1.dmn").write_text(a_table(("-", "> 5", '"fast"', "a"), ("-", "-", '"slow"', "b")))
    shipped(shelf)

    verdict = tables.judge("routing", {"points": "many"})

    assert verdict.outputs == {"queue": "slow"}
    assert len(verdict.facts()["errors"]) == 1


def test_two_publish_at_once_and_each_gets_a_version_of_its_own(db, shelf, at_once):
    shipped(shelf)

    def publish(queue):
        return lambda: published(queue).version

    assert sorted(at_once(publish("payment"), publish("delivery"))) == [2, 3]
    assert sum(row.is_current for row in files.list_versions("routing")) == 1


def test_what_fits_into_json_is_what_a_verdict_holds(db, shelf):
    answer = '{half: 1/2, day: date("2026-11-23"), soon: [duration("PT5M")]}'
    (shelf / "routing").rename(shelf / "moments")
    (shelf / "moments" / "v1.dmn").write_text(a_table(("-", "-", answer, "a")))
    shipped(shelf)

    assert tables.judge("moments", {}).outputs == {"queue": {"half": 0.5, "day": "2026-11-23", "soon": ["PT5M"]}}


def test_only_numbered_versions_in_folders_are_shipped(db, shelf):
    (shelf / "README.txt").write_text("about")
    (shelf / "drafts").mkdir()
    shutil.copy(shelf / "routing" / "v1.dmn", shelf / "drafts" / "later.dmn")

    assert [row.name for row in shipped(shelf)] == ["routing"]
