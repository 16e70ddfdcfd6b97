"""The catalogue: name = address; who acts is always told."""

import pytest

from cec.workflow import catalogue
from cec.workflow.catalogue import UnknownServiceTask


def test_the_name_of_a_service_task_is_its_address(app):
    task = catalogue.get("appeals.postpone")

    assert task.function.__module__ == "cec.appeals.service_tasks"
    assert task.about == "Put the appeal aside until the given time."
    assert task.required == {"appeal_id", "until"}
    assert "by" not in task.parameters


def test_what_is_not_in_the_catalogue_is_told(calls):
    with pytest.raises(UnknownServiceTask, match=r"appeals\.explode"):
        catalogue.get("appeals.explode")


def test_a_service_task_without_a_docstring_refuses_to_load(calls):
    def act(*, by):
        pass

    with pytest.raises(TypeError, match="write one"):
        catalogue.register("test.silent", act)


def test_a_service_task_that_is_not_told_who_acts_refuses_to_load(calls):
    def act():
        """Do something."""

    with pytest.raises(TypeError, match="add the parameter by"):
        catalogue.register("test.nameless", act)


def test_the_decorator_takes_the_area_from_the_module(calls):
    def dance(*, by):
        """Dance."""

    dance.__module__ = "cec.ballroom.service_tasks"
    catalogue.service_task(dance)

    assert catalogue.find("ballroom.dance").function is dance
    assert "ballroom.dance" in [task.name for task in catalogue.list_all()]


@pytest.mark.parametrize(
    ("value", "kind", "converted"),
    [
        ("5", "int", 5),
        ("", "int", None),
        (None, "int", None),
        ("", "datetime", None),
        (5, "str", "5"),
        ("", "number", None),
    ],
)
def test_an_empty_choice_is_no_number(value, kind, converted):
    assert catalogue.convert(value, kind) == converted
