"""An instance between its steps: taken from its row under a lock, put back with its open tasks and waits.

The rows of user tasks and waits follow the state: what they were is read from the state before the step, so a step
reads one row and writes only what has changed. The statements are made once: this is the busiest code of the house.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Select, Table, bindparam, delete, insert, select, text, update

from cec.platform import clock, journal
from cec.platform.db import db
from cec.workflow import definitions
from cec.workflow.definitions import Definition
from cec.workflow.models import ProcessInstance, ProcessMessage, ProcessVersion, UserTask, Wait
from cec.workflow.spiff import running as steps
from cec.workflow.spiff import storing
from cec.workflow.spiff.running import OpenTask, Running, Subscription

INSTANCES: Table = ProcessInstance.__table__  # type: ignore[assignment]
VERSIONS: Table = ProcessVersion.__table__  # type: ignore[assignment]
TASKS: Table = UserTask.__table__  # type: ignore[assignment]
WAITS: Table = Wait.__table__  # type: ignore[assignment]

# Running instances with their version, locked: the first lock of all. It leaves room for foreign keys: an incident is
# written beside it, in a transaction of its own.
RUNNING: Select[Any] = (
    select(INSTANCES.c.id, INSTANCES.c.process, INSTANCES.c.subject, INSTANCES.c.state, VERSIONS.c.sha256)
    .join_from(INSTANCES, VERSIONS, VERSIONS.c.id == INSTANCES.c.process_version_id)
    .where(INSTANCES.c.ended_at.is_(None))
    .order_by(INSTANCES.c.id)
)
BY_ID = RUNNING.where(INSTANCES.c.id == bindparam("instance")).with_for_update(of=INSTANCES, key_share=True)
BY_SUBJECT = RUNNING.where(INSTANCES.c.subject == bindparam("subject")).with_for_update(of=INSTANCES, key_share=True)

BEGIN = insert(INSTANCES).returning(INSTANCES.c.id)
MOVE = (
    update(INSTANCES)
    .where(INSTANCES.c.id == bindparam("instance"))
    .values(state=bindparam("now_state"), ended_at=bindparam("now_ended"))
)
# New tasks and new waits are written together.
FOLLOW = text("""
    WITH opened AS (
        INSERT INTO user_task (instance_id, subject, opened_at, token, element, process, place, assignment)
        SELECT :instance, :subject, :now, token, element, process, place, assignment
        FROM jsonb_to_recordset(CAST(:tasks AS jsonb))
             AS task (token uuid, element text, process text, place text, assignment text))
    INSERT INTO wait (instance_id, token, element, process, place, kind, name, due_at)
    SELECT :instance, token, element, process, place, kind, name, due_at
    FROM jsonb_to_recordset(CAST(:waits AS jsonb))
         AS awaited (token uuid, element text, process text, place text, kind text, name text, due_at timestamptz)""")
CLOSE = (
    update(TASKS)
    .where(TASKS.c.instance_id == bindparam("instance"), TASKS.c.token == bindparam("which"))
    .where(TASKS.c.closed_at.is_(None))
    .values(closed_at=bindparam("now"), closed_by=bindparam("who"), outcome=bindparam("how"))
)
FORGET = delete(WAITS).where(
    WAITS.c.instance_id == bindparam("instance"), WAITS.c.token.in_(bindparam("tokens", expanding=True))
)
DUE = (
    update(WAITS)
    .where(WAITS.c.instance_id == bindparam("instance"), WAITS.c.token == bindparam("which"))
    .where(WAITS.c.kind == "timer")
    .values(due_at=bindparam("due"))
)


@dataclass
class Taken:
    """An instance in the hand: its row is locked, it is alive in memory."""

    id: int
    process: str
    subject: str
    definition: Definition
    running: Running
    # Of the transaction that holds the lock.
    connection: Connection
    # What it waited for before the step.
    tasks: list[OpenTask]
    waits: list[Subscription]

    def awaits(self, message: str) -> bool:
        """Tell whether it waits for a message."""
        return any(wait.kind == "message" and wait.name == message for wait in self.waits)


def take(instance_id: int, *, by: str) -> Taken | None:
    """Lock a running instance and bring it to life."""
    return next(iter(_take(BY_ID, {"instance": instance_id}, by)), None)


def take_all(subject: str, *, by: str) -> list[Taken]:
    """Lock the running instances of a subject and bring them to life."""
    return _take(BY_SUBJECT, {"subject": subject}, by)


def _take(wanted: Select[Any], values: dict[str, Any], by: str) -> list[Taken]:
    taken, connection = [], db.session.connection()
    for instance, process, subject, state, sha256 in connection.execute(wanted, values).all():
        definition = definitions.get(sha256)
        running = storing.load(state, definition.specs, by=by)
        tasks, waits = steps.open_tasks(running), steps.subscriptions(running)
        taken.append(Taken(instance, process, subject, definition, running, connection, tasks, waits))
    return taken


def begin(process: str, subject: str, data: dict[str, Any], *, by: str) -> Taken:
    """Begin an instance of the current version and run it until it needs somebody."""
    version = definitions.current(process)
    definition = definitions.get(version.sha256)
    running = steps.start(definition.specs, data, by=by)
    row = {
        "process_version_id": version.id,
        "process": process,
        "subject": subject,
        "state": storing.dump(running),
        "ended_at": clock.now() if running.completed else None,
    }
    connection = db.session.connection()
    instance = connection.execute(BEGIN, row).scalar_one()
    taken = Taken(instance, process, subject, definition, running, connection, [], [])
    _follow(taken, by=by)
    return taken


def put_back(taken: Taken, *, by: str, outcome: str | None = None, done: uuid.UUID | None = None) -> None:
    """Write an instance back after a step: its state, its tasks, its waits, its messages, its history."""
    running = taken.running
    ended = clock.now() if running.completed else None
    values = {"instance": taken.id, "now_state": storing.dump(running), "now_ended": ended}
    taken.connection.execute(MOVE, values)
    _follow(taken, by=by, outcome=outcome, done=done)


def set_due(taken: Taken, token: uuid.UUID, due_at: dt.datetime) -> None:
    """Let the row of a timer say another moment."""
    taken.connection.execute(DUE, {"instance": taken.id, "which": token, "due": due_at})


def _follow(taken: Taken, *, by: str, outcome: str | None = None, done: uuid.UUID | None = None) -> None:
    """Let the rows of tasks and waits follow the state."""
    running = taken.running
    tasks = [] if running.completed else steps.open_tasks(running)
    waits = [] if running.completed else steps.subscriptions(running)
    _close_tasks(taken, {task.token for task in tasks}, by=by, outcome=outcome, done=done)
    _drop_waits(taken, waits)
    _add(taken, tasks, waits)
    taken.tasks, taken.waits = tasks, waits
    for name, payload in steps.thrown(running):
        db.session.add(ProcessMessage(subject=payload.get("subject", taken.subject), name=name, payload=payload))
    if running.path:
        journal.note("process.moved", f"process:{taken.id}", by=by, path=running.path)


def _close_tasks(taken: Taken, still: set[uuid.UUID], *, by: str, outcome: str | None, done: uuid.UUID | None) -> None:
    closed = {task.token for task in taken.tasks} - still
    for token in closed:
        how = outcome if token == done else None
        values = {"instance": taken.id, "which": token, "now": clock.now(), "who": by, "how": how}
        taken.connection.execute(CLOSE, values)
    if closed:
        for row in [row for row in db.session.identity_map.values() if isinstance(row, UserTask)]:
            db.session.expire(row)


def _drop_waits(taken: Taken, waits: list[Subscription]) -> None:
    still = {(wait.token, wait.name) for wait in waits}
    gone = {wait.token for wait in taken.waits if (wait.token, wait.name) not in still}
    if gone:
        taken.connection.execute(FORGET, {"instance": taken.id, "tokens": list(gone)})


def _add(taken: Taken, tasks: list[OpenTask], waits: list[Subscription]) -> None:
    open_before = {task.token for task in taken.tasks}
    awaited_before = {(wait.token, wait.name) for wait in taken.waits}
    new_tasks = [_task_row(taken, task) for task in tasks if task.token not in open_before]
    new_waits = [_wait_row(taken, wait) for wait in waits if (wait.token, wait.name) not in awaited_before]
    if new_tasks or new_waits:
        values = {
            "instance": taken.id,
            "subject": taken.subject,
            "now": clock.now(),
            "tasks": orjson.dumps(new_tasks).decode(),
            "waits": orjson.dumps(new_waits).decode(),
        }
        taken.connection.execute(FOLLOW, values)


def _task_row(taken: Taken, task: OpenTask) -> dict[str, Any]:
    declared = taken.definition.properties(task.process, task.element)
    return {"place": declared["place"], "assignment": declared["assignment"], **task._asdict()}


def _wait_row(taken: Taken, wait: Subscription) -> dict[str, Any]:
    return {"place": taken.definition.properties(wait.process, wait.element).get("place"), **wait._asdict()}
