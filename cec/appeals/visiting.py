"""Visitors of a web chat come and go: what their widgets report, and who left before anybody answered (SPEC 1C)."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import text

from cec.appeals import chatting, lifecycle, ratings, receipts
from cec.appeals.models import Appeal, Message, MessageState, Rating
from cec.appeals.opening import Opened
from cec.channels.models import ChannelAccount, Visitor
from cec.channels.webchat.tokens import Guest
from cec.platform import clock, journal, live
from cec.platform.db import db
from cec.platform.journal import Entry

LEFT, ABANDONED, RETURNED = "client.left", "appeal.abandoned", "client.returned"
WRITING = "client.writing"


# What is out and not yet as far as the widget says; few rows, found by the appeals of one address.
_BEHIND = text("""
    SELECT m.id, m.appeal_id FROM address d
    JOIN LATERAL (
        SELECT id FROM appeal WHERE address_id = d.id AND channel_account_id = :account
        UNION SELECT appeal_id FROM appeal_way WHERE address_id = d.id AND channel_account_id = :account) a ON true
    JOIN message m ON m.appeal_id = a.id AND m.direction = 'out' AND m.channel_account_id = :account
         AND m.address_id = d.id
    WHERE d.type = 'webchat' AND d.normalised = :address
      AND (m.state = 'sent' AND m.id <= :got OR m.state IN ('sent', 'delivered') AND m.id <= :read)
    ORDER BY m.appeal_id, m.id""")


def acknowledge(account: ChannelAccount, guest: Guest, *, got: int, read: int) -> int:
    """Note how far a widget has got and shown our answers; states only move forward. Gives how many moved."""
    asked = {"account": account.id, "address": guest.address, "got": max(got, read), "read": read}
    behind = db.session.execute(_BEHIND, asked).all()
    for message_id, appeal_id in behind:
        lifecycle.lock(appeal_id)
        message = db.session.get_one(Message, message_id, with_for_update={"of": Message}, populate_existing=True)
        receipts.advance(message, MessageState.READ if message_id <= read else MessageState.DELIVERED)
    return len(behind)


def write(account: ChannelAccount, guest: Guest) -> None:
    """Show for a moment that a visitor is writing; kept nowhere."""
    appeal = chatting.find_latest(account, guest.address)
    if appeal is not None and appeal.operator_id and appeal.closed_at is None:
        live.announce(WRITING, appeal.key)


def come_back(account: ChannelAccount, guest: Guest) -> None:
    """Note that a visitor who had been taken for gone is here again."""
    appeal = chatting.find_latest(account, guest.address)
    appeal = lifecycle.lock(appeal.id) if appeal is not None else None
    left = db.select(Visitor).where(Visitor.channel_account_id == account.id, Visitor.key == guest.key)
    visitor = db.session.scalars(left.with_for_update()).one()
    if visitor.left_at is None:
        return
    visitor.left_at = None
    if appeal is not None and appeal.closed_at is None:
        _record(RETURNED, appeal)


_GONE = text("""
    SELECT v.id FROM visitor v WHERE v.left_at IS NULL AND v.seen_at < :before
    ORDER BY v.seen_at LIMIT 200 FOR UPDATE SKIP LOCKED""")


def find_gone(after: dt.timedelta) -> int:
    """Note of visitors who were not heard of for so long that they have left; gives how many.

    Who leaves before the first answer has abandoned his appeal. Another device of the same person keeps him here.
    """
    gone = list(db.session.scalars(_GONE, {"before": clock.now() - after}))
    for visitor_id in gone:
        visitor = db.session.get_one(Visitor, visitor_id)
        visitor.left_at = clock.now()
        db.session.flush()
        appeal = chatting.find_latest(visitor.account, visitor.address)
        if appeal is not None and appeal.closed_at is None and not _is_elsewhere(visitor):
            # Read as it is without its lock: nothing of it is changed here.
            _record(LEFT if appeal.first_reply_at else ABANDONED, appeal)
    return len(gone)


def is_gone(appeal: Opened, entries: Iterable[Entry]) -> bool:
    """Tell by what happened to an open appeal whether its client has left the site."""
    told = [entry.name for entry in entries if entry.name in {LEFT, ABANDONED, RETURNED}]
    return appeal.closed_at is None and bool(told) and told[-1] != RETURNED


def _is_elsewhere(visitor: Visitor) -> bool:
    if visitor.person is None:
        return False
    others = db.select(Visitor.id).where(
        Visitor.channel_account_id == visitor.channel_account_id,
        Visitor.person == visitor.person,
        Visitor.left_at.is_(None),
    )
    return db.session.scalar(db.select(others.exists())) or False


def _record(name: str, appeal: Appeal) -> None:
    journal.record(name, appeal.key, by=f"client:{appeal.client_id or 0}")
    if appeal.operator_id:
        live.announce("worklist", f"employee:{appeal.operator_id}")


def rate(account: ChannelAccount, guest: Guest, said: Mapping[str, Any]) -> Rating:
    """Keep the mark that a visitor gives his last appeal by a button.

    :raises NotAMark, NothingToRate: when it is none, or nothing of his can be rated now.
    """
    found = chatting.find_latest(account, guest.address)
    return ratings.give(lifecycle.lock(found.id) if found is not None else None, said)
