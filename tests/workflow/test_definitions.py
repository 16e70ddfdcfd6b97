"""Versions of diagrams: immutable, numbered, one of them current; instances stay on theirs."""

import json

import pytest

from cec.platform.db import unit_of_work
from cec.workflow import definitions, engine, inbox
from cec.workflow.definitions import NoSuchProcess, Refused
from cec.workflow.models import ProcessVersion
from tests.workflow import drawing as d


@pytest.fixture
def shelf(tmp_path, db, calls):
    """Folders of diagrams and forms, and a function that ships them."""
    processes, forms = tmp_path / "processes", tmp_path / "forms"
    forms.mkdir()

    def ship(process, text, version=1, **written):
        folder = processes / process
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"v{version}.bpmn").write_text(text, encoding="utf-8")
        for name, form in written.items():
            (forms / f"{name}.json").write_text(json.dumps(form), encoding="utf-8")
        with unit_of_work():
            definitions.ship(processes, forms)

    return ship


def versions(db, process="errand"):
    db.session.expire_all()
    rows = db.session.scalars(db.select(ProcessVersion).filter_by(process=process).order_by(ProcessVersion.version))
    return [(row.version, row.origin, row.is_current) for row in rows]


def a_form(name, *fields):
    return {"id": name, "components": [{"type": "textarea", "key": key, "label": key.title()} for key in fields]}


def errand(**outcomes):
    ends = "".join(d.end(name) for name in outcomes.values())
    return d.diagram(
        "errand", d.start(), d.user("handle"), d.line("begun", "handle"), d.outcomes("handle", **outcomes), ends
    )


def test_what_is_shipped_becomes_current_and_once_only(shelf, db):
    shelf("errand", errand(close="ended"))
    shelf("errand", errand(close="ended"))

    assert versions(db) == [(1, "shipped", True)]


def test_the_newest_file_is_shipped_and_numbered_by_the_database(shelf, db):
    shelf("errand", errand(close="ended"), version=9)

    shelf("errand", errand(close="ended", drop="dropped"), version=10)

    assert versions(db) == [(1, "shipped", False), (2, "shipped", True)]


def test_an_administrators_version_stays_current_when_a_new_one_is_shipped(shelf, publish, db):
    shelf("errand", errand(close="ended"))
    publish(errand(close="ended", drop="dropped"))

    shelf("errand", errand(close="ended", forget="forgotten"), version=2)

    assert versions(db) == [(1, "shipped", False), (2, "published", True), (3, "shipped", False)]


def test_publishing_an_old_text_again_makes_that_version_current(publish, db):
    first, second = errand(close="ended"), errand(close="ended", drop="dropped")
    publish(first)
    publish(second)

    publish(first)

    assert versions(db) == [(1, "published", True), (2, "published", False)]


def test_a_broken_diagram_is_not_published(publish, db):
    with pytest.raises(Refused, match="errand/handle: "):
        publish(d.diagram("errand", d.start(), d.user("handle"), d.end(), d.line("begun", "handle", "ended")))

    assert versions(db) == []


def test_what_was_found_sound_is_not_looked_at_again(calls, monkeypatch):
    files = {"errand.bpmn": errand(close="ended")}
    assert definitions.check(files) == []
    monkeypatch.setattr(definitions, "linting", None)

    assert definitions.check(files) == []


def test_a_bundle_holds_what_the_diagram_calls_and_its_forms(shelf, db):
    shelf("help", d.diagram("help", d.start(), d.end(), d.line("begun", "ended")))
    calling = d.diagram(
        "errand", d.start(), d.node("callActivity", "helping", calledElement="help"), d.user("handle"), d.end(),
        d.line("begun", "helping", "handle"), d.outcomes("handle", close="ended"),
    )  # fmt: skip

    shelf("errand", calling, close_errand=a_form("close_errand", "note"), close_other=a_form("close_other"))

    bundle = db.session.scalars(db.select(ProcessVersion).filter_by(process="errand")).one()
    assert sorted(bundle.files) == ["errand.bpmn", "forms/close_errand.json", "help.bpmn"]


def test_a_new_form_is_a_new_version(shelf, db):
    shelf("errand", errand(close="ended"), close_errand=a_form("close_errand", "note"))

    shelf("errand", errand(close="ended"), close_errand=a_form("close_errand", "note", "mark"))

    assert versions(db) == [(1, "shipped", False), (2, "shipped", True)]


def test_a_running_instance_stays_on_its_version_and_new_ones_follow_the_new(publish, desk):
    publish(errand(close="ended"))
    desk.start(subject="errand:1")
    publish(errand(close="ended", drop="dropped"))
    desk.start(subject="errand:2")

    words = {
        subject: [outcome.id for outcome in inbox.outcomes(inbox.get_open(subject))]
        for subject in ("errand:1", "errand:2")
    }
    assert words == {"errand:1": ["close"], "errand:2": ["close", "drop"]}
    desk.finish("close", subject="errand:1")
    desk.finish("drop", subject="errand:2")


def test_a_version_is_read_once_per_process_of_the_machine(publish, desk):
    publish(errand(close="ended"))
    sha256 = definitions.current("errand").sha256

    assert definitions.get(sha256) is definitions.get(sha256)


def test_an_unknown_process_is_told(db):
    with pytest.raises(NoSuchProcess, match="There is no process errand"):
        definitions.current("errand")


def test_the_words_of_a_bundle_are_collected_for_translation(calls):
    files = {
        "errand.bpmn": errand(close="ended"),
        "forms/close_errand.json": json.dumps(a_form("close_errand", "note")),
    }

    assert definitions.texts(files) == ["Close", "Note"]


def test_a_version_of_the_engine_is_told_who_publishes(publish, db):
    publish(errand(close="ended"))

    assert db.session.scalars(db.select(ProcessVersion.created_by)).one() == "employee:1"
    with unit_of_work():
        engine.start("errand", "errand:1", by="employee:1")
