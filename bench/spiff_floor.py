"""The limit of engine.*: SpiffWorkflow as it comes on bare psycopg2, one transaction per operation.

The specification is shared and not stored; the state is one jsonb row beside one row of the user task and one of the
event. Run as a program of its own: `spiff_floor.py N DSN` prints starts and completions a second.
"""

import sys
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import psycopg2
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import DEFAULT_CONFIG, BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.default.workflow import BpmnWorkflowConverter
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

TABLES = """
drop table if exists floor_event, floor_task, floor_instance;
create table floor_instance (id bigserial primary key, state jsonb, status text, version int default 0,
                             updated timestamptz default now());
create table floor_task (id bigserial primary key, instance bigint, name text, token uuid, status text default 'open');
create index on floor_task (instance) where status = 'open';
create table floor_event (id bigserial primary key, instance bigint, kind text, at timestamptz default now())
"""


def _spec() -> Any:
    parser = BpmnParser()
    parser.add_bpmn_file(str(Path(__file__).with_name("floor_appeal.bpmn")))
    return parser.get_spec("floor_appeal")


SPEC = _spec()


class SharedSpec(BpmnWorkflowConverter):  # type: ignore[misc]
    """Stores the state without the specification."""

    def to_dict(self, workflow: Any) -> dict[str, Any]:
        """Leave the specification out."""
        stored: dict[str, Any] = super(BpmnWorkflowConverter, self).to_dict(workflow)
        stored["subprocesses"] = self.mapping_to_dict(workflow.subprocesses)
        stored["bpmn_events"] = self.registry.convert(workflow.bpmn_events)
        return stored

    def from_dict(self, stored: dict[str, Any]) -> Any:
        """Take the shared specification."""
        workflow = self.target_class(SPEC, {}, deserializing=True)
        workflow.tasks = self.mapping_from_dict(stored["tasks"], UUID, workflow=workflow)
        workflow.task_tree = workflow.tasks.get(UUID(stored["root"]))
        self.set_default_attributes(workflow, stored)
        self.subprocesses_from_dict(stored["subprocesses"], workflow)
        workflow.bpmn_events = self.registry.restore(stored.pop("bpmn_events", []))
        return workflow


SERIALIZER = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure({**DEFAULT_CONFIG, BpmnWorkflow: SharedSpec}))


def _ready(workflow: Any) -> list[Any]:
    return [task for task in workflow.get_tasks(state=TaskState.READY) if task.task_spec.manual]


def start(cursor: Any) -> int:
    """Start an instance."""
    workflow = BpmnWorkflow(SPEC)
    workflow.do_engine_steps()
    task = _ready(workflow)[0]
    stored = (SERIALIZER.serialize_json(workflow),)
    cursor.execute("insert into floor_instance (state, status) values (%s, 'active') returning id", stored)
    (instance,) = cursor.fetchone()
    opened = (instance, task.task_spec.name, str(task.id))
    cursor.execute("insert into floor_task (instance, name, token) values (%s, %s, %s)", opened)
    cursor.execute("insert into floor_event (instance, kind) values (%s, 'started')", (instance,))
    cursor.connection.commit()
    return int(instance)


def complete(cursor: Any, instance: int) -> None:
    """Complete its task."""
    cursor.execute("select state::text from floor_instance where id = %s for update", (instance,))
    workflow = SERIALIZER.deserialize_json(cursor.fetchone()[0])
    task = _ready(workflow)[0]
    task.data["outcome"] = "close"
    task.run()
    workflow.do_engine_steps()
    cursor.execute(
        "update floor_instance set state = %s, status = %s, version = version + 1, updated = now() where id = %s",
        (SERIALIZER.serialize_json(workflow), "complete" if workflow.completed else "active", instance),
    )
    cursor.execute(
        "update floor_task set status = 'done' where instance = %s and status = 'open' and token = %s",
        (instance, str(task.id)),
    )
    cursor.execute("insert into floor_event (instance, kind) values (%s, 'completed')", (instance,))
    cursor.connection.commit()


def main(count: int, dsn: str) -> None:
    """Measure and print."""
    connection = psycopg2.connect(dsn)
    cursor = connection.cursor()
    cursor.execute(TABLES)
    connection.commit()
    begun = time.perf_counter()
    instances = [start(cursor) for _ in range(count)]
    started = time.perf_counter()
    for instance in instances:
        complete(cursor, instance)
    completed = time.perf_counter()
    cursor.execute("drop table floor_event, floor_task, floor_instance")
    connection.commit()
    rates = {"start": count / (started - begun), "complete": count / (completed - started)}
    sys.stdout.write(orjson.dumps(rates).decode())


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
