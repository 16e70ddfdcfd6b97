"""An automatic answer is tried out: sent as a letter to an address that an administrator types (guide 5.6).

It belongs to no appeal. The mail says in its subject that it is a test and in its headers that a machine wrote it.
"""

import datetime as dt
import secrets
from collections.abc import Mapping

from cec.channels import accounts
from cec.channels import channel as channels
from cec.channels.channel import Outbound, Outcome, Sent
from cec.channels.email import threading
from cec.channels.models import ChannelAccount
from cec.clients.models import Address
from cec.platform import clock, journal
from cec.platform.db import db
from cec.platform.errors import Invalid, Refusal
from cec.platform.i18n import gettext
from cec.replies import auto_replies, filling_in
from cec.replies.models import AutoReply

# So many tests of an answer go out within so long.
MOST, WITHIN = 5, dt.timedelta(minutes=10)


class NotAnAddress(Invalid):
    """This is not an e-mail address: one looks like name@example.org."""

    field = "to"


class OurMailbox(Invalid):
    """This is a mailbox of the centre, which is never answered by machine: write another address."""

    field = "to"


class Unreachable(Invalid):
    """Nothing arrives at this address: write another one."""

    field = "to"


class NoSuchMailbox(Invalid):
    """Choose a mailbox from the list."""

    field = "account_id"


class TestedEnough(Refusal):
    """Five tests of an answer go out within ten minutes: wait a little."""


def prepare(reply: AutoReply, to: str, account_id: int, sample: Mapping[str, str]) -> tuple[ChannelAccount, Outbound]:
    """Make the letter: the saved words, filled in with a sample.

    :raises Invalid: at the field that is wrong.
    :raises TestedEnough: when it went out often enough just now.
    """
    to = to.strip()
    account = next((each for each in accounts.list_active("email") if each.id == account_id), None)
    if account is None:
        raise NoSuchMailbox
    if not accounts.is_address(to):
        raise NotAnAddress
    if accounts.find_email(to) is not None:
        raise OurMailbox
    dead = db.select(Address.id).where(
        Address.type == "email", Address.normalised == to.casefold(), ~Address.can_receive
    )
    if db.session.scalar(dead):
        raise Unreachable
    lately = journal.history(reply.key, names=[auto_replies.TESTED], limit=MOST)
    if len(lately) == MOST and lately[0].at > clock.now() - WITHIN:
        raise TestedEnough
    filled = filling_in.fill(reply.text, sample, auto_replies.PLACEHOLDERS)
    subject = gettext("Test: the automatic answer “{name}”").format(name=reply.name)
    message_id = threading.trial_id(account.address, secrets.token_hex(12))
    return account, Outbound(message_id=message_id, to=[to], subject=subject, text=filled.text, auto=True)


def send(account: ChannelAccount, letter: Outbound) -> Outcome:
    """Send the letter as every letter is sent; outside any transaction, it may take a minute."""
    return channels.get(account.channel).send(account, letter)


def note(reply: AutoReply, letter: Outbound, outcome: Outcome, *, by: str) -> None:
    """Write down who sent a test where, and what became of it; of the address only what its owner knows it by."""
    because = {} if isinstance(outcome, Sent) else {"because": outcome.reason}
    journal.record("auto_reply.tested", reply.key, by=by, to=_shortened(letter.to[0]), called=reply.name, **because)


def _shortened(address: str) -> str:
    """Leave of an address what says nothing of a stranger: v…@example.org."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"
