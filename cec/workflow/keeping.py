"""An instance between its steps: taken from its row under a lock, put back with its open tasks and waits.

The rows of user tasks and waits follow the state: what they were is read from the state before the step, so a step
reads one row and writes only what has changed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, delete, insert, update

from cec.platform import clock, journal
from cec.platform.db import db
from cec.workflow import definitions
from cec.workflow.definitions import Definition
from cec.workflow.models import ProcessInstance, ProcessMessage, ProcessVersion, UserTask, Wait
from cec.workflow.spiff import running as steps
from cec.workflow.spiff import storing
from cec.workflow.spiff.running import OpenTask, Running, Subscription

TASKS: Table = UserTask.__table__  # type: ignore[assignment]
WAITS: Table = Wait.__table__  # type: ignore[assignment]


@dataclass
class Taken:
    """An instance in the hand: its row is locked, it is alive in memory."""

    instance: ProcessInstance
    definition: Definition
    running: Running
    tasks: list[OpenTask]
    waits: list[Subscription]

    def awaits(self, message: str) -> bool:
        """Tell whether it waits for a message."""
        return any(wait.kind == "message" and wait.name == message for wait in steps.subscriptions(self.running))


def running_instances(*, skip_locked: bool = False) -> Select[ProcessInstance, str]:
    """Select running instances with their version, to be locked: the first lock of all.

    It leaves room for foreign keys: an incident is written beside it, in a transaction of its own.
    """
    selected: Select[ProcessInstance, str] = (
        db.select(ProcessInstance, ProcessVersion.sha256)
        .join(ProcessVersion, ProcessVersion.id == ProcessInstance.process_version_id)
        .where(ProcessInstance.ended_at.is_(None))
        .with_for_update(of=ProcessInstance, key_share=True, skip_locked=skip_locked)
        .execution_options(populate_existing=True)
    )
    return selected


def take(found: tuple[ProcessInstance, str], *, by: str) -> Taken:
    """Bring a locked instance, selected with its version, to life."""
    instance, sha256 = found
    definition = definitions.get(sha256)
    running = storing.load(instance.state, definition.specs, by=by)
    return Taken(instance, definition, running, steps.open_tasks(running), steps.subscriptions(running))


def begin(process: str, subject: str, data: dict[str, Any], *, by: str) -> Taken:
    """Begin an instance of the current version; its row is written before its first step."""
    version = definitions.current(process)
    definition = definitions.get(version.sha256)
    instance = ProcessInstance(process_version_id=version.id, process=process, subject=subject, state=b"")
    db.session.add(instance)
    db.session.flush()
    return Taken(instance, definition, steps.start(definition.specs, data, by=by), [], [])


def put_back(taken: Taken, *, by: str, outcome: str | None = None, done: UUID | None = None) -> None:
    """Write an instance back after a step: its state, its tasks, its waits, its messages, its history."""
    instance, running = taken.instance, taken.running
    instance.state = storing.dump(running)
    if running.completed:
        instance.ended_at = clock.now()
    open_tasks = [] if running.completed else steps.open_tasks(running)
    waits = [] if running.completed else steps.subscriptions(running)
    db.session.flush()
    _close_tasks(taken, {task.token for task in open_tasks}, by=by, outcome=outcome, done=done)
    _open_tasks(taken, open_tasks)
    _drop_waits(taken, waits)
    _add_waits(taken, waits)
    for name, payload in steps.thrown(running):
        db.session.add(ProcessMessage(subject=payload.get("subject", instance.subject), name=name, payload=payload))
    journal.record("process.moved", f"process:{instance.id}", by=by, path=running.path)


def _close_tasks(taken: Taken, still: set[UUID], *, by: str, outcome: str | None, done: UUID | None) -> None:
    for token in [task.token for task in taken.tasks if task.token not in still]:
        finished = {"outcome": outcome} if token == done else {}
        db.session.execute(
            update(UserTask)
            .where(UserTask.instance_id == taken.instance.id, UserTask.token == token, UserTask.closed_at.is_(None))
            .values(closed_at=clock.now(), closed_by=by, **finished)
        )


def _open_tasks(taken: Taken, tasks: list[OpenTask]) -> None:
    known = {task.token for task in taken.tasks}
    rows = [_task_row(taken, task) for task in tasks if task.token not in known]
    if rows:
        db.session.execute(insert(TASKS), rows)


def _task_row(taken: Taken, task: OpenTask) -> dict[str, Any]:
    declared = taken.definition.properties(task.process, task.element)
    return {
        "instance_id": taken.instance.id,
        "subject": taken.instance.subject,
        "place": declared["place"],
        "assignment": declared["assignment"],
        **task._asdict(),
    }


def _drop_waits(taken: Taken, waits: Collection[Subscription]) -> None:
    still = {(wait.token, wait.name) for wait in waits}
    gone = {wait.token for wait in taken.waits if (wait.token, wait.name) not in still}
    if gone:
        db.session.execute(delete(WAITS).where(WAITS.c.instance_id == taken.instance.id, WAITS.c.token.in_(gone)))


def _add_waits(taken: Taken, waits: Collection[Subscription]) -> None:
    known = {(wait.token, wait.name) for wait in taken.waits}
    rows = [
        {
            "instance_id": taken.instance.id,
            "place": taken.definition.properties(wait.process, wait.element).get("place"),
            **wait._asdict(),
        }
        for wait in waits
        if (wait.token, wait.name) not in known
    ]
    if rows:
        db.session.execute(insert(WAITS), rows)
