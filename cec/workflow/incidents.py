"""Processes that stumbled: list, retry, give up."""

from collections.abc import Callable

from cec.platform import clock
from cec.platform.db import db
from cec.platform.errors import NotFound, Refusal
from cec.workflow import engine, keeping, stumbling
from cec.workflow.inbox import AlreadyDone
from cec.workflow.models import Incident, ProcessInstance, UserTask

__all__ = ["NothingToRetry", "StumbledAgain", "give_up", "list_open", "report", "retry"]

report = stumbling.report


class NoSuchIncident(NotFound):
    """There is no such open incident."""


class NothingToRetry(Refusal):
    """This cannot be retried: put it right by hand, then settle it."""


class StumbledAgain(Refusal):
    """It stumbled again: {error}."""


def list_open() -> list[Incident]:
    """List what has stumbled and is not settled, the newest first."""
    return list(
        db.session.scalars(db.select(Incident).where(Incident.settled_at.is_(None)).order_by(Incident.id.desc()))
    )


def retry(incident_id: int, *, by: str) -> None:
    """Do the same step again; if it works, the incident is settled.

    :raises NothingToRetry: when it was no step of a process.
    :raises StumbledAgain: when it does not work now either.
    """
    incident = _get(incident_id)
    again = RETRIES.get(incident.step["act"])
    if again is None:
        raise NothingToRetry
    try:
        again(incident)
    except Refusal:
        raise
    except Exception as error:
        raise StumbledAgain(error=stumbling.describe(error)) from error
    _settle(incident, by)


def give_up(incident_id: int, *, by: str) -> None:
    """Settle an incident without another try."""
    _settle(_get(incident_id), by)


def _get(incident_id: int) -> Incident:
    """Lock an open incident, its instance first: who holds that may be about to write the incident."""
    instance = db.select(Incident.instance_id).where(Incident.id == incident_id).scalar_subquery()
    db.session.execute(
        db.select(ProcessInstance.id).where(ProcessInstance.id == instance).with_for_update(key_share=True)
    )
    incident: Incident | None = db.session.scalars(
        db.select(Incident)
        .where(Incident.id == incident_id, Incident.settled_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if incident is None:
        raise NoSuchIncident
    return incident


def _settle(incident: Incident, by: str) -> None:
    incident.settled_at, incident.settled_by = clock.now(), by


def _wake(incident: Incident) -> None:
    taken = keeping.take(incident.instance_id, by=engine.TIMER) if incident.instance_id else None
    if taken:
        engine.wake(taken, engine.unpark(taken))


def _complete(incident: Incident) -> None:
    told = {key: value for key, value in incident.step.items() if key not in {"act", "task"}}
    try:
        engine.complete(db.session.get_one(UserTask, incident.step["task"]), **told)
    except AlreadyDone:
        # Somebody has repeated it meanwhile.
        return


def _send(incident: Incident) -> None:
    step = incident.step
    engine.send(incident.subject, step["message"], **{**step["payload"], "by": step["by"]})


def _deliver(incident: Incident) -> None:
    payload = {"by": "system", **incident.step["payload"]}
    engine.post(incident.subject, incident.step["message"], **payload)


RETRIES: dict[str, Callable[[Incident], None]] = {
    "wake": _wake,
    "complete": _complete,
    "send": _send,
    "deliver": _deliver,
}
