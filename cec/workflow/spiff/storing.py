"""An instance as stored rows, and rows as an instance."""

from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from cec.workflow import state
from cec.workflow.spiff.reading import Specs
from cec.workflow.spiff.running import Called, Running
from cec.workflow.state import Row, Tree


def dump(running: Running) -> bytes:
    """Write down the state of an instance, without its diagram."""
    trees = [_read(running, None), *(_read(called, owner) for owner, called in running.subprocesses.items())]
    return state.dump(trees, running.specs.shapes)


def _read(tree: Any, owner: UUID | None) -> Tree:
    rows = [
        Row(
            task.id.hex,
            task._parent.hex if task._parent else None,
            task.task_spec.name,
            task._state,
            task.last_state_change,
            task.triggered,
            task.internal_data,
            task.data,
        )
        for task in tree.tasks.values()
        if not task._state & state.PREDICTED
    ]
    return Tree(owner.hex if owner else None, tree.spec.name, rows, tree.data, tree.completed)


def load(stored: bytes, specs: Specs, *, by: str) -> Running:
    """Bring an instance back to life."""
    own, *called = state.load(stored)
    running = Running(specs, by=by, deserializing=True)
    _fill(running, own, running)
    for tree in called:
        _revive(tree, running)
    return running


def _revive(tree: Tree, running: Running) -> None:
    owner = running.get_task_from_id(UUID(tree.owner))
    called = Called(running.specs.of(tree.process), owner.id, running, deserializing=True)
    _fill(called, tree, running)
    running.subprocesses[owner.id] = called
    called.completed_event.connect(owner.task_spec._on_subworkflow_completed, owner)


def _fill(workflow: Any, tree: Tree, running: Running) -> None:
    made: dict[str | None, Any] = {}
    for row in tree.rows:
        task_spec = workflow.spec.task_specs[row.element]
        task = made[row.token] = Task(workflow, task_spec, made.get(row.parent), row.state, UUID(row.token))
        task.last_state_change, task.triggered = row.changed, row.triggered
        task.internal_data, task.data = row.internal, row.data
        if row.state == TaskState.WAITING and isinstance(task_spec, CatchingEvent):
            running.event_manager.add_task(task)
    workflow.task_tree = made[tree.rows[0].token]
    workflow.data, workflow.completed = tree.data, tree.completed
    if not running.specs.shapes[tree.process].compactable:
        _foresee(list(made.values()))


def _foresee(tasks: list[Any]) -> None:
    """Predict again what follows the living: an inclusive join waits for branches that it sees coming."""
    for task in tasks:
        if task._state & state.LIVE and all(child.triggered for child in task.children):
            task.task_spec._predict(task, mask=TaskState.NOT_FINISHED_MASK)
