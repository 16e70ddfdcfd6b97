"""Test the connection of a mailbox: sign in to its servers and send a mail to the mailbox itself, step by step."""

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cec.channels import accounts
from cec.channels.channel import Outbound, Refused, Sent
from cec.channels.email import mailbox, oauth, pop3, sending, threading, trouble
from cec.channels.models import ChannelAccount
from cec.platform.i18n import gettext, mark

SENT = mark("Outgoing server: signed in, the mail to the mailbox itself is sent")
NOT_SENT = mark("Outgoing server: the mail to the mailbox itself is not sent")
SIGNED_IN = mark("Incoming server: signed in, the mailbox is open")
NOT_SIGNED_IN = mark("Incoming server: the mailbox does not open")
ARRIVED = mark("The mail has come back; it is removed from the mailbox")
NOT_ARRIVED = mark("The mail has not come back yet")
LATE = mark("Some servers need minutes: look into the mailbox, or try again later.")
SUBJECT = mark("Test of the connection")
TEXT = mark("The centre has sent this mail to itself to see whether the mailbox works. Nothing needs to be done.")

TIMEOUT = 15.0
# How long the mail is waited for: so many looks, with such pauses.
LOOKS, PAUSE = 5, 2.0


@dataclass(frozen=True)
class Step:
    """What became of one step; the sentences are English, for gettext."""

    name: str
    is_done: bool
    reason: str = ""
    # The server's own words.
    detail: str = ""


def test_connection(account: ChannelAccount) -> list[Step]:
    """Try everything a mailbox has to be able to do; outside any transaction, it may take a minute."""
    return list(_steps(account))


def _steps(account: ChannelAccount) -> Iterator[Step]:
    message_id = threading.trial_id(account.address, secrets.token_hex(12))
    sent = _send(account, message_id)
    yield sent
    try:
        if account.config.get("pop3"):
            with pop3.connected(account, timeout=TIMEOUT):
                yield Step(SIGNED_IN, is_done=True)
        elif account.config.get("imap"):
            with mailbox.connected(account, timeout=TIMEOUT) as box:
                yield Step(SIGNED_IN, is_done=True)
                if sent.is_done:
                    yield _await(box, message_id)
    except (*mailbox.NETWORK, *pop3.NETWORK, pop3.NotLetIn, oauth.NoToken, oauth.BadEndpoint) as error:
        reason, detail = trouble.of(error, hide=accounts.passwords_of(account))
        yield Step(NOT_SIGNED_IN, is_done=False, reason=reason, detail=detail)


def _send(account: ChannelAccount, message_id: str) -> Step:
    letter = Outbound(
        message_id=message_id, to=[account.address], subject=gettext(SUBJECT), text=gettext(TEXT), auto=True
    )
    outcome = sending.send(account, letter)
    if isinstance(outcome, Sent):
        return Step(SENT, is_done=True)
    detail = outcome.detail if isinstance(outcome, Refused) else ""
    hidden = accounts.passwords_of(account)
    return Step(NOT_SENT, is_done=False, reason=outcome.reason, detail=trouble.plain(detail, hide=hidden))


def _await(box: Any, message_id: str) -> Step:
    for look in range(LOOKS):
        if look:
            time.sleep(PAUSE)
            box.folder.set(box.folder.get())
        found = list(box.uids(f'HEADER Message-ID "{message_id}"'))
        if found:
            # Marked only: emptying the mailbox for good would take along what others have marked.
            box.flag(found, ["\\Seen", "\\Deleted"], value=True)
            return Step(ARRIVED, is_done=True)
    return Step(NOT_ARRIVED, is_done=False, reason=LATE)
