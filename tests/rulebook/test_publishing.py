"""Drafts and versions: Vera and Boris write the table `routing`, publish it, plan it and bring an old one back."""

import datetime as dt
from dataclasses import replace

import pytest
from cast import a_queue
from sqlalchemy.exc import DBAPIError

from cec import jobs
from cec.dmn import sheets
from cec.dmn.sheets import Asked, Line
from cec.platform import clock as watch
from cec.platform import journal
from cec.platform.db import unit_of_work
from cec.rulebook import drafts, files, publishing, scenarios, steps, tables, versions
from cec.rulebook.steps import Splice
from tests.dmn.tables_of_story import a_table

TOPIC = Asked("Topic", "topic", "string")
SHIPPED = a_table(("-", "-", '"general"', "All"), inputs=("channel", "subject"), outputs=("queue",))


@pytest.fixture
def shelf(db, tmp_path):
    """Give a folder of rules with one shipped table, and take it in."""
    folder = tmp_path / "rules"
    (folder / "routing").mkdir(parents=True)
    (folder / "routing" / "v1.dmn").write_text(SHIPPED)
    with unit_of_work():
        files.ship(folder)
    return folder


@pytest.fixture(autouse=True)
def queues(db):
    """Let the centre have these queues."""
    return {code: a_queue(code) for code in ("general", "payment", "delivery")}


@pytest.fixture
def broken(db, broom):
    """Let the draft stay whatever is done: the last step of a publishing fails."""
    broom.execute("create rule stays as on delete to rules_draft do instead select 1 / 0")
    yield
    db.session.rollback()
    broom.execute("drop rule stays on rules_draft")


def all_to(queue, ident="r1", **more):
    return Line(ident, ("-", "-", f'"{queue}"'), **{"reason": f"All to {queue}", **more})


def written(*lines, revision=0, by="vera", at=0, removed=1):
    with unit_of_work():
        return drafts.change("routing", [Splice(at, removed, lines)], revision=revision, by=by).revision


def published(revision=1, instead_of=1, by="vera", **more):
    with unit_of_work():
        facts = {"comment": "more", "by": by, **more}
        return publishing.publish("routing", revision=revision, instead_of=instead_of, **facts).version


def judged():
    with unit_of_work():
        return tables.judge("routing", {"channel": "email"}).outputs["queue"]


def facts_told():
    return [(entry.name, entry.by) for entry in journal.history("rules:routing")]


def test_the_first_change_begins_a_draft_and_nothing_is_judged_by_it(shelf):
    revision = written(all_to("payment"))

    assert revision == 1
    assert drafts.sheet_of(drafts.find("routing")).lines == (all_to("payment"),)
    assert judged() == "general"
    assert facts_told() == [("rules.draft_begun", "vera")]


def test_whoever_saves_second_is_told_and_changes_nothing(shelf):
    revision = written(all_to("payment"))
    written(all_to("delivery"), revision=revision, by="boris")

    with pytest.raises(drafts.DraftChanged):
        written(all_to("general"), revision=revision)
    with pytest.raises(drafts.DraftChanged):
        written(all_to("general"))

    draft = drafts.find("routing")
    assert (draft.changed_by, draft.revision, drafts.sheet_of(draft).lines) == ("boris", 2, (all_to("delivery"),))


def test_two_begin_at_once_and_one_is_told(shelf, at_once):
    results = at_once(lambda: written(all_to("payment")), lambda: written(all_to("delivery"), by="boris"))

    assert sorted(type(result).__name__ for result in results) == ["DraftChanged", "int"]


@pytest.mark.parametrize(
    ("step", "refusal"),
    [
        (Splice(2, 0, ()), steps.BadChange),
        (Splice(0, 2, ()), steps.BadChange),
        (Splice(-1, 0, ()), steps.BadChange),
        (Splice(0, 0, (Line("a", ("-",)),)), steps.BadChange),
        (Splice(0, 0, (Line("a", ("-", "-", "x" * 4001)),)), steps.CellTooLong),
        (Splice(0, 0, (all_to("a", reason="x" * 501),)), steps.CellTooLong),
        (Splice(0, 0, (all_to("a"),) * 2000), steps.TooManyRows),
        (steps.ColumnRemoved(2), steps.BadChange),
        (steps.ColumnAdded(0, TOPIC, ()), steps.BadChange),
        (steps.ColumnAdded(3, TOPIC, ("-",)), steps.BadChange),
        (steps.ColumnAdded(0, TOPIC, ("x" * 4001,)), steps.CellTooLong),
        (steps.ColumnAdded(0, replace(TOPIC, expression="x" * 4001), ("-",)), steps.BadChange),
    ],
)
def test_what_fits_no_table_is_refused_and_nothing_changes(shelf, step, refusal):
    with pytest.raises(refusal), unit_of_work():
        drafts.change("routing", [step], revision=0, by="vera")

    assert drafts.find("routing") is None


