"""What is done with an appeal (guide 3.7): the verbs behind the boxes of the diagrams.

Each runs under the locks of the process instance and the appeal, in the transaction of the act.
"""

import datetime as dt

from cec.appeals import lifecycle
from cec.appeals.models import Appeal, Message, Resolution, Status
from cec.platform import clock, journal
from cec.platform.db import db
from cec.platform.errors import Invalid, Refusal
from cec.queues import lanes
from cec.queues import queries as queues
from cec.queues.models import Queue
from cec.staff.models import Employee, OperatorGroup
from cec.topics import queries as topics

LONGEST_POSTPONEMENT = dt.timedelta(days=30)
MOST_POSTPONED = 20
SHORTEST_COMMENT = 5


class PostponedIntoThePast(Invalid):
    """Choose a time in the future."""

    field = "until"


class PostponedTooFar(Invalid):
    """Choose a time within the next 30 days."""

    field = "until"


class TooManyPostponed(Refusal):
    """You already have 20 postponed appeals: finish one of them first."""


class TopicMissing(Invalid):
    """Choose a topic: this queue does not close appeals without one."""

    field = "topic_id"


class NoSuchResolution(Invalid):
    """Choose a resolution from the list."""

    field = "resolution_id"


class CommentMissing(Invalid):
    """This resolution needs a comment."""

    field = "comment"


class CommentTooShort(Invalid):
    """Tell the next person in a few words why: at least 5 characters."""

    field = "comment"


class NoSuchOperator(Invalid):
    """Choose an operator from the list."""

    field = "operator_id"


class NoSuchGroup(Invalid):
    """This group serves no open queue: choose another one."""

    field = "group_id"


class NothingAsked(Refusal):
    """The last message is the client's: answer first, then wait."""


def close(
    appeal: Appeal,
    *,
    by: str,
    resolution_id: int,
    topic_id: int | None = None,
    comment: str = "",
    kind: str = "resolved",
) -> None:
    """Close an appeal with its topic and resolution (guide 3.7.3, 3.7.5)."""
    resolution = db.session.get(Resolution, resolution_id)
    if resolution is None or not resolution.is_active:
        raise NoSuchResolution
    if resolution.comment_required and not comment.strip():
        raise CommentMissing
    if topic_id:
        appeal.topic_id = topics.get_leaf(topic_id).id
    if appeal.topic_id is None and appeal.queue and appeal.queue.topic_required and kind == "resolved":
        raise TopicMissing
    lifecycle.move(appeal, Status.CLOSED)
    appeal.resolution_id = resolution.id
    _end(appeal, kind)
    journal.record(
        "appeal.closed",
        appeal.key,
        by=by,
        kind=kind,
        resolution=resolution.name,
        topic_id=appeal.topic_id,
        comment=comment,
    )


def close_unanswered(appeal: Appeal) -> None:
    """Close an appeal whose client has not answered in time."""
    silent = db.session.scalars(
        db.select(Resolution).where(Resolution.kind == "no_answer", Resolution.is_active).order_by(Resolution.id)
    ).first()
    if silent is None:
        raise NoSuchResolution
    close(appeal, by="timer", resolution_id=silent.id, kind="no_client_answer")


def mark_spam(appeal: Appeal, *, by: str, comment: str = "") -> None:
    """Put an appeal away as spam."""
    lifecycle.move(appeal, Status.SPAM)
    _end(appeal, "spam")
    journal.record("appeal.spam", appeal.key, by=by, comment=comment)


def _end(appeal: Appeal, kind: str) -> None:
    appeal.close_kind = kind
    appeal.closed_at = clock.now()
    appeal.wake_at = appeal.due_response = None


