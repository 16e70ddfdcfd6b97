"""Appeals for programs: read them and their messages; take, answer and close them in the name of a person."""

import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Blueprint, request
from sqlalchemy import Select
from sqlalchemy.orm import joinedload, selectinload

from cec.appeals.models import Appeal, Direction, Message, MessageState, Status
from cec.channels.api import schema
from cec.channels.models import ChannelAccount
from cec.integrations import describing, handling, keys, repeating
from cec.integrations.models import Scope
from cec.integrations.repeating import Answered
from cec.platform.db import LARGEST_ID, db
from cec.platform.errors import NotFound
from cec.platform.i18n import gettext, mark
from cec.queues.models import Queue
from cec.web.api import bodies, callers
from cec.web.api.callers import needs

bp = Blueprint("api_appeals", __name__, url_prefix="/api/v1/appeals")

LONGEST_COMMENT = 4000
NO_SUCH_STATUS = mark("It is one of: {kinds}.")
# Under this name answers of one idempotency key have one identity.
_NAMES = uuid.UUID("7f0f3f6e-51c7-4d43-9a0e-3d8f0a9d1c55")
_SHOWN = (
    joinedload(Appeal.account, innerjoin=True),
    joinedload(Appeal.address, innerjoin=True),
    joinedload(Appeal.queue),
    joinedload(Appeal.operator),
    joinedload(Appeal.topic),
    joinedload(Appeal.resolution),
)


@bp.get("")
@needs(Scope.READ_APPEALS)
def list_all() -> dict[str, Any]:
    """List appeals, the newest first."""
    size, before = bodies.limit(), bodies.cursor()
    wanted = _narrowed(_visible()).options(*_SHOWN).order_by(Appeal.id.desc()).limit(size + 1)
    if before:
        wanted = wanted.where(Appeal.id < before)
    return bodies.page(list(db.session.scalars(wanted)), size, describing.appeal)


@bp.get("/<int:appeal_id>")
@needs(Scope.READ_APPEALS)
def show(appeal_id: int) -> dict[str, Any]:
    """Describe an appeal."""
    return describing.appeal(_get(appeal_id))


@bp.get("/<int:appeal_id>/messages")
@needs(Scope.READ_APPEALS)
def list_messages(appeal_id: int) -> dict[str, Any]:
    """List the messages between client and centre, the oldest first; notes of operators are not among them."""
    size, after = bodies.limit(), bodies.cursor()
    wanted = (
        db.select(Message)
        .where(
            Message.appeal_id == _get(appeal_id).id,
            Message.direction.in_([Direction.IN, Direction.OUT]),
            Message.state != MessageState.CANCELLED,
            Message.id > (after or 0),
        )
        .options(selectinload(Message.attachments), joinedload(Message.author))
        .order_by(Message.id)
        .limit(size + 1)
    )
    return bodies.page(list(db.session.scalars(wanted)), size, describing.message)


@bp.put("/<int:appeal_id>/operator")
@needs(Scope.HANDLE_APPEALS)
def take(appeal_id: int) -> dict[str, Any]:
    """Take a waiting appeal into work, in the name of the key's person; asked again it changes nothing."""
    key = callers.current_key()
    _get(appeal_id)
    taken = handling.take(appeal_id, by=keys.actor(key), key=key)
    db.session.flush()
    db.session.refresh(taken)
    return describing.appeal(taken)


@bp.post("/<int:appeal_id>/messages")
@needs(Scope.HANDLE_APPEALS)
def reply(appeal_id: int) -> tuple[dict[str, Any], int]:
    """Answer the client."""
    told = bodies.read({"text": schema.text(schema.LONGEST_TEXT), "seen_message_id": bodies.number}, needed=("text",))
    key = callers.current_key()
    by, name = keys.actor(key), request.headers.get("Idempotency-Key")
    _get(appeal_id)

    def act() -> Answered:
        message = handling.reply(
            appeal_id,
            told["text"],
            by=by,
            name=uuid.uuid5(_NAMES, f"{key.id}/{name}") if name else uuid.uuid4(),
            seen_message_id=told.get("seen_message_id"),
        )
        db.session.flush()
        return describing.message(message), HTTPStatus.CREATED

    return _once(act)


@bp.post("/<int:appeal_id>/closing")
@needs(Scope.HANDLE_APPEALS)
def close(appeal_id: int) -> tuple[dict[str, Any], int]:
    """Close an appeal with a resolution of the directory."""
    known = {
        "resolution": schema.text(),
        "topic_id": bodies.number,
        "comment": schema.text(LONGEST_COMMENT, may_be_empty=True),
        "seen_message_id": bodies.number,
    }
    told = bodies.read(known, needed=("resolution",))
    by = keys.actor(callers.current_key())
    _get(appeal_id)

    def act() -> Answered:
        appeal = handling.close(
            appeal_id,
            by=by,
            resolution=told["resolution"],
            topic_id=told.get("topic_id"),
            comment=told.get("comment", ""),
            seen_message_id=told.get("seen_message_id"),
        )
        db.session.flush()
        db.session.refresh(appeal)
        return describing.appeal(appeal), HTTPStatus.OK

    return _once(act)


def _once(act: Callable[[], Answered]) -> Answered:
    asked = f"{request.method} {request.path}\n".encode() + request.get_data()
    return repeating.once(callers.current_key(), request.headers.get("Idempotency-Key"), asked, act)


def _get(appeal_id: int) -> Appeal:
    if appeal_id > LARGEST_ID:
        raise NotFound
    found: Appeal | None = db.session.scalars(_visible().where(Appeal.id == appeal_id).options(*_SHOWN)).one_or_none()
    if found is None:
        raise NotFound
    return found


def _visible() -> Select[Any]:
    wanted: Select[Any] = db.select(Appeal)
    only = callers.only_account()
    return wanted if only is None else wanted.where(Appeal.channel_account_id == only)


def _narrowed(wanted: Select[Any]) -> Select[Any]:
    asked = request.args
    if asked.get("status"):
        if asked["status"] not in set(Status):
            raise schema.BadBody({"status": gettext(NO_SUCH_STATUS).format(kinds=", ".join(Status))})
        wanted = wanted.where(Appeal.status == asked["status"])
    if asked.get("channel"):
        wanted = wanted.join(ChannelAccount, ChannelAccount.id == Appeal.channel_account_id)
        wanted = wanted.where(ChannelAccount.code == asked["channel"])
    if asked.get("queue"):
        wanted = wanted.join(Queue, Queue.id == Appeal.queue_id).where(Queue.code == asked["queue"])
    for name, column in (("number", Appeal.number), ("conversation_id", Appeal.conversation)):
        if asked.get(name):
            wanted = wanted.where(column == asked[name].replace("\0", ""))
    client_id = bodies.asked_number("client_id")
    return wanted if client_id is None else wanted.where(Appeal.client_id == client_id)