def test_a_table_asks_something_and_not_without_end(shelf):
    one_more = steps.ColumnAdded(0, TOPIC, ("-",))

    for wanted, refusal in (([steps.ColumnRemoved(0)] * 2, steps.LastColumn), ([one_more] * 60, steps.TooManyColumns)):
        with pytest.raises(refusal), unit_of_work():
            drafts.change("routing", wanted, revision=0, by="vera")


def test_what_is_published_judges_at_once_and_the_draft_is_gone(shelf):
    version = published(written(all_to("payment")))

    assert judged() == "payment"
    assert drafts.find("routing") is None
    assert [(one.version, one.is_current, one.comment) for one in versions.list_all("routing")] == [
        (version, True, "more"),
        (1, False, ""),
    ]
    assert journal.history("rules:routing")[-1].facts == {"version": 2, "before": 1, "comment": "more"}
    with pytest.raises(drafts.DraftGone):
        published(1, instead_of=2)


def test_two_publish_at_once_and_one_is_told(shelf, at_once):
    revision = written(all_to("payment"))

    results = at_once(lambda: published(revision), lambda: published(revision, by="boris"))

    assert sorted(type(result).__name__ for result in results) == ["DraftGone", "int"]
    assert len(versions.list_all("routing")) == 2


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (Line("r1", ("-", ">>", '"general"')), "row 1"),
        (Line("r1", ("-", "> limit", '"general"')), "limit"),
        (all_to("nowhere"), "nowhere"),
    ],
)
def test_errors_keep_a_draft_from_being_published(shelf, english, line, told):
    revision = written(line)

    with pytest.raises(files.FaultyRules) as caught:
        published(revision)

    assert told in str(caught.value)
    assert judged() == "general"
    assert drafts.find("routing").revision == revision


def test_an_answer_that_nobody_asks_for_is_told_while_it_is_written(shelf, english):
    text = a_table(("-", '"payment"', '"red"', "All"), inputs=("channel",), outputs=("queue", "colour"))
    with unit_of_work():
        drafts.replace("routing", sheets.of_text(text), revision=0, by="vera")
        (told,) = publishing.examine_sheet("routing", drafts.sheet_of(drafts.find("routing")))

    assert str(told) == "column “colour”: nobody asks this table for it; asked are: queue, skills"
    with pytest.raises(files.FaultyRules, match="nobody asks this table for it"):
        published()
    assert judged() == "general"


def test_a_red_scenario_keeps_it_from_being_published_and_nothing_changes(shelf):
    with unit_of_work():
        wanted = scenarios.Wanted("Mail is general", {"channel": "email", "subject": "?"}, {"queue": "general"})
        scenarios.create("routing", wanted, by="vera")
    revision = written(all_to("payment"))

    with pytest.raises(publishing.RedScenarios) as no:
        published(revision)

    assert no.value.facts["scenarios"].startswith("«Mail is general» (")
    assert judged() == "general"
    assert drafts.get("routing", revision=revision)
    assert published(written(all_to("general"), revision=revision)) == 2


def test_notes_do_not_keep_it(shelf):
    published(written(all_to("payment"), all_to("delivery", "r2")))

    assert judged() == "payment"


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"comment": " "}, publishing.CommentMissing),
        ({"comment": "x" * 501}, publishing.CommentMissing),
        ({"at": dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)}, publishing.WrongMoment),
        ({"at": dt.datetime(2028, 1, 1, tzinfo=dt.UTC)}, publishing.WrongMoment),
        ({"instead_of": 7}, publishing.InForceChanged),
        ({"revision": 9}, drafts.DraftChanged),
    ],
)
def test_a_publishing_that_is_not_in_order_changes_nothing(shelf, facts, refusal):
    revision = written(all_to("payment"))

    with pytest.raises(refusal):
        published(**{"revision": revision, **facts})

    assert judged() == "general"
    assert drafts.find("routing") is not None


