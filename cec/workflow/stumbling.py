"""A process stumbled: the step is rolled back whole, written down as an incident."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cec.platform import clock
from cec.platform.db import db, unit_apart
from cec.platform.errors import Refusal
from cec.workflow.models import Incident, ProcessInstance
from cec.workflow.spiff.expressions import plain

log = logging.getLogger(__name__)


def report(subject: str, *, step: dict[str, Any], error: str, instance_id: int | None = None) -> Incident:
    """Open an incident; the same act that stumbles again on the same subject stays one incident."""
    step = plain(step)
    incident = db.session.scalars(
        db.select(Incident).where(
            Incident.subject == subject, Incident.settled_at.is_(None), Incident.step["act"].astext == step["act"]
        )
    ).first()
    if incident is None:
        incident = Incident(subject=subject, instance_id=instance_id)
        db.session.add(incident)
    incident.step, incident.error, incident.happened_at = step, error, clock.now()
    db.session.flush()
    return incident


@contextmanager
def watched(subject: str, instance_id: int, step: dict[str, Any]) -> Iterator[None]:
    """Write an incident down in a transaction of its own if the step stumbles; a refusal is no stumble."""
    try:
        yield
    except Refusal:
        raise
    except Exception as error:
        log.exception("process instance %s stumbled at %s", instance_id, step["act"])
        with unit_apart():
            # An instance that began in this very transaction is gone with it: there is nothing to be retried.
            if db.session.get(ProcessInstance, instance_id) is not None:
                report(subject, step=step, error=describe(error), instance_id=instance_id)
        raise


def describe(error: Exception) -> str:
    """Say an error in one line."""
    return f"{type(error).__name__}: {error}"[:2000]
