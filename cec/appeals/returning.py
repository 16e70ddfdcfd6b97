"""Mail of ours that comes back: kept at the message it is about, which has failed when nobody got it (SPEC 1C e-mail).

A report is no word of the client: it opens nothing, wakes nothing and starts no clock. Only our own signature makes a
report count, so that nobody can talk an address into not receiving.
"""

from collections.abc import Iterable
from dataclasses import replace

from cec.appeals.models import Direction, Message, MessageState
from cec.channels.channel import InboundEvent, Undelivered
from cec.channels.email import threading as signatures
from cec.clients import addresses
from cec.platform import journal
from cec.platform.db import db
from cec.platform.i18n import mark

CAME_BACK = mark("It came back undelivered")
FINISHED = frozenset({MessageState.SENT, MessageState.DELIVERED, MessageState.UNKNOWN})


def find(event: InboundEvent) -> Message | None:
    """Find the message of ours that a mail is a report about, or a copy of; None when it is neither."""
    told = [event.message_id] if event.about is None else [event.about, *event.in_reply_to]
    message_id = signatures.message_of(told)
    message = db.session.get(Message, message_id) if message_id else None
    return message if message is not None and message.direction == Direction.OUT else None


def recipients(message: Message) -> list[str]:
    """List whom a message was for."""
    told = [address for name in ("to", "cc", "bcc") for address in message.headers.get(name) or []]
    return told or [message.recipient]


def attribute(message: Message, undelivered: Iterable[Undelivered]) -> list[Undelivered]:
    """Find out which recipients are meant; of one who has his mail forwarded the last server says another name."""
    known = {addresses.normalise("email", address): address for address in recipients(message)}
    told = list(undelivered)
    named = [(_first(known, one.address, one.seen_as), one) for one in told]
    meant = [replace(one, address=known[name]) for name, one in named if name is not None]
    if not meant and len(known) == len(told) == 1:
        # He has not got it, but whether his own address is good nobody has said.
        return [replace(told[0], address=next(iter(known.values())), is_hard=False)]
    return meant


def _first(known: dict[str, str], *names: str) -> str | None:
    return next((name for name in (addresses.normalise("email", one) for one in names) if name in known), None)


def mark_addresses(undelivered: Iterable[Undelivered], kind: str = "email") -> None:
    """Mark the addresses that will never receive; before the appeal is locked."""
    addresses.mark_unreachable(kind, {one.address: one.reason for one in undelivered if one.is_hard})


def note(message: Message, undelivered: Iterable[Undelivered]) -> None:
    """Note at a message whom it has not reached; what is final stays final."""
    known = dict(message.undelivered)
    for one in undelivered:
        if not known.get(one.address, {}).get("final"):
            known[one.address] = {"reason": one.reason, "final": one.is_final}
    message.undelivered = known


def has_reached_nobody(message: Message) -> bool:
    """Tell whether all recipients of a message are out of reach for good."""
    return all(message.undelivered.get(address, {}).get("final") for address in recipients(message))


def settle(message: Message, undelivered: list[Undelivered]) -> None:
    """Take a report to heart; the appeal is locked."""
    note(message, undelivered)
    if undelivered and message.state in FINISHED and has_reached_nobody(message):
        message.state, message.error = MessageState.FAILED, CAME_BACK
        journal.record(
            "message.failed", f"appeal:{message.appeal_id}", by="system", message_id=message.id, error=CAME_BACK
        )