def test_a_half_failed_publishing_changes_nothing(shelf, broken):
    revision = written(all_to("payment"))

    with pytest.raises(DBAPIError):
        published(revision)

    assert judged() == "general"
    assert drafts.find("routing").revision == revision
    assert len(versions.list_all("routing")) == 1


def test_a_planned_version_judges_from_its_moment_on(shelf, clock):
    at = watch.now() + dt.timedelta(hours=2)
    published(written(all_to("payment")), at=at)

    jobs.publish_planned()
    assert judged() == "general"
    assert [one.version for one in versions.of("routing").planned] == [2]

    clock.forward(dt.timedelta(hours=2))
    jobs.publish_planned()

    assert judged() == "payment"
    assert versions.of("routing").planned == []
    assert facts_told()[-1] == ("rules.published", "vera")


def test_a_planned_version_that_does_not_fit_any_more_is_refused_and_told(shelf, clock, queues):
    published(written(all_to("payment")), at=watch.now() + dt.timedelta(hours=2))
    with unit_of_work():
        queues["payment"].is_active = False

    clock.forward(dt.timedelta(hours=3))
    jobs.publish_planned()

    standing = versions.of("routing")
    assert judged() == "general"
    assert [one.version for one in standing.refused] == [2]
    assert facts_told()[-1] == ("rules.not_published", "timer")


def test_a_plan_is_withdrawn(shelf, clock):
    published(written(all_to("payment")), at=watch.now() + dt.timedelta(hours=2))

    with unit_of_work():
        publishing.withdraw("routing", 2, by="boris")
    clock.forward(dt.timedelta(hours=3))
    jobs.publish_planned()

    assert judged() == "general"
    with pytest.raises(publishing.NotPlanned), unit_of_work():
        publishing.withdraw("routing", 2, by="boris")


def test_an_earlier_version_comes_back_and_the_draft_stays(shelf):
    published(written(all_to("payment")))
    written(all_to("delivery"))

    with unit_of_work():
        publishing.bring_back("routing", 1, instead_of=2, comment="too hasty", by="boris")

    assert judged() == "general"
    assert drafts.find("routing").revision == 1
    assert facts_told()[-1] == ("rules.brought_back", "boris")
    with pytest.raises(publishing.InForceChanged):
        published(1, instead_of=2)
    with pytest.raises(publishing.InForceAlready), unit_of_work():
        publishing.bring_back("routing", 1, instead_of=1, comment="", by="boris")
    with pytest.raises(files.NoSuchVersion), unit_of_work():
        publishing.bring_back("routing", 9, instead_of=1, comment="", by="boris")


def test_what_the_product_ships_later_is_offered_and_does_not_judge(shelf):
    published(written(all_to("payment")))
    (shelf / "routing" / "v2.dmn").write_text(SHIPPED.replace("general", "delivery"))

    with unit_of_work():
        files.ship(shelf)

    assert judged() == "payment"
    assert versions.of("routing").offered.version == 3
    with unit_of_work():
        publishing.bring_back("routing", 3, instead_of=2, comment="", by="vera")
    assert judged() == "delivery"
    assert versions.of("routing").offered is None


def test_a_draft_that_says_the_same_is_not_published(shelf):
    published(written(all_to("payment")))
    revision = written(all_to("payment"))

    with pytest.raises(publishing.NothingChanged):
        published(revision, instead_of=2)


def test_a_draft_is_thrown_away_by_who_has_seen_it(shelf):
    revision = written(all_to("payment"))

    with pytest.raises(drafts.DraftChanged), unit_of_work():
        drafts.discard("routing", revision=0, by="boris")
    with unit_of_work():
        drafts.discard("routing", revision=revision, by="vera")

    assert drafts.find("routing") is None
    assert facts_told()[-1] == ("rules.draft_discarded", "vera")


def test_another_table_takes_the_place_of_the_draft(shelf):
    written(all_to("payment"))
    sheet = drafts.sheet_of(drafts.find("routing"))

    with unit_of_work():
        lines = (all_to("delivery", "x"), all_to("general", "x"))
        drafts.replace("routing", replace(sheet, lines=lines), revision=1, by="boris")

    assert [line.id for line in drafts.sheet_of(drafts.find("routing")).lines] == ["x", "row_1"]


def test_the_clock_of_a_version_is_that_of_the_centre(shelf):
    published(written(all_to("payment")))

    assert versions.of("routing").current.in_force_at == watch.now()
