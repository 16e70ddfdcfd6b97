"""What process diagrams may do with an appeal.

Diagrams call these by name, also those started months ago: add, never rename.
"""

import datetime as dt
from typing import Any

from cec.appeals import facts, handling, lifecycle, queueing
from cec.workflow.catalogue import service_task


@service_task
def gather_facts(appeal_id: int, *, by: str) -> dict[str, Any]:  # noqa: ARG001 - every service task is told who acts
    """Collect the facts that the tables judge."""
    return facts.gather(lifecycle.lock(appeal_id))


@service_task
def route(appeal_id: int, routing: dict[str, Any], *, by: str) -> dict[str, Any]:  # noqa: ARG001
    """Choose the queue that the routing table names; gives the facts with it."""
    appeal = lifecycle.lock(appeal_id)
    queueing.route(appeal, routing)
    return facts.gather(appeal)


@service_task
def enqueue(appeal_id: int, prioritization: dict[str, Any], *, by: str) -> dict[str, str]:  # noqa: ARG001
    """Put the appeal into its queue with its points; gives escalate_at."""
    return queueing.enqueue(lifecycle.lock(appeal_id), prioritization)


@service_task
def facts_at_hand(appeal_id: int, *, by: str) -> dict[str, Any]:  # noqa: ARG001
    """Collect the facts that the table “escalation” judges."""
    return facts.kept(lifecycle.lock(appeal_id), "escalation")


@service_task
def escalate(appeal_id: int, measures: dict[str, Any] | None = None, *, by: str) -> None:  # noqa: ARG001
    """Do what the table “escalation” says, without it move one target to the front: nobody answered in time."""
    queueing.escalate(lifecycle.lock(appeal_id), measures or {"targets": 1})


@service_task
def transfer(
    appeal_id: int,
    target: str,
    comment: str,
    queue_id: int | None = None,
    operator_id: int | None = None,
    group_id: int | None = None,
    *,
    by: str,
) -> None:
    """Hand the appeal to a queue, an operator or a group."""
    handling.transfer(
        lifecycle.lock(appeal_id),
        by=by,
        target=target,
        comment=comment,
        queue_id=queue_id,
        operator_id=operator_id,
        group_id=group_id,
    )


@service_task
def postpone(
    appeal_id: int, until: dt.datetime, reason: str = "", comment: str = "", return_to: str = "me", *, by: str
) -> None:
    """Put the appeal aside until the given time."""
    handling.postpone(
        lifecycle.lock(appeal_id), by=by, until=until, reason=reason, comment=comment, return_to=return_to
    )


@service_task
def await_client(appeal_id: int, until: dt.datetime, on_silence: str = "close", comment: str = "", *, by: str) -> None:
    """Wait for the client's answer until the given time."""
    handling.await_client(lifecycle.lock(appeal_id), by=by, until=until, on_silence=on_silence, comment=comment)


@service_task
def resume(appeal_id: int, cause: str, back_to: str = "work", *, by: str) -> None:
    """Bring the appeal back from waiting or postponement."""
    handling.resume(lifecycle.lock(appeal_id), by=by, cause=cause, back_to=back_to)


@service_task
def close(appeal_id: int, resolution_id: int, topic_id: int | None = None, comment: str = "", *, by: str) -> None:
    """Close the appeal with its topic and resolution."""
    handling.close(lifecycle.lock(appeal_id), by=by, resolution_id=resolution_id, topic_id=topic_id, comment=comment)


@service_task
def close_unanswered(appeal_id: int, *, by: str) -> None:  # noqa: ARG001
    """Close the appeal: the client has not answered in time."""
    handling.close_unanswered(lifecycle.lock(appeal_id))


@service_task
def mark_spam(appeal_id: int, comment: str = "", *, by: str) -> None:
    """Put the appeal away as spam."""
    handling.mark_spam(lifecycle.lock(appeal_id), by=by, comment=comment)
