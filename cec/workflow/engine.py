"""start, complete, send, post, wake: every step of a process, in the transaction of whoever asks for it.

Locks: the row of the instance first, before anything of its subject. A step that stumbles is rolled back whole and
becomes an incident; a refusal goes to the person.
"""

import datetime as dt
import logging
import uuid
from dataclasses import dataclass, field
from typing import Any

from cec.platform import clock, live
from cec.platform.db import db, unit_of_work
from cec.workflow import keeping, stumbling
from cec.workflow.inbox import AlreadyDone, UnknownOutcome
from cec.workflow.keeping import Taken
from cec.workflow.models import ProcessInstance, ProcessMessage, UserTask, Wait
from cec.workflow.spiff import running as steps
from cec.workflow.spiff.expressions import BrokenStep, plain

log = logging.getLogger(__name__)

TIMER = "timer"
# Instances looked at for one claim: some of them may be locked.
BATCH = 50


def start(process: str, subject: str, *, by: str, **data: Any) -> int:
    """Start a process about a subject and run it until it needs somebody; give the number of the instance.

    :raises NoSuchProcess: when there is no version of it.
    """
    return keeping.begin(process, subject, plain(data), by=by).id


def complete(task: UserTask, *, outcome: str, by: str, **answers: Any) -> None:
    """Complete a person's task and run the process until it needs somebody again.

    :raises AlreadyDone: when the task is not open any more.
    :raises UnknownOutcome: when the diagram has no such outcome.
    """
    taken = keeping.take(task.instance_id, by=by)
    if taken is None or task.token not in {each.token for each in taken.tasks}:
        raise AlreadyDone
    if outcome not in {flow.id for flow in taken.definition.outcomes(task.process, task.element)}:
        raise UnknownOutcome
    told = {"outcome": outcome, **plain(answers)}
    step = {"act": "complete", "task": task.id, "by": by, **told}
    with stumbling.watched(task.subject, task.instance_id, step):
        steps.run_task(taken.running, task.token, told)
        keeping.put_back(taken, by=by, outcome=outcome, done=task.token)


def send(subject: str, message: str, *, by: str, **payload: Any) -> bool:
    """Hand a message to the running process of a subject; tell whether it waited for it. Nothing is kept."""
    for taken in keeping.take_all(subject, by=by):
        if taken.awaits(message):
            step = {"act": "send", "message": message, "by": by, "payload": plain(payload)}
            with stumbling.watched(subject, taken.id, step):
                deliver(taken, message, plain(payload), by=by)
            return True
    return False


def deliver(taken: Taken, message: str, payload: dict[str, Any], *, by: str) -> None:
    """Hand a message to an instance that waits for it."""
    steps.send(taken.running, message, payload)
    keeping.put_back(taken, by=by)


def post(subject: str, message: str, *, by: str, **payload: Any) -> None:
    """Leave a message from one process to another; it is kept until the subject's process waits for it."""
    db.session.add(ProcessMessage(subject=subject, name=message, payload={**plain(payload), "by": by}))
    live.wake("timers")


def lock(subject: str) -> ProcessInstance | None:
    """Lock the running process of a subject: the first lock, before the subject's own row."""
    mine = db.select(ProcessInstance).filter_by(subject=subject, ended_at=None).order_by(ProcessInstance.id)
    locked = mine.with_for_update(key_share=True).execution_options(populate_existing=True)
    return next(iter(db.session.scalars(locked).all()), None)


def reschedule(subject: str, element: str, due_at: dt.datetime) -> bool:
    """Let a waiting timer of a subject ring at another moment; tell whether there was one."""
    for taken in keeping.take_all(subject, by="system"):
        timers = [wait for wait in taken.waits if wait.kind == "timer" and wait.element == element]
        for wait in timers:
            steps.reschedule(taken.running, wait.token, due_at)
            keeping.set_due(taken, wait.token, due_at)
        if timers:
            keeping.put_back(taken, by="system")
            return True
    return False


def run_due(limit: int = 100) -> int:
    """Run instances whose moment has come or whose message has arrived, one transaction each; tell how many."""
    done = 0
    while done < limit and _run_one():
        done += 1
    return done


