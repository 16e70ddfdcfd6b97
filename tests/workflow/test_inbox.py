"""Open tasks and their outcomes."""

import json

import pytest

from cec.platform.db import unit_of_work
from cec.workflow import definitions, forms, inbox
from cec.workflow.forms import NoSuchForm
from cec.workflow.inbox import NoOpenTask
from tests.workflow import drawing as d


@pytest.fixture
def errands(db, calls):
    outcome = d.flow("after_handle", "dropped", 'outcome = "drop"', "Drop it", "drop")
    told = d.extension(d.properties(key="F6", icon="clock-pause", order="1"))
    text = d.diagram(
        "errand", d.start(), d.user("handle", place="desk", assignment="owner"), d.end(), d.end("dropped"),
        d.line("begun", "handle"), d.outcomes("handle", close="ended"),
        outcome.replace('name="Drop it">', f'name="Drop it">{told}'),
    )  # fmt: skip
    form = {"id": "drop_errand", "components": [{"type": "textarea", "key": "why", "label": "Why"}]}
    with unit_of_work():
        definitions.publish(
            "errand", {"errand.bpmn": text, "forms/drop_errand.json": json.dumps(form)}, by="employee:1"
        )


def test_a_task_is_found_by_its_subject_and_its_place(errands, desk):
    desk.start()

    assert inbox.get_open("errand:1").element == "handle"
    assert inbox.get_open("errand:1", "desk").assignment == "owner"
    assert inbox.find_open("errand:1", "shelf") is None
    assert inbox.find_open("errand:2") is None


def test_where_nothing_is_open_it_is_told(errands, desk):
    desk.start()
    desk.finish("close")

    with pytest.raises(NoOpenTask):
        inbox.get_open("errand:1")


def test_outcomes_have_the_order_keys_icons_and_forms_of_the_diagram(errands, desk):
    desk.start()

    outcomes = inbox.outcomes(inbox.get_open("errand:1"))

    assert [tuple(outcome) for outcome in outcomes] == [
        ("drop", "Drop it", "drop_errand", "F6", "clock-pause"),
        ("close", "Close", None, "", ""),
    ]


def test_a_form_comes_from_the_version_of_the_task(errands, desk):
    desk.start()
    task = inbox.get_open("errand:1")

    assert [field.key for field in forms.load(task, "drop_errand").fields] == ["why"]
    with pytest.raises(NoSuchForm, match="close_errand"):
        forms.load(task, "close_errand")
