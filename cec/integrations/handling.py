"""What a program may do with an appeal in the name of a person: take, answer, close it, where the life cycle allows."""

import uuid
from typing import Any

from cec.appeals import acting, conversation, drafts, lifecycle
from cec.appeals.letters import Letter
from cec.appeals.models import Appeal, Message, Resolution, Status
from cec.distribution import returning
from cec.integrations.models import ApiKey
from cec.platform import journal
from cec.platform.db import db
from cec.platform.errors import Invalid, NotFound, Refusal
from cec.platform.i18n import gettext
from cec.staff.models import Employee
from cec.workflow import engine


class WithSomebodyElse(Refusal):
    """{who} has this appeal."""


class NotWaiting(Refusal):
    """Only appeals that wait in a queue are taken; this one is “{status}”."""


class NotHis(Refusal):
    """{who}, in whose name this key acts, does not have this appeal: take it first."""


class NoSuchResolution(Invalid):
    """There is no such resolution: GET /api/v1/resolutions lists them."""

    field = "resolution"


class DraftInTheWay(Refusal):
    """{who} is writing an answer himself: it is not sent for him."""


def take(appeal_id: int, *, by: Employee, key: ApiKey) -> Appeal:
    """Take a waiting appeal into work; taking what one has already changes nothing.

    A program takes no room: what it holds does not keep its person from being offered other appeals.

    :raises WithSomebodyElse, NotWaiting: when it cannot be had.
    """
    engine.lock(f"appeal:{appeal_id}")
    appeal = lifecycle.lock(appeal_id)
    if appeal.status == Status.IN_WORK and appeal.operator_id == by.id:
        return appeal
    if appeal.operator and appeal.status in lifecycle.HELD:
        raise WithSomebodyElse(who=appeal.operator.name)
    if appeal.status != Status.QUEUED:
        raise NotWaiting(status=gettext(lifecycle.NAMES[Status(appeal.status)]))
    appeal.operator_id = by.id
    returning.assign_at_once(appeal, by.id, 0, {"taken": True, "program": key.name})
    lifecycle.move(appeal, Status.IN_WORK)
    appeal.preferred_operator_id = appeal.preferred_until = None
    journal.record("appeal.accepted", appeal.key, by=by.key, taken=True, program=key.name)
    return appeal


def reply(appeal_id: int, text: str, *, by: Employee, name: uuid.UUID, seen_message_id: int | None) -> Message:
    """Answer the client; it leaves at once. With `seen_message_id` a newer message of the client holds it up."""
    appeal = _held(appeal_id, by)
    if drafts.find(appeal, by, is_note=False):
        raise DraftInTheWay(who=by.name)
    return conversation.send(
        appeal,
        by=by,
        letter=Letter(text),
        client_uuid=name,
        seen_message_id=seen_message_id if seen_message_id is not None else appeal.last_message_id or 0,
        undo=conversation.AT_ONCE,
    )


def close(
    appeal_id: int,
    *,
    by: Employee,
    resolution: str,
    topic_id: int | None,
    comment: str,
    seen_message_id: int | None,
) -> Appeal:
    """Close an appeal with a resolution of the directory, as its process allows."""
    chosen = db.session.scalars(db.select(Resolution).where(Resolution.code == resolution)).one_or_none()
    if chosen is None or not chosen.is_active:
        raise NoSuchResolution
    appeal = _held(appeal_id, by)
    answers: dict[str, Any] = {"resolution_id": chosen.id, "topic_id": topic_id, "comment": comment}
    return acting.act(
        appeal_id,
        "close",
        by=by,
        expected_version=appeal.version,
        seen_message_id=seen_message_id if seen_message_id is not None else appeal.last_message_id or 0,
        answers=answers,
    )


def _held(appeal_id: int, by: Employee) -> Appeal:
    """Take an appeal for this transaction, if the person has it."""
    engine.lock(f"appeal:{appeal_id}")
    appeal = lifecycle.lock(appeal_id)
    if appeal.operator_id != by.id:
        raise NotHis(who=by.name)
    if appeal.status in {Status.SPAM, Status.BLOCKED}:
        raise NotFound
    return appeal
