"""Which appeal a message continues (SPEC 1C): a letter by our signed id, by known ids, by number and sender.

Never by subject alone: five clients with the subject "help" are five appeals. In channels without letters it is the
conversation that the provider names, else the sender's last appeal on this account.
"""

from typing import Any

from sqlalchemy import Select, SelectBase

from cec.appeals.models import Appeal, AppealWay, Direction, Message
from cec.channels.channel import InboundEvent
from cec.channels.email import threading as signatures
from cec.channels.models import ChannelAccount
from cec.clients.addresses import Known
from cec.platform.db import db

# What becomes of a letter of somebody who takes no part in an appeal so far: he joins it, or has one of his own.
JOIN, APART = "join", "apart"


def find_continued(event: InboundEvent, account: ChannelAccount, address: Known) -> tuple[Appeal | None, Appeal | None]:
    """Find the appeal that a message continues, and one in another mailbox that it continues there.

    A letter to two mailboxes comes in at each: one conversation a mailbox, nobody reads it twice in the same.
    """
    if event.kind_of_address != "email":
        return _of_conversation(event, account, address), None
    appeal = find_appeal(event, account, address)
    if appeal is None:
        return None, None
    if _is_kept_apart(event, account, appeal, address):
        return None, appeal
    if not _has_its_own_copy(event, account, appeal):
        return appeal, None
    here = _by_known_message(event, account)
    return (db.session.get(Appeal, here) if here else None), appeal


def _is_kept_apart(event: InboundEvent, account: ChannelAccount, appeal: Appeal, address: Known) -> bool:
    """Tell whether somebody writes who takes no part so far, in a mailbox that begins an appeal of his own for him."""
    if account.config.get("strangers") != APART or event.auto or appeal.address_id == address.id:
        return False
    headers = db.session.scalars(db.select(Message.headers).where(Message.appeal_id == appeal.id)).all()
    named = {one.lower() for told in headers for name in ("to", "cc") for one in told.get(name) or []}
    wrote = {str(told.get("from") or "").lower() for told in headers}
    return event.address.lower() not in named | wrote


def _has_its_own_copy(event: InboundEvent, account: ChannelAccount, appeal: Appeal) -> bool:
    """Tell whether the mailbox of an appeal is another one and got this letter too."""
    theirs = appeal.account.address.lower()
    return appeal.channel_account_id != account.id and any(one.lower() == theirs for one in [*event.to, *event.cc])


def find_appeal(event: InboundEvent, account: ChannelAccount, address: Known) -> Appeal | None:
    """Find the appeal that a message continues, or None when it starts one."""
    ours = [*event.in_reply_to, event.about or ""]
    appeal_id = (
        signatures.appeal_of(ours)
        or _by_known_message(event, account)
        or _by_number_and_sender(event, account, address)
    )
    return db.session.get(Appeal, appeal_id) if appeal_id else None


def find_conversation(account: ChannelAccount, conversation: str) -> Appeal | None:
    """Find the last appeal of a conversation that the provider names."""
    wanted = db.select(Appeal).where(Appeal.channel_account_id == account.id, Appeal.conversation == conversation)
    return db.session.scalars(wanted.order_by(Appeal.id.desc()).limit(1)).first()


def _of_conversation(event: InboundEvent, account: ChannelAccount, address: Known) -> Appeal | None:
    if event.conversation:
        return find_conversation(account, event.conversation) or _find_last(_gone_on(account, address))
    begun = db.select(Appeal.id).where(
        Appeal.address_id == address.id, Appeal.channel_account_id == account.id, Appeal.conversation.is_(None)
    )
    last = begun.order_by(Appeal.id.desc()).limit(1).subquery()
    return _find_last(db.union_all(db.select(last.c.id), _gone_on(account, address)))


def find_last(account: ChannelAccount, address: Known) -> Appeal | None:
    """Find the sender's last appeal on an account."""
    begun = db.select(Appeal).where(Appeal.address_id == address.id, Appeal.channel_account_id == account.id)
    return db.session.scalars(begun.order_by(Appeal.id.desc()).limit(1)).first()


def _gone_on(account: ChannelAccount, address: Known) -> Select[Any]:
    """Choose the appeals that an operator has gone on with here, wherever they began."""
    here = db.and_(AppealWay.address_id == address.id, AppealWay.channel_account_id == account.id)
    chosen: Select[Any] = db.select(AppealWay.appeal_id.label("id")).where(here)
    return chosen


def _find_last(ids: SelectBase) -> Appeal | None:
    chosen = ids.subquery()
    last = db.select(db.func.max(chosen.c.id)).scalar_subquery()
    return db.session.scalars(db.select(Appeal).where(Appeal.id == last)).one_or_none()


def _by_known_message(event: InboundEvent, account: ChannelAccount) -> int | None:
    if not event.in_reply_to:
        return None
    known: int | None = db.session.scalar(
        db.select(Message.appeal_id)
        .where(
            Message.channel_account_id == account.id,
            Message.direction == Direction.IN,
            Message.provider_event_id.in_(event.in_reply_to),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    return known


def _by_number_and_sender(event: InboundEvent, account: ChannelAccount, address: Known) -> int | None:
    number = signatures.number_in(event.subject)
    if number is None:
        return None
    known: int | None = db.session.scalar(
        db.select(Appeal.id).where(
            Appeal.number == number,
            db.or_(
                db.and_(Appeal.address_id == address.id, Appeal.channel_account_id == account.id),
                Appeal.id.in_(_gone_on(account, address)),
            ),
        )
    )
    return known
