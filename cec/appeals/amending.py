"""What a client does to a message of his afterwards: he changes it, takes it back, puts a sign to one (SPEC 1C).

What he wrote first is never lost: an operator may have answered it already.
"""

from typing import Any

from cec.appeals import lifecycle
from cec.appeals.models import Direction, Message
from cec.channels.channel import InboundEvent, Kind
from cec.channels.models import ChannelAccount
from cec.platform import clock, journal, live
from cec.platform.db import db
from cec.platform.errors import Refusal

# Of earlier wordings so many are kept, of signs so many characters.
MOST_WORDINGS = 20
LONGEST_SIGN = 32


class NotYetHere(Refusal):
    """It is about a message that the centre does not have."""


def find(account: ChannelAccount, name: str, direction: Direction | None = None) -> Message:
    """Find the message of an account that its provider calls so, and take its appeal for this transaction.

    :raises NotYetHere: when there is none; it may still be on its way.
    """
    wanted = db.select(Message.id, Message.appeal_id).where(
        Message.channel_account_id == account.id, Message.provider_event_id == name
    )
    if direction is not None:
        wanted = wanted.where(Message.direction == direction)
    found = db.session.execute(wanted.order_by(Message.id.desc()).limit(1)).first() if name else None
    if found is None:
        raise NotYetHere
    lifecycle.lock(found.appeal_id)
    return db.session.get_one(Message, found.id, with_for_update={"of": Message}, populate_existing=True)


def amend(account: ChannelAccount, event: InboundEvent) -> Message:
    """Do to a message what its sender did; doing it again changes nothing.

    :raises NotYetHere: when the message is not here.
    """
    if event.kind is Kind.REACTION:
        return _sign(find(account, event.concerns), event)
    message = find(account, event.concerns, Direction.IN)
    if event.kind is Kind.DELETE:
        return _take_back(message)
    return _change(message, event)


def _change(message: Message, event: InboundEvent) -> Message:
    if message.text == event.text:
        return message
    was = [*message.headers.get("was", []), {"text": message.text, "until": clock.now().isoformat()}]
    _note(message, was=was[-MOST_WORDINGS:])
    message.text, message.html, message.fresh_text = event.text, event.html, event.fresh_text
    _tell(message, "message.edited")
    return message


def _take_back(message: Message) -> Message:
    if "deleted_at" not in message.headers:
        _note(message, deleted_at=clock.now().isoformat())
        _tell(message, "message.deleted")
    return message


def _sign(message: Message, event: InboundEvent) -> Message:
    """Put a sign of one person to a message; an empty one takes it away."""
    signs = {**message.headers.get("signs", {}), event.address: event.text[:LONGEST_SIGN]}
    signs = {who: sign for who, sign in signs.items() if sign}
    if signs != message.headers.get("signs", {}):
        _note(message, signs=signs)
        _tell(message, "message.reacted")
    return message


def _note(message: Message, **facts: Any) -> None:
    message.headers = {**message.headers, **facts}


def _tell(message: Message, fact: str) -> None:
    appeal = message.appeal
    journal.record(fact, appeal.key, by=f"client:{appeal.client_id or 0}", message_id=message.id)
    if appeal.operator_id:
        live.announce("worklist", f"employee:{appeal.operator_id}")
