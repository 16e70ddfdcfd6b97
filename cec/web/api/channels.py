"""Messages into a generic channel: POST /api/v1/channels/<code>/messages, and what became of one (SPEC 1C; CORE 8)."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, request

from cec.appeals import lifecycle, ratings, threading
from cec.appeals.models import Appeal, Message, Status
from cec.channels import receiving, webhooks
from cec.channels.api import adapting, schema
from cec.channels.models import ChannelAccount, Inbound, InboundState
from cec.clients import opting_out
from cec.integrations import describing
from cec.integrations.models import Scope
from cec.platform import signatures
from cec.platform.db import db
from cec.platform.errors import NotFound, Refusal
from cec.web.api import bodies, callers
from cec.web.guards import allow

bp = Blueprint("api_channels", __name__, url_prefix="/api/v1/channels")

CHANNEL = "api"
# How an account treats messages to a conversation whose appeal is closed.
REFUSE = "refuse"
_RATING = {"appeal_id": bodies.number, "mark": bodies.number, "comment": schema.text(ratings.LONGEST_COMMENT)}
_STATES = {
    InboundState.NEW: "accepted",
    InboundState.DONE: "taken",
    InboundState.QUARANTINED: "quarantined",
    InboundState.DISCARDED: "discarded",
    InboundState.IGNORED: "ignored",
}


class ConversationClosed(Refusal):
    """This conversation is closed: begin another one."""


@bp.post("/<code>/messages")
@allow.programs
def take(code: str) -> tuple[dict[str, Any], int]:
    """Take in a message: checked at once, understood by the worker; a repeat is answered the same."""
    body, signature = request.get_data(), _signature()
    name = adapting.event_id({}, body)

    def prove(account: ChannelAccount) -> None:
        _must_be_let_in(account, signature, body)
        _check(account, name, body)

    line = adapting.line(body)
    account, number, is_new = webhooks.keep(code, prove, name, body, {"content-type": "application/json"}, line)
    return _answer(account, number), HTTPStatus.ACCEPTED if is_new else HTTPStatus.OK


def _check(account: ChannelAccount, name: str, body: bytes) -> None:
    """Refuse what is no message, and what belongs to a conversation that is over.

    :raises BadBody, ConversationClosed: and nothing is stored.
    """
    told = schema.message(body)
    conversation = told.get("conversation_id")
    # That he does not want to be written to is heard in any conversation; it opens none.
    says_no_more = opting_out.says(str(told.get("text") or "").strip())
    if conversation and account.config.get("closed") == REFUSE and not says_no_more:
        _must_be_open(account, name, conversation)


@bp.get("/<code>/messages/in-<int:number>")
@allow.programs
def show(code: str, number: int) -> dict[str, Any]:
    """Tell what became of a message: the appeal that it opened or continued, or why it could not be read."""
    signature = _signature()
    account = webhooks.account(code)
    _must_be_let_in(account, signature, b"")
    inbound = db.session.get(Inbound, number)
    if inbound is None or inbound.channel_account_id != account.id:
        raise NotFound
    message = db.session.scalars(db.select(Message).where(Message.inbound_id == inbound.id).limit(1)).first()
    appeal = message.appeal if message else None
    return {
        **_answer(account, inbound.id),
        "state": _STATES[InboundState(inbound.state)],
        "reason": inbound.reason,
        "received_at": describing.moment(inbound.received_at),
        "message": {"id": message.id} if message else None,
        "appeal": {"id": appeal.id, "number": appeal.number, "status": appeal.status} if appeal else None,
    }


@bp.post("/<code>/ratings")
@allow.programs
def rate(code: str) -> dict[str, Any]:
    """Keep the mark that a client gave in the program; given again, the latest one counts."""
    body, signature = request.get_data(), _signature()
    account = webhooks.account(code)
    _must_be_let_in(account, signature, body)
    told = bodies.read(_RATING, needed=("appeal_id", "mark"))
    appeal = db.session.get(Appeal, told["appeal_id"])
    if appeal is None or appeal.channel_account_id != account.id:
        raise NotFound
    given = ratings.give(lifecycle.lock(appeal.id), told)
    db.session.flush()
    return describing.rating(given)


def _signature() -> str | None:
    """Give the signature of the request; who does not sign is let in by his key, before anything else is looked at."""
    signature = request.headers.get(signatures.HEADER)
    if not signature:
        callers.let_in(Scope.SEND_MESSAGES)
    return signature


def _must_be_let_in(account: ChannelAccount, signature: str | None, body: bytes) -> None:
    """Refuse who has no key for this channel and has not signed with its secret.

    :raises UnknownAccount, OtherChannel, NotVerified: and nothing is stored.
    """
    if account.channel != CHANNEL:
        raise webhooks.UnknownAccount(code=account.code)
    if not signature:
        callers.must_be_for(account)
    elif not adapting.verify(account, {signatures.HEADER: signature}, body):
        raise webhooks.NotVerified


def _must_be_open(account: ChannelAccount, name: str, conversation: str) -> None:
    """Refuse a new message to a closed conversation; a repeat of an old one is answered as it was."""
    appeal = threading.find_conversation(account, conversation)
    if appeal is not None and appeal.status == Status.CLOSED and receiving.find(account, name) is None:
        raise ConversationClosed


def _answer(account: ChannelAccount, number: int) -> dict[str, Any]:
    return {"message_id": f"in-{number}", "status_url": f"{bp.url_prefix}/{account.code}/messages/in-{number}"}