def wake(taken: Taken, tokens: list[uuid.UUID]) -> None:
    """Let timers of an instance ring."""
    steps.wake(taken.running, tokens)
    keeping.put_back(taken, by=TIMER)


def unpark(taken: Taken) -> list[uuid.UUID]:
    """Put the timers of an instance that an incident took out of the due set back into it; give their tokens."""
    parked = db.select(Wait.token).filter_by(instance_id=taken.id, kind="timer", due_at=None)
    tokens = set(db.session.scalars(parked))
    for wait in taken.waits:
        if wait.token in tokens and wait.due_at:
            keeping.set_due(taken, wait.token, wait.due_at)
    return list(tokens)


def _run_one() -> bool:
    attempt = _Attempt()
    try:
        with unit_of_work():
            return _ring(attempt) or _hand_over(attempt)
    except Exception as error:
        if not attempt.instance_id:
            raise
        log.exception("process instance %s stumbled at %s", attempt.instance_id, attempt.step["act"])
        with unit_of_work():
            _set_aside(attempt, error)
        return True


@dataclass
class _Attempt:
    """What is being tried: known to the transaction that writes the incident."""

    instance_id: int = 0
    subject: str = ""
    step: dict[str, Any] = field(default_factory=dict)
    waits: list[int] = field(default_factory=list)
    message_id: int | None = None


def _ring(attempt: _Attempt) -> bool:
    due = db.select(Wait.instance_id).where(Wait.due_at <= clock.now()).order_by(Wait.due_at).limit(BATCH)
    if not _claim(attempt, ProcessInstance.id.in_(due.scalar_subquery())):
        return False
    mine = db.select(Wait.id, Wait.token).where(Wait.instance_id == attempt.instance_id, Wait.due_at <= clock.now())
    waits = db.session.execute(mine).all()
    attempt.step, attempt.waits = {"act": "wake"}, [wait.id for wait in waits]
    taken = keeping.take(attempt.instance_id, by=TIMER)
    # Another worker may have run it between our look and our lock.
    if taken and waits:
        wake(taken, [wait.token for wait in waits])
        if not taken.running.path:
            raise BrokenStep("a timer is due and does not ring")
    return True


def _hand_over(attempt: _Attempt) -> bool:
    awaited = db.select(Wait.instance_id).join(ProcessMessage, ProcessMessage.name == Wait.name)
    awaited = awaited.where(Wait.kind == "message", ProcessMessage.subject == ProcessInstance.subject)
    if not _claim(attempt, ProcessInstance.id.in_(awaited.correlate(ProcessInstance).scalar_subquery())):
        return False
    names = db.select(Wait.name).filter_by(instance_id=attempt.instance_id, kind="message")
    kept = db.select(ProcessMessage).where(ProcessMessage.subject == attempt.subject, ProcessMessage.name.in_(names))
    message = db.session.scalars(kept.order_by(ProcessMessage.id).limit(1)).first()
    if message is not None:
        attempt.step = {"act": "deliver", "message": message.name, "payload": message.payload}
        attempt.message_id = message.id
        db.session.delete(message)
        by = message.payload.get("by", "system")
        taken = keeping.take(attempt.instance_id, by=by)
        if taken:
            deliver(taken, message.name, message.payload, by=by)
    return True


def _claim(attempt: _Attempt, condition: Any) -> bool:
    """Lock a running instance that meets the condition and that nobody else holds."""
    one = db.select(ProcessInstance.id, ProcessInstance.subject).where(condition, ProcessInstance.ended_at.is_(None))
    one = one.order_by(ProcessInstance.id).limit(1).with_for_update(key_share=True, skip_locked=True)
    found = db.session.execute(one).first()
    if found:
        attempt.instance_id, attempt.subject = found
    return found is not None


def _set_aside(attempt: _Attempt, error: Exception) -> None:
    """Open an incident and leave the due set; a message goes into the incident."""
    stumbling.report(
        attempt.subject, step=attempt.step, error=stumbling.describe(error), instance_id=attempt.instance_id
    )
    db.session.execute(db.update(Wait).where(Wait.id.in_(attempt.waits)).values(due_at=None))
    db.session.execute(db.delete(ProcessMessage).where(ProcessMessage.id == attempt.message_id))
