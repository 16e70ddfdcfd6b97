"""What providers tell of our messages: arrived, read, not delivered; a state only ever moves forward (SPEC 1C).

Receipts come late and out of order: "delivered" after "read" says nothing new, and nothing that arrived fails later.
"""

from cec.appeals import amending
from cec.appeals.models import Direction, Message, MessageState
from cec.channels.channel import InboundEvent
from cec.channels.models import ChannelAccount
from cec.platform import clock, journal, live
from cec.platform.i18n import mark

PROVIDER_FAILED = mark("The provider could not deliver it")
# How far a message has come; what is unknown or failed may still turn out to have arrived.
STEPS = {
    MessageState.QUEUED: 0,
    MessageState.SENDING: 1,
    MessageState.FAILED: 2,
    MessageState.UNKNOWN: 2,
    MessageState.SENT: 3,
    MessageState.DELIVERED: 4,
    MessageState.READ: 5,
}
_TOLD = {"sent": MessageState.SENT, "delivered": MessageState.DELIVERED, "read": MessageState.READ}


def take(account: ChannelAccount, event: InboundEvent) -> bool:
    """Note what became of a message of ours; gives whether that was news.

    :raises NotYetHere: when no message of ours has this name, perhaps not yet.
    """
    message = amending.find(account, event.concerns, Direction.OUT)
    if event.state == MessageState.FAILED:
        return _fail(message, event.reason)
    state = _TOLD.get(event.state)
    return state is not None and advance(message, state)


def advance(message: Message, state: MessageState) -> bool:
    """Move a message forward, never back; its appeal is locked."""
    if STEPS.get(MessageState(message.state), len(STEPS)) >= STEPS[state]:
        return False
    now = clock.now()
    message.state, message.error, message.leased_until = state, None, None
    message.sent_at = message.sent_at or now
    if state in {MessageState.DELIVERED, MessageState.READ}:
        message.delivered_at = message.delivered_at or now
    if state is MessageState.READ:
        message.read_at = now
    _tell(message, f"message.{state.value}")
    return True


def _fail(message: Message, reason: str) -> bool:
    """Note that a message which the provider had taken did not arrive; one that did is left alone."""
    if message.state not in {MessageState.SENT, MessageState.UNKNOWN}:
        return False
    message.state, message.error = MessageState.FAILED, PROVIDER_FAILED
    message.undelivered = {message.recipient: {"reason": reason[:500], "final": True}}
    _tell(message, "message.failed")
    return True


def _tell(message: Message, fact: str) -> None:
    appeal = message.appeal
    journal.record(fact, appeal.key, by="system", message_id=message.id, error=message.error)
    if appeal.operator_id:
        live.announce("worklist", f"employee:{appeal.operator_id}")
