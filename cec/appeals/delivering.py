"""Outgoing messages on their way: queued, sent, failed, tried again; nothing is sent inside a transaction.

A message is its own outbox row. It is claimed (and that stands) before it is sent, so a crash in between leaves it
`unknown`: a person decides, it is never sent twice by itself (QUALITY R9, R10).
"""

import datetime as dt
import logging

from sqlalchemy import text

from cec.appeals import carrying, conversation, letters, lifecycle, recipients, returning
from cec.appeals.models import Appeal, Attachment, Direction, Message, MessageState
from cec.channels import channel as channels
from cec.channels.channel import Outbound, Outcome, OutgoingFile, Refused, Sent, Unknown
from cec.channels.email import threading as signatures
from cec.channels.models import ChannelAccount
from cec.platform import clock, journal, live, storage
from cec.platform.db import PLANNED_ONCE, db, unit_of_work
from cec.platform.i18n import mark

log = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=5)
GIVE_UP_AFTER = dt.timedelta(hours=24)
LONGEST_PAUSE = dt.timedelta(hours=1)
# How many messages of one account may be under way at once, if it does not say otherwise.
AT_ONCE = 2
# The longest rest of an account whose server is away or does not let it in: every message would wait for it anew.
LONGEST_REST = dt.timedelta(minutes=1)
LOST = mark("The centre stopped while this message was being sent.")
BROKEN = mark("The message could not be prepared.")

# In order per address: an earlier message on its way holds up the later ones to the same address, and nothing else. An
# account has limits of its own: so many at once, so long between two, nothing at all for a while if its server said so.
_CLAIM = text("""
    WITH next AS (
        SELECT m.id, c.id AS account, CAST(c.config ->> 'per_minute' AS float8) AS pace
        FROM message m JOIN channel_account c ON c.id = m.channel_account_id
        WHERE m.state = 'queued' AND m.due_at <= :now AND (c.out_after IS NULL OR c.out_after <= :now)
          AND NOT EXISTS (SELECT 1 FROM message e WHERE e.address_id = m.address_id AND e.id < m.id
                          AND e.state IN ('queued', 'sending'))
          AND (SELECT count(*) FROM message s WHERE s.state = 'sending' AND s.channel_account_id = c.id)
               < coalesce(CAST(c.config ->> 'at_once' AS int), :at_once)
        ORDER BY m.due_at, m.id LIMIT 1 FOR NO KEY UPDATE OF m SKIP LOCKED),
    paced AS (
        UPDATE channel_account c SET out_after = CAST(:now AS timestamptz) + make_interval(secs => 60 / next.pace)
        FROM next WHERE c.id = next.account AND next.pace > 0 AND (c.out_after IS NULL OR c.out_after <= :now)
        RETURNING c.id)
    UPDATE message SET state = 'sending', leased_until = :until, attempts = attempts + 1
    WHERE id IN (SELECT id FROM next WHERE pace IS NULL OR EXISTS (SELECT 1 FROM paced))
    RETURNING id""").execution_options(**PLANNED_ONCE)


def deliver_due(*, batch: int = 20) -> int:
    """Send what is due, one after the other: of a worker that dies only the ones it was sending are in doubt.

    Several of these run beside each other, so that a server which keeps silent holds up its own account only.
    """
    for done in range(batch):
        message_id = _claim()
        if message_id is None:
            return done
        outcome = _send(message_id)
        with unit_of_work():
            settle(message_id, outcome)
    return batch


def _claim() -> int | None:
    now = clock.now()
    with unit_of_work():
        facts = {"now": now, "until": now + LEASE, "at_once": AT_ONCE}
        claimed: int | None = db.session.scalar(_CLAIM, facts)
    return claimed


def settle_lost() -> int:
    """Mark as unknown what somebody began to send and never finished."""
    with unit_of_work():
        lost = db.session.scalars(
            db.select(Message.id).where(Message.state == MessageState.SENDING, Message.leased_until < clock.now())
        ).all()
        for message_id in lost:
            settle(message_id, Unknown(LOST))
    return len(lost)


def count_waiting() -> dict[int, int]:
    """Count the messages on their way out, by account."""
    waiting = db.select(Message.channel_account_id, db.func.count()).where(text("state IN ('queued','sending')"))
    counted = db.session.execute(waiting.group_by(Message.channel_account_id)).all()
    return {int(account): int(count) for account, count in counted}


def _send(message_id: int) -> Outcome:
    """Build and send outside any transaction: reading ends before the network begins."""
    try:
        with unit_of_work():
            message = db.session.get_one(Message, message_id)
            account, outbound = message.account, _outbound(message)
        return channels.get(account.channel).send(account, outbound)
    except Exception:
        log.exception("message %s could not be sent", message_id)
        return Refused(BROKEN, retryable=False)


def _outbound(message: Message) -> Outbound:
    appeal = lifecycle.get(message.appeal_id)
    return _letter(message, appeal) if carrying.is_letter(message.account.channel) else _words(message, appeal)


def _words(message: Message, appeal: Appeal) -> Outbound:
    """Build what goes out where there are no letters: the words and the files alone."""
    return Outbound(
        message_id=str(message.id),
        to=[message.recipient],
        text=message.text,
        html=message.html,
        in_reply_to=_last_incoming(message, appeal),
        sender_name=letters.sender_name(appeal, message.author),
        files=[_file(attachment) for attachment in message.attachments],
        conversation=(appeal.conversation or "") if message.channel_account_id == appeal.channel_account_id else "",
    )


