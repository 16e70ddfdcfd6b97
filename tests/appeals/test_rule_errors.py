"""A row that cannot be worked out: the next one decides, the appeal says so, the administrator is told once (5.2)."""

import pytest

from cec.appeals.models import Status
from cec.platform.db import unit_of_work
from cec.rulebook import files, inputs
from cec.workflow import incidents
from tests import cast
from tests.dmn.tables_of_story import a_table

pytestmark = pytest.mark.usefixtures("centre")


def published(table, *rows, **columns):
    declared = [term.name for term in inputs.of(table).takes]
    with unit_of_work():
        files.publish(table, a_table(*rows, declared=declared, **columns), by="employee:vera")


def test_arrivals_go_on_and_one_incident_tells_of_all_of_them():
    published("routing", ("> 5", '"fast"', "a"), ("-", '"general"', "b"), inputs=["subject"], outputs=["queue"])

    first, second = cast.an_appeal(), cast.an_appeal("И ещё")

    assert first.status == second.status == Status.QUEUED
    assert len(first.verdicts["routing"]["errors"]) == 1
    (incident,) = incidents.list_open()
    assert incident.subject == "rules:routing"
    assert first.number in incident.error
    with unit_of_work():
        incidents.give_up(incident.id, by="employee:vera")
    cast.an_appeal("Опять")
    assert [one.subject for one in incidents.list_open()] == ["rules:routing"], "what is not put right comes back"


@pytest.mark.parametrize("points", ['"many"', "10**12", "[1, 2]", "true"])
def test_points_that_are_none_keep_nobody_waiting(points):
    published("prioritization", ("-", points, "a"), inputs=["subject"], outputs=["points"])

    appeal = cast.an_appeal()

    assert appeal.status == Status.QUEUED
    assert abs(appeal.points) <= 1000


def test_a_verdict_that_nobody_knows_keeps_nobody_out():
    published("screening", ("-", '"burn"', "a"), inputs=["text"], outputs=["verdict"])

    appeal = cast.an_appeal()

    assert appeal.status == Status.QUEUED
    assert "burn" in appeal.verdicts["screening"]["errors"][0]


def test_a_queue_and_skills_that_are_none_lead_to_the_default_queue():
    published("routing", ("-", "7", '"english"', "a"), inputs=["subject"], outputs=["queue", "skills"])

    appeal = cast.an_appeal()

    assert (appeal.queue.code, appeal.lane.skills) == ("general", [])
    assert len(appeal.verdicts["routing"]["errors"]) == 2