def transfer(
    appeal: Appeal,
    *,
    by: str,
    target: str,
    comment: str,
    queue_id: int | None = None,
    operator_id: int | None = None,
    group_id: int | None = None,
) -> None:
    """Hand an appeal to a queue, an operator or a group (guide 3.7.2); accepting it there is an ordinary offer."""
    if len(comment.strip()) < SHORTEST_COMMENT:
        raise CommentTooShort
    appeal.preferred_operator_id = None
    if target == "operator":
        to, name = _to_operator(appeal, operator_id, by)
    elif target == "group":
        to, name = _to_group(appeal, group_id)
    else:
        to, name = _to_queue(appeal, queues.get_open(queue_id or 0))
    appeal.transfers += 1
    journal.record("appeal.transferred", appeal.key, by=by, target=target, to=to, to_name=name, comment=comment)


def _to_queue(appeal: Appeal, queue: Queue, skills: list[str] | None = None) -> tuple[int, str]:
    appeal.queue = queue
    appeal.queue_id = queue.id
    appeal.lane_id = lanes.open_lane(queue, appeal.channel, skills or []).id
    return queue.id, queue.name


def _to_operator(appeal: Appeal, operator_id: int | None, by: str) -> tuple[int, str]:
    operator = db.session.get(Employee, operator_id or 0)
    if operator is None or not operator.is_active or operator.key == by or "operator" not in operator.roles:
        raise NoSuchOperator
    appeal.preferred_operator_id = operator.id
    appeal.preferred_until = clock.now() + (appeal.queue.sticky if appeal.queue else dt.timedelta())
    return operator.id, operator.name


def _to_group(appeal: Appeal, group_id: int | None) -> tuple[int, str]:
    group = db.session.get(OperatorGroup, group_id or 0)
    served = (
        group
        and db.session.scalars(
            db.select(Queue)
            .where(Queue.is_active, Queue.groups.contains(group))
            .order_by(Queue.id != appeal.queue_id, Queue.id)
            .limit(1)
        ).first()
    )
    if not group or not served:
        raise NoSuchGroup
    _to_queue(appeal, served, [lanes.group_skill(group.code)])
    return group.id, group.name


def postpone(
    appeal: Appeal, *, by: str, until: dt.datetime, reason: str = "", comment: str = "", return_to: str = "me"
) -> None:
    """Put an appeal aside until a time; it stays with its operator (guide 3.7.4)."""
    if until <= clock.now():
        raise PostponedIntoThePast
    if until > clock.now() + LONGEST_POSTPONEMENT:
        raise PostponedTooFar
    held = db.select(db.func.count()).where(Appeal.operator_id == appeal.operator_id, Appeal.status == Status.POSTPONED)
    if (db.session.scalar(held) or 0) >= MOST_POSTPONED:
        raise TooManyPostponed
    lifecycle.move(appeal, Status.POSTPONED)
    appeal.wake_at = until
    appeal.postponements += 1
    appeal.preferred_operator_id = appeal.operator_id if return_to == "me" else None
    journal.record("appeal.postponed", appeal.key, by=by, until=until, reason=reason, comment=comment)


def await_client(appeal: Appeal, *, by: str, until: dt.datetime, on_silence: str = "close", comment: str = "") -> None:
    """Wait for the client's answer (guide 3.7.1); allowed once the last word is ours."""
    if until <= clock.now():
        raise PostponedIntoThePast
    last = db.session.get(Message, appeal.last_message_id or 0)
    if last is None or last.direction == "in":
        raise NothingAsked
    lifecycle.move(appeal, Status.WAITING)
    appeal.wake_at = until
    appeal.preferred_operator_id = appeal.operator_id if on_silence != "queue" else None
    journal.record("appeal.awaiting_client", appeal.key, by=by, until=until, on_silence=on_silence, comment=comment)


def resume(appeal: Appeal, *, by: str, cause: str, back_to: str = "work") -> None:
    """Bring an appeal back from waiting or postponement: to its operator if he can have it, else to its queue."""
    if back_to == "queue":
        appeal.preferred_operator_id = None
    elif cause == "recalled" and by.startswith("employee:"):
        appeal.preferred_operator_id = int(by.partition(":")[2])
    if appeal.preferred_operator_id:
        appeal.preferred_until = clock.now() + (appeal.queue.sticky if appeal.queue else dt.timedelta())
    appeal.wake_at = None
    journal.record("appeal.resumed", appeal.key, by=by, cause=cause)
