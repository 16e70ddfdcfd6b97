"""Ways to a client: by which account of ours at which address an appeal goes on (guide 3.2.4, change of channel).

The appeal stays the same; each message carries its own way. Without another choice an answer takes the way of the last
word, so that a client who goes from the chat to mail and back is answered where he is.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import insert

from cec.appeals import carrying
from cec.appeals.models import Appeal, AppealWay, Direction, Message, MessageState
from cec.channels import accounts
from cec.channels import channel as channels
from cec.channels.channel import Capabilities
from cec.channels.models import ChannelAccount
from cec.clients import addresses
from cec.clients.models import Address
from cec.platform import clock, journal
from cec.platform.db import PLANNED_ONCE, db
from cec.platform.errors import Invalid

CHANGED = "appeal.channel_changed"
MAIL = "email"
# How forms name the way by which an appeal began.
OWN = "own"


class NotAWay(Invalid):
    """The client cannot be written to there any more: choose another way."""

    field = "text"


class NotAnAddress(Invalid):
    """This is not an e-mail address: one looks like name@example.org."""

    field = "email"


class NoMailbox(Invalid):
    """This centre has no mailbox from which a letter could go out."""

    field = "email"


class Way(NamedTuple):
    """An account of ours and an address of the client."""

    account: ChannelAccount
    address_id: int
    address: str

    @property
    def name(self) -> str:
        """Name it as forms send it."""
        return f"{self.account.id}:{self.address_id}"

    @property
    def is_letter(self) -> bool:
        """Tell whether an answer goes out as a letter."""
        return carrying.is_letter(self.account.channel)

    def able(self) -> Capabilities:
        """Say what can be carried now."""
        return channels.get(self.account.channel).capabilities(self.account, self.address, clock.now())


def own(appeal: Appeal) -> Way:
    """Give the way by which an appeal began; a letter goes out from the mailbox of its queue, if that has one."""
    of_queue = appeal.queue.sender_account_id if appeal.queue and carrying.is_letter(appeal.channel) else None
    account = accounts.get(of_queue or appeal.channel_account_id)
    return Way(account, appeal.address_id, appeal.address.value)


def usual(appeal: Appeal) -> Way:
    """Give the way of the last word between client and centre."""
    last = db.session.execute(_LAST, {"appeal": appeal.id}).first()
    if last is None or last.channel == appeal.channel:
        return own(appeal)
    return Way(accounts.get(last.account), last.address, last.value)


_LAST = (
    db.select(
        ChannelAccount.id.label("account"),
        ChannelAccount.channel,
        Address.id.label("address"),
        Address.value,
    )
    .select_from(Message)
    .join(ChannelAccount, ChannelAccount.id == Message.channel_account_id)
    .join(Address, Address.id == Message.address_id)
    .where(
        Message.appeal_id == db.bindparam("appeal"),
        Message.direction.in_([Direction.IN, Direction.OUT]),
        Message.state != MessageState.CANCELLED,
        Message.about_id.is_(None),
        db.or_(Message.direction == Direction.IN, Message.author_id.is_not(None)),
    )
    .order_by(Message.id.desc())
    .limit(1)
    .execution_options(**PLANNED_ONCE)
)


def chosen(appeal: Appeal, name: str) -> Way:
    """Give the way that a form names; it must be one of the appeal's.

    :raises NotAWay: when it is none, or not any more.
    """
    first = own(appeal)
    if name in {OWN, first.name}:
        return first
    found = next((way for way in list_of(appeal) if way.name == name), None)
    if found is None:
        raise NotAWay
    return found


def list_of(appeal: Appeal) -> list[Way]:
    """List the ways to the client of an appeal: where he wrote from, and his other addresses that we can write to."""
    found = {appeal.address_id: own(appeal)}
    for address in _addresses(appeal):
        if address.id not in found:
            account = _account_for(address, appeal)
            if account is not None:
                found[address.id] = Way(account, address.id, address.value)
    return list(found.values())


def _addresses(appeal: Appeal) -> Iterable[Address]:
    """Read the addresses of a client and those by which this appeal has gone on."""
    said = db.select(Message.address_id).where(Message.appeal_id == appeal.id, Message.address_id.is_not(None))
    also = db.select(AppealWay.address_id).where(AppealWay.appeal_id == appeal.id)
    mine: list[ColumnElement[bool]] = [Address.id.in_(said), Address.id.in_(also)]
    if appeal.client_id:
        mine.append(Address.client_id == appeal.client_id)
    return db.session.scalars(db.select(Address).where(db.or_(*mine)).order_by(Address.id))


def told_email(appeal: Appeal) -> str:
    """Give the mail address that the client of a conversation told; empty when he told none."""
    said = db.select(Message.headers).where(
        Message.appeal_id == appeal.id, Message.direction == Direction.IN, Message.headers.has_key("meta")
    )
    return told_of(db.session.scalars(said.order_by(Message.id))).get("email", "")


def told_of(headers: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Gather how a client said that he can be reached beside his words: {"email", "phone"}, the latest of each."""
    told: dict[str, str] = {}
    for each in headers:
        meta = each.get("meta") or {}
        for name in ("email", "phone"):
            value = str(meta.get(name) or "").strip()
            if value and (name != "email" or accounts.is_address(value)):
                told[name] = value
    return told


def _account_for(address: Address, appeal: Appeal) -> ChannelAccount | None:
    """Find by which account an address is written to: the one that it was spoken with last, for letters any mailbox."""
    if address.type == MAIL:
        return mailbox_for(appeal)
    last = (
        db.select(ChannelAccount)
        .join(Appeal, Appeal.channel_account_id == ChannelAccount.id)
        .where(Appeal.address_id == address.id, ChannelAccount.is_active)
    )
    return db.session.scalars(last.order_by(Appeal.id.desc()).limit(1)).first()


def mailbox_for(appeal: Appeal) -> ChannelAccount | None:
    """Find the mailbox from which letters of an appeal go out: that of its queue, its own, else the first one."""
    of_queue = appeal.queue.sender_account if appeal.queue else None
    its_own = appeal.account if appeal.channel == MAIL else None
    return of_queue or its_own or next(iter(accounts.list_active(MAIL)), None)


def by_mail(appeal: Appeal, email: str) -> Way:
    """Give the way to a mail address that was typed.

    :raises Invalid: when it is none, or there is no mailbox.
    """
    email = email.strip()
    if not accounts.is_address(email):
        raise NotAnAddress
    account = mailbox_for(appeal)
    if account is None:
        raise NoMailbox
    known = addresses.remember(MAIL, email)
    add(appeal, known.id, account)
    return Way(account, known.id, email)


def add(appeal: Appeal, address_id: int, account: ChannelAccount) -> None:
    """Remember that an appeal goes on by a way too: what comes in there joins it."""
    if address_id == appeal.address_id and account.channel == appeal.channel:
        return
    row = {
        "appeal_id": appeal.id,
        "address_id": address_id,
        "channel_account_id": account.id,
        "since": clock.now(),
    }
    db.session.execute(insert(AppealWay).values(**row).on_conflict_do_nothing())
    appeal.has_ways = True


def note_change(appeal: Appeal, before: Way, now: Way, *, by: str) -> None:
    """Tell that the conversation goes on in another channel, if it does."""
    if before.account.channel != now.account.channel:
        facts = {"from": before.account.channel, "into": now.account.channel}
        journal.record(CHANGED, appeal.key, by=by, **facts)


def get(account_id: int, address_id: int) -> Way:
    """Give a way by its numbers."""
    address = db.session.get_one(Address, address_id)
    return Way(accounts.get(account_id), address.id, address.value)
