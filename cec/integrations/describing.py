"""How appeals, messages and clients are described to programs: the same in answers and in events."""

import datetime as dt
from typing import Any

from cec.appeals import ratings
from cec.appeals.models import Appeal, Attachment, Direction, Message, Rating
from cec.clients.models import Client
from cec.platform.db import db


def moment(at: dt.datetime | None) -> str | None:
    """Write a moment: RFC 3339, UTC."""
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def event(appeal_id: int, at: dt.datetime) -> dict[str, Any]:
    """Begin an event: when it happened, to which appeal."""
    appeal = db.session.get_one(Appeal, appeal_id)
    named = {"id": appeal.id, "number": appeal.number, "status": appeal.status}
    return {
        "at": moment(at),
        "appeal": {**named, "channel": appeal.account.code, "conversation_id": appeal.conversation},
    }


def appeal(of: Appeal) -> dict[str, Any]:
    """Describe an appeal."""
    return {
        "id": of.id,
        "number": of.number,
        "direction": of.direction,
        "status": of.status,
        "version": of.version,
        "channel": of.account.code,
        "conversation_id": of.conversation,
        "subject": of.subject,
        "queue": of.queue.code if of.queue else None,
        "operator": {"id": of.operator.id, "name": of.operator.name} if of.operator else None,
        "client_id": of.client_id,
        "address": {"type": of.address.type, "value": of.address.value, "name": of.address.display},
        "topic": {"id": of.topic.id, "name": of.topic.path} if of.topic else None,
        "resolution": of.resolution.code if of.resolution else None,
        "points": of.points,
        "rating": of.mark,
        "created_at": moment(of.created_at),
        "first_reply_at": moment(of.first_reply_at),
        "due_response": moment(of.due_response),
        "closed_at": moment(of.closed_at),
        "last_message_id": of.last_message_id,
    }


def message(of: Message) -> dict[str, Any]:
    """Describe a message between client and centre."""
    return {
        "id": of.id,
        "appeal_id": of.appeal_id,
        "direction": of.direction,
        "state": of.state,
        "external_id": of.provider_event_id,
        "author": of.author.name if of.author else None,
        "automatic": of.direction == Direction.OUT and of.author_id is None,
        "subject": of.subject,
        "text": of.text,
        "attachments": [_file(attachment) for attachment in of.attachments],
        "created_at": moment(of.created_at),
        "sent_at": moment(of.sent_at),
        "delivered_at": moment(of.delivered_at),
        "read_at": moment(of.read_at),
        "error": of.error,
    }


def message_of(message_id: int) -> dict[str, Any] | None:
    """Describe a message by its number, if it is there."""
    found = db.session.get(Message, message_id)
    return message(found) if found else None


def client(of: Client) -> dict[str, Any]:
    """Describe a client with his addresses."""
    return {
        "id": of.id,
        "name": of.name,
        "segment": of.segment,
        "created_at": moment(of.created_at),
        "addresses": [
            {"type": each.type, "value": each.value, "can_receive": each.can_receive} for each in of.addresses
        ],
    }


def closing(appeal_id: int, facts: dict[str, Any]) -> dict[str, Any]:
    """Describe how an appeal was closed, from the fact of its closing."""
    found = db.session.get_one(Appeal, appeal_id)
    return {
        "kind": facts.get("kind"),
        "resolution": found.resolution.code if found.resolution else None,
        "topic": found.topic.path if found.topic else None,
        "comment": facts.get("comment") or "",
        "closed_at": moment(found.closed_at),
    }


def rating_asked(appeal_id: int, at: dt.datetime, facts: dict[str, Any]) -> dict[str, Any] | None:
    """Say until when the client may give a mark, from the fact of a closing; nothing if nobody had answered him."""
    if facts.get("kind") != "resolved" or db.session.get_one(Appeal, appeal_id).first_reply_at is None:
        return None
    return {"lowest": ratings.LOWEST, "highest": ratings.HIGHEST, "until": moment(at + ratings.WITHIN)}


def rating(of: Rating) -> dict[str, Any]:
    """Describe a mark that a client gave."""
    return {"appeal_id": of.appeal_id, "mark": of.mark, "comment": of.comment, "given_at": moment(of.given_at)}


def _file(attachment: Attachment) -> dict[str, Any]:
    return {
        "id": attachment.id,
        "name": attachment.name,
        "mime": attachment.type,
        "size": attachment.size,
        "sha256": attachment.sha256,
        "url": f"/api/v1/attachments/{attachment.id}",
    }
