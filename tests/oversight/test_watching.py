"""What a person answers for becomes a line of the audit, whatever directory it was in."""

import ast
from pathlib import Path

import cec
from cec.oversight import reading, watching
from cec.oversight.reading import Filters
from cec.platform import audit
from cec.platform.audit import Kind
from cec.platform.db import unit_of_work
from cec.staff import skills
from tests import cast

# Of what is done to one appeal, message or status the journal of the thing tells; the rest the centre does by itself.
NOT_SETTINGS = {"appeal", "message", "operator", "process", "client", "lane", "inbound", "note"}
BY_THEMSELVES = {"rules.rejudged", "rules.not_published", "receiver.gave_up", "announcement.acknowledged"}


def recorded():
    """Give the names of facts that sources record with a plain name."""
    for path in Path(cec.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "journal.record":
                name = node.args[0] if node.args else None
                if isinstance(name, ast.Constant):
                    yield name.value


def test_every_fact_of_a_directory_is_watched():
    settings = {name for name in recorded() if name.partition(".")[0] not in NOT_SETTINGS} - BY_THEMSELVES

    assert len(settings) > 20
    assert settings - set(watching.SETTINGS) == set(), "add these to cec/oversight/watching.py, or say here why not"


def test_a_setting_is_kept_with_what_it_was_and_is_and_what_the_centre_does_itself_is_not(db):
    with unit_of_work():
        skill = skills.create(code="english", name="English", by="system")
        skills.change(skill, name="English, spoken", is_active=True, by=cast.vera().key)

    line = reading.page(Filters())[0]
    assert (line.kind, line.name, line.subject, line.by) == (
        Kind.SETTING, "skill.changed", f"skill:{skill.id}", cast.vera().key
    )  # fmt: skip
    assert line.facts["changed"]["name"] == ["English", "English, spoken"]
    assert len(reading.page(Filters())) == 1


def test_the_same_card_is_one_line_within_a_quarter_of_an_hour(db, clock):
    with unit_of_work():
        for _again in range(3):
            audit.opened("appeal:1", by="employee:1")
        audit.opened("appeal:1", by="employee:2")
    clock.forward(audit.ONCE_IN)
    with unit_of_work():
        audit.opened("appeal:1", by="employee:1")

    assert [line.by for line in reading.whole(Filters())] == ["employee:1", "employee:2", "employee:1"]
