"""The inbox: open user tasks and the outcomes that a person may choose."""

from typing import NamedTuple

from cec.platform.db import PLANNED_ONCE, db
from cec.platform.errors import NotFound, Refusal
from cec.workflow import definitions
from cec.workflow.definitions import Definition
from cec.workflow.diagrams import Flow
from cec.workflow.models import UserTask


class NoOpenTask(NotFound):
    """Nothing waits for a person here."""


class AlreadyDone(Refusal):
    """Somebody has already done this."""


class UnknownOutcome(Refusal):
    """This is not among the ways to finish this task."""


class Outcome(NamedTuple):
    """A way to finish a task: a flow of the gateway after it, drawn as a button."""

    id: str
    # In English for shipped diagrams: translated where it is shown.
    name: str
    form: str | None
    key: str
    icon: str


def find_open(subject: str, place: str | None = None) -> UserTask | None:
    """Find the open task of a subject, at a place if one is named."""
    task = _OPEN.where(UserTask.place == place) if place else _OPEN
    return db.session.scalars(task, {"subject": subject}).first()


_OPEN = (
    db.select(UserTask)
    .where(UserTask.subject == db.bindparam("subject"), UserTask.closed_at.is_(None))
    .order_by(UserTask.id)
    .limit(1)
    .execution_options(**PLANNED_ONCE)
)


def get_open(subject: str, place: str | None = None) -> UserTask:
    """Give the open task of a subject.

    :raises NoOpenTask: when there is none.
    """
    task = find_open(subject, place)
    if task is None:
        raise NoOpenTask
    return task


def find_last(subject: str) -> UserTask | None:
    """Find the task of a subject that was opened last, whether it is open or done."""
    tasks = db.select(UserTask).filter_by(subject=subject).order_by(UserTask.id.desc())
    return db.session.scalars(tasks.limit(1)).first()


def list_open(subject: str) -> list[UserTask]:
    """List the open tasks of a subject, the oldest first."""
    tasks = db.select(UserTask).filter_by(subject=subject, closed_at=None).order_by(UserTask.id)
    return list(db.session.scalars(tasks))


def outcomes(task: UserTask) -> list[Outcome]:
    """List the ways to finish a task, in the order that the diagram gives its buttons."""
    return _outcomes(definitions.of_instance(task.instance_id), task.process, task.element)


def outcomes_at(sha256: str, process: str, element: str) -> list[Outcome]:
    """List the ways to finish a task of a version of a diagram, for who has read where it stands."""
    return _outcomes(definitions.get(sha256), process, element)


def _outcomes(definition: Definition, process: str, element: str) -> list[Outcome]:
    return [
        Outcome(
            flow.id,
            flow.name,
            definition.form_name(flow.id),
            flow.properties.get("key", ""),
            flow.properties.get("icon", ""),
        )
        for flow in sorted(definition.outcomes(process, element), key=_order)
    ]


def _order(flow: Flow) -> float:
    return float(flow.properties.get("order", "inf"))
