"""The conversation of a web chat by mail, to its visitor: a letter beside the chat, kept with the appeal."""

import datetime as dt

from cec.appeals import chatting
from cec.appeals.chatting import Talk
from cec.appeals.models import Appeal, Direction, Message, MessageState
from cec.channels import accounts
from cec.channels.models import ChannelAccount
from cec.channels.webchat.tokens import Guest
from cec.platform import clock, i18n, journal, live
from cec.platform.db import db
from cec.platform.errors import Invalid, Refusal
from cec.platform.i18n import gettext

# So many letters of one conversation go out, the next one after a while.
MOST = 3
PAUSE = dt.timedelta(minutes=1)


class WrongAddress(Invalid):
    """This does not look like an e-mail address: one looks like name@example.org."""

    field = "email"


class NothingToSend(Refusal):
    """Once somebody has answered you, the conversation can be sent."""


class NoMailbox(Refusal):
    """The conversation cannot be sent by mail here."""


class SentAlready(Refusal):
    """The conversation was sent already: look into your mailbox."""


def send(account: ChannelAccount, guest: Guest, email: str) -> Message:
    """Queue a letter with the conversation; only of one that a person has answered, so that no stranger is written to.

    :raises Refusal: when there is nothing to send, nothing to send it with, or it went out already.
    """
    email = email.strip()
    if not accounts.is_address(email):
        raise WrongAddress
    appeal = chatting.find_latest(account, guest.address)
    if appeal is None or appeal.first_reply_at is None:
        raise NothingToSend
    mailbox = _mailbox(appeal)
    _must_not_repeat(appeal)
    heading = gettext("Your conversation “{title}”, {number}").format(title=account.name, number=appeal.number)
    message = Message(
        appeal_id=appeal.id,
        direction=Direction.OUT,
        state=MessageState.QUEUED,
        channel_account_id=mailbox.id,
        subject=heading,
        text=f"{heading}\n\n{_written(chatting.read(account, guest.address))}",
        fresh_text=f"{heading}: {email}",
        headers={"to": [email], "cc": [], "bcc": [], "transcript": True},
        due_at=clock.now(),
    )
    db.session.add(message)
    db.session.flush()
    journal.record("message.queued", appeal.key, by=f"client:{appeal.client_id or 0}", message_id=message.id)
    live.wake("delivery")
    return message


def _written(talk: Talk) -> str:
    """Write a conversation down, as its visitor saw it."""
    lines = []
    for line in talk.lines:
        who = gettext("You") if line.mine else line.author or gettext("Operator")
        files = "".join(f"\n[{file.name}]" for file in line.files)
        lines.append(f"{i18n.long_day(line.at)}, {i18n.time(line.at)}, {who}:\n{line.text}{files}")
    return "\n\n".join(lines)


def _mailbox(appeal: Appeal) -> ChannelAccount:
    own = appeal.queue.sender_account if appeal.queue else None
    mailbox = own or next(iter(accounts.list_active("email")), None)
    if mailbox is None:
        raise NoMailbox
    return mailbox


def _must_not_repeat(appeal: Appeal) -> None:
    earlier = db.select(Message.created_at).where(
        Message.appeal_id == appeal.id,
        Message.direction == Direction.OUT,
        Message.headers["transcript"].as_boolean(),
    )
    sent = list(db.session.scalars(earlier))
    if len(sent) >= MOST or any(clock.now() - at < PAUSE for at in sent):
        raise SentAlready
