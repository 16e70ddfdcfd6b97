"""The generic channel by the contract of channels: JSON in, its kinds of events out (SPEC 1C, generic API)."""

import base64
import binascii
import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from cec.channels import accounts
from cec.channels.api import schema
from cec.channels.channel import Capabilities, Glance, InboundEvent, IncomingFile, Kind, Unreadable
from cec.channels.email import bodies, charsets
from cec.channels.models import ChannelAccount
from cec.platform import clock, signatures, storage

LETTERS = False
SECRET = "signing"  # noqa: S105 - under this name it is kept
SENDER = "api"
# What can happen to a message afterwards, and what names the message.
_LATER = frozenset({Kind.EDIT, Kind.DELETE, Kind.REACTION, Kind.STATUS})


class NotUnderstood(Unreadable):
    """It does not have the fields that are agreed on."""


def verify(account: ChannelAccount, headers: Mapping[str, Any], body: bytes) -> bool:
    """Check X-CEC-Signature with the secret of the account."""
    signature = str(headers.get(signatures.HEADER) or "")
    return bool(signature) and signatures.fits(accounts.passwords_of(account).get(SECRET, ""), signature, body)


def event_id(_headers: Mapping[str, Any], body: bytes) -> str:
    """Name it as its sender does; what has no name is known by its bytes."""
    told = _read(body)
    name = told.get("external_id") if told.get("kind", Kind.MESSAGE) == Kind.MESSAGE else told.get("event_id")
    if isinstance(name, str) and 0 < len(name) <= schema.LONGEST_NAME:
        return charsets.legible(name)
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def line(body: bytes) -> str | None:
    """Name whose words stay in their order: those of a conversation, else of a sender; None when it names neither."""
    told = _read(body)
    sender = told.get("sender")
    named = told.get("conversation_id") or (sender.get("id") if isinstance(sender, dict) else None)
    return charsets.legible(named)[: schema.LONGEST_NAME] if isinstance(named, str) and named else None


def parse(account: ChannelAccount, _headers: Mapping[str, Any], body: bytes) -> list[InboundEvent]:
    """Understand one event, or the list under "events".

    :raises Unreadable: when it does not have the fields that are agreed on.
    """
    told = _read(body)
    several = told.get("events")
    if not isinstance(several, list):
        return [_event(account, told)]
    return [_event(account, one) for one in several if isinstance(one, dict)]


def glance(raw: bytes) -> Glance:
    """Tell who wrote what, as far as it can be told."""
    told = _read(raw)
    sender = told.get("sender") if isinstance(told.get("sender"), dict) else {}
    words = [charsets.legible(str(value or "")) for value in (_name(sender), told.get("subject"), told.get("text"))]
    beginning = words[2] if told else charsets.legible(raw[:2000].decode("utf-8", "replace"))
    return Glance(words[0][:200], words[1][:500], beginning[:2000])


def probe(account: ChannelAccount, name: str) -> tuple[dict[str, Any], bytes] | None:
    """Make a signed message of nobody; an account without a secret cannot be probed."""
    secret = accounts.passwords_of(account).get(SECRET)
    if not secret:
        return None
    body = orjson.dumps({"external_id": name, "sender": {"id": name}, "text": name})
    return {signatures.HEADER: signatures.sign(secret, body)}, body


def capabilities(account: ChannelAccount, _address: str, _now: dt.datetime) -> Capabilities:
    """Say what the sender's program takes."""
    return Capabilities(
        longest_text=int(account.config.get("longest_text") or schema.LONGEST_TEXT),
        most_files=schema.MOST_FILES,
        largest_files=storage.largest() * 3 // 4,
        tells_delivered=True,
        tells_read=True,
    )


def address_of(account: ChannelAccount, sender_id: str) -> str:
    """Name a sender: his number is known to his program alone, so that the account stands before it."""
    return f"{account.code}/{charsets.legible(sender_id)}"


def _read(body: bytes) -> dict[str, Any]:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def _event(account: ChannelAccount, told: dict[str, Any]) -> InboundEvent:
    kind = told.get("kind", Kind.MESSAGE)
    if kind == Kind.MESSAGE:
        return _message(account, told)
    if kind in _LATER:
        return _later(account, told, Kind(kind))
    if kind == Kind.TYPING:
        return InboundEvent("", _sender(account, told), kind=Kind.TYPING, kind_of_address=SENDER,
                            conversation=_text(told, "conversation_id"))  # fmt: skip
    return InboundEvent("", "", kind=Kind.OTHER, kind_of_address=SENDER)


def _message(account: ChannelAccount, told: dict[str, Any]) -> InboundEvent:
    try:
        schema.check(told)
    except schema.BadBody as bad:
        raise NotUnderstood("; ".join(f"{path}: {words}" for path, words in bad.fields().items())[:500]) from bad
    sender = told["sender"]
    beside = {name: charsets.legible(sender[name]) for name in ("phone", "email") if sender.get(name)}
    return InboundEvent(
        provider_event_id=charsets.legible(told["external_id"]),
        address=address_of(account, sender["id"]),
        profile=charsets.legible(_name(sender)),
        kind_of_address=SENDER,
        conversation=_text(told, "conversation_id"),
        subject=_text(told, "subject"),
        text=_text(told, "text").strip(),
        attachments=[_file(file) for file in told.get("attachments") or ()],
        sent_at=dt.datetime.fromisoformat(told["ts"]) if told.get("ts") else None,
        meta={**(told.get("meta") or {}), **beside},
    )


def _later(account: ChannelAccount, told: dict[str, Any], kind: Kind) -> InboundEvent:
    concerns = _text(told, "external_id") or _text(told, "message_id")
    if not concerns:
        raise NotUnderstood("external_id")
    return InboundEvent(
        provider_event_id=_text(told, "event_id"),
        address=_sender(account, told),
        kind=kind,
        kind_of_address=SENDER,
        concerns=concerns,
        state=_text(told, "state"),
        reason=_text(told, "reason"),
        text=_text(told, "text")[: schema.LONGEST_TEXT],
        sent_at=clock.now(),
    )


def _sender(account: ChannelAccount, told: dict[str, Any]) -> str:
    sender = told.get("sender")
    number = sender.get("id") if isinstance(sender, dict) else None
    return address_of(account, number[: schema.LONGEST_NAME]) if isinstance(number, str) else ""


def _name(sender: Any) -> str:
    return str(sender.get("name") or sender.get("id") or "")


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name)
    return charsets.legible(value) if isinstance(value, str) else ""


def _file(told: dict[str, Any]) -> IncomingFile:
    name = bodies.file_name(told.get("name") or (told.get("url") or "").partition("?")[0])
    kind = told.get("mime") or "application/octet-stream"
    if told.get("url"):
        return IncomingFile(name, kind, b"", url=told["url"])
    try:
        return IncomingFile(name, kind, base64.b64decode(told["base64"], validate=True))
    except binascii.Error as error:
        raise NotUnderstood("base64") from error