def _last_incoming(message: Message, appeal: Appeal) -> str | None:
    last = recipients.last_incoming(appeal, message.account.channel)
    return last.provider_event_id if last else None


def _letter(message: Message, appeal: Appeal) -> Outbound:
    known = _answered(message)
    text, html = letters.bodies(message, appeal)
    wanted = recipients.of(message.headers)
    return Outbound(
        message_id=signatures.message_id(message.id, appeal.id, message.account.address),
        to=wanted.to or [message.recipient],
        cc=wanted.cc,
        bcc=wanted.bcc,
        only_to=_late(message) if message.sent_at else [],
        subject=message.subject or conversation.reply_subject(appeal),
        text=text,
        html=html,
        in_reply_to=known[-1] if known else None,
        references=known,
        sender_name=letters.sender_name(appeal, message.author),
        files=[_file(attachment) for attachment in message.attachments],
        auto=message.author_id is None,
    )


def _answered(message: Message) -> list[str]:
    """List the letters that came before; one beside a chat answers no message of the chat."""
    incoming = db.select(Message.provider_event_id).where(
        Message.appeal_id == message.appeal_id,
        Message.direction == Direction.IN,
        Message.about_id.is_(None),
        Message.account.has(ChannelAccount.channel == message.account.channel),
    )
    return [event_id for event_id in db.session.scalars(incoming.order_by(Message.id)) if event_id]


def _file(attachment: Attachment) -> OutgoingFile:
    return OutgoingFile(
        name=attachment.name,
        type=attachment.type,
        content=storage.get(attachment.sha256),
        content_id=attachment.content_id,
    )


def settle(message_id: int, outcome: Outcome) -> None:
    """Write down what became of a message."""
    appeal_id = db.session.scalar(db.select(Message.appeal_id).where(Message.id == message_id))
    undelivered = [] if isinstance(outcome, Unknown) else outcome.undelivered
    account = db.session.get_one(Message, message_id).account
    returning.mark_addresses(undelivered, "email" if carrying.is_letter(account.channel) else account.channel)
    appeal = lifecycle.lock(appeal_id or 0)
    message = db.session.get_one(Message, message_id, with_for_update={"of": Message}, populate_existing=True)
    if message.state != MessageState.SENDING:
        return
    message.leased_until = None
    returning.note(message, undelivered)
    if isinstance(outcome, Unknown):
        message.state, message.error = MessageState.UNKNOWN, outcome.reason
        _tell(message, "message.unknown")
    elif isinstance(outcome, Sent):
        _sent(message, outcome)
    else:
        _not_sent(message, outcome)
    if appeal.operator_id:
        live.announce("worklist", f"employee:{appeal.operator_id}")


def _sent(message: Message, outcome: Sent) -> None:
    """Note that it is out; whom the server wanted to take later is tried again alone."""
    reached = set(returning.recipients(message)) - {one.address for one in outcome.undelivered}
    message.undelivered = {
        address: told for address, told in message.undelivered.items() if told["final"] or address not in reached
    }
    is_first = message.sent_at is None
    message.sent_at, message.error = message.sent_at or clock.now(), None
    message.provider_event_id = outcome.provider_message_id
    if outcome.delivered_at_once:
        message.delivered_at = clock.now()
    message.account.last_out_at, message.account.out_error = clock.now(), None
    if _late(message) and not _is_over(message):
        _try_again(message)
    else:
        _finish(message)
    if is_first:
        _tell(message, "message.sent")


def _not_sent(message: Message, outcome: Refused) -> None:
    message.error = outcome.reason
    if outcome.blames_account:
        message.account.out_error = outcome.reason
        rest = min(_pause(message), LONGEST_REST)
        message.account.out_after = clock.now() + (outcome.retry_after or rest)
    if outcome.retryable and not _is_over(message):
        _try_again(message, outcome.retry_after)
        live.announce("message.delayed", f"appeal:{message.appeal_id}")
    elif message.sent_at:
        _finish(message)
    else:
        message.state = MessageState.FAILED
        _tell(message, "message.failed")


def _late(message: Message) -> list[str]:
    return [address for address, told in message.undelivered.items() if not told["final"]]


def _is_over(message: Message) -> bool:
    return clock.now() - message.created_at >= GIVE_UP_AFTER


def _try_again(message: Message, pause: dt.timedelta | None = None) -> None:
    message.state, message.due_at = MessageState.QUEUED, clock.now() + (pause or _pause(message))


def _pause(message: Message) -> dt.timedelta:
    return min(dt.timedelta(seconds=2**message.attempts), LONGEST_PAUSE)


def _finish(message: Message) -> None:
    """Nobody is tried any more: whom it has not reached by now it will not reach."""
    message.state, message.error = MessageState.DELIVERED if message.delivered_at else MessageState.SENT, None
    message.undelivered = {address: {**told, "final": True} for address, told in message.undelivered.items()}


def _tell(message: Message, fact: str) -> None:
    journal.record(fact, f"appeal:{message.appeal_id}", by="system", message_id=message.id, error=message.error)
