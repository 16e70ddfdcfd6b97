"""Running an instance in memory: until it needs a person, a message or a moment."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition as AnyMessage
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.spiff.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.util.task import TaskState

from cec.platform import clock
from cec.workflow.spiff.expressions import FeelEngine, plain
from cec.workflow.spiff.reading import Specs


class _Flat:
    """Looks through the tasks without walking the tree: the tree may be deep, the tasks are few."""

    tasks: dict[UUID, Any]

    def update_waiting_tasks(self) -> None:
        """Let joins look again; events are told when they happen.

        Timers ring in `wake` only: a timer that stumbles must not trip people.
        """
        for task in [task for task in self.tasks.values() if task._state == TaskState.WAITING]:
            if not isinstance(task.task_spec, CatchingEvent):
                task.task_spec._update(task)


class Called(_Flat, BpmnSubWorkflow):
    """A called process."""


class Running(_Flat, BpmnWorkflow):
    """A running instance in memory."""

    def __init__(self, specs: Specs, *, by: str, deserializing: bool = False) -> None:
        self.specs, self.actor = specs, by
        self.path: list[str] = []
        super().__init__(specs.main, specs.called, script_engine=_ENGINE, deserializing=deserializing)

    def create_subprocess(self, my_task: Any, spec_name: str) -> Any:
        """Begin a called process."""
        called = Called(self.subprocess_specs[spec_name], my_task.id, self)
        self.subprocesses[my_task.id] = called
        return called


_ENGINE = FeelEngine()


def start(specs: Specs, data: dict[str, Any], *, by: str) -> Running:
    """Begin a process and run it until it needs somebody."""
    running = Running(specs, by=by)
    running.task_tree.data.update(data)
    engine_steps(running)
    return running


def run_task(running: Running, token: UUID, answers: dict[str, Any]) -> None:
    """Complete an open user task and run on."""
    task = running.get_task_from_id(token)
    task.data.update(answers)
    _run(running, task)
    engine_steps(running)


def send(running: Running, message: str, payload: dict[str, Any]) -> None:
    """Hand a message to everybody in the instance who waits for it, and run on."""
    running.send_event(BpmnEvent(MessageEventDefinition(message), payload=payload))
    engine_steps(running)


def wake(running: Running, tokens: Iterable[UUID]) -> None:
    """Let timers ring whose moment has come, and run on."""
    for token in tokens:
        task = running.event_manager.tasks.get(token)
        due = _due(task) if task else None
        if task and due and due <= clock.now():
            task.internal_data["event_fired"] = True
            task.task_spec._update(task)
    engine_steps(running)


def engine_steps(running: Running) -> None:
    """Run everything that needs no person: the called processes first, the innermost of them before the others."""
    again = True
    while again:
        again = False
        for called in sorted(running.get_active_subprocesses(), key=lambda tree: tree.depth, reverse=True):
            while _run_ready(running, called):
                again = True
            owner = running.get_task_from_id(called.parent_task_id)
            owner.task_spec._update(owner)
        again = _run_ready(running, running) or again


def _run_ready(running: Running, tree: Any) -> bool:
    ready = [task for task in tree.tasks.values() if task._state == TaskState.READY and not task.task_spec.manual]
    for task in ready:
        # An earlier one may have cancelled it.
        if task._state == TaskState.READY:
            _run(running, task)
    return bool(ready)


def _run(running: Running, task: Any) -> None:
    if all(child.triggered for child in task.children):
        task.task_spec._predict(task, mask=TaskState.NOT_FINISHED_MASK)
    if task.task_spec.bpmn_id:
        running.path.append(task.task_spec.bpmn_id)
    task.run()


class OpenTask(NamedTuple):
    """A user task that waits for a person."""

    token: UUID
    process: str
    element: str


class Subscription(NamedTuple):
    """A moment or a message that an instance waits for."""

    token: UUID
    process: str
    element: str
    kind: str
    name: str
    due_at: dt.datetime | None


def open_tasks(running: Running) -> list[OpenTask]:
    """List the user tasks that wait for a person."""
    trees = [running, *running.get_active_subprocesses()]
    return [
        OpenTask(task.id, task.workflow.spec.name, task.task_spec.bpmn_id)
        for tree in trees
        for task in tree.tasks.values()
        if task._state == TaskState.READY and task.task_spec.manual
    ]


def subscriptions(running: Running) -> list[Subscription]:
    """List the moments and messages that the instance waits for; behind an event-based gateway there are several."""
    found = []
    for task in running.event_manager.tasks.values():
        event = task.task_spec.event_definition
        place = (task.id, task.workflow.spec.name, task.task_spec.bpmn_id)
        for each in event.event_definitions if isinstance(event, MultipleEventDefinition) else (event,):
            if isinstance(each, TimerEventDefinition):
                found.append(Subscription(*place, "timer", each.name, _due(task)))
            elif isinstance(each, AnyMessage):
                found.append(Subscription(*place, "message", each.name, None))
    return found


def _due(task: Any) -> dt.datetime | None:
    due = task.internal_data.get("event_value")
    return dt.datetime.fromisoformat(due) if due else None


def reschedule(running: Running, token: UUID, due_at: dt.datetime) -> None:
    """Let a waiting timer ring at another moment."""
    running.event_manager.tasks[token].internal_data["event_value"] = due_at.isoformat()


def thrown(running: Running) -> list[tuple[str, dict[str, Any]]]:
    """Take the messages that the process sent and nobody in it has caught."""
    return [(event.event_definition.name, plain(event.payload or {})) for event in running.get_events()]
