"""Probes of mailboxes: once an hour a mailbox that is asked to sends a mail to itself, which must come back.

It goes the whole way: out through the mail server, back by whatever way letters come. Recognised by our signature, it
becomes no message, no appeal and no figure; where it was fetched it is marked for deletion.
"""

import secrets

from cec.channels import probing
from cec.channels.channel import Outbound, Sent
from cec.channels.email import sending, threading
from cec.channels.models import ChannelAccount
from cec.platform.db import db, unit_of_work
from cec.platform.i18n import gettext, mark

SUBJECT = mark("Probe of the mailbox")
TEXT = mark("The centre sends itself this mail every hour to see that mail comes through. Nothing needs to be done.")
# In the settings of a mailbox.
WANTED = "probe"


def probe_all() -> int:
    """Let every mailbox that is asked to send itself a mail, outside any transaction; gives how many went out."""
    with unit_of_work():
        wanted = db.select(ChannelAccount).where(ChannelAccount.channel == "email", ChannelAccount.is_active)
        mailboxes = [one for one in db.session.scalars(wanted.order_by(ChannelAccount.id)) if one.config.get(WANTED)]
    return sum(_probe(mailbox) for mailbox in mailboxes)


def _probe(mailbox: ChannelAccount) -> bool:
    with unit_of_work():
        probing.sent(mailbox.id)
    letter = Outbound(
        message_id=threading.trial_id(mailbox.address, secrets.token_hex(12)),
        to=[mailbox.address],
        subject=gettext(SUBJECT),
        text=gettext(TEXT),
        auto=True,
    )
    return isinstance(sending.send(mailbox, letter), Sent)
