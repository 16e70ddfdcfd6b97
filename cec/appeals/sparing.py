"""When a client is spared a first message, though it could be sent: he wants none, or it is night (guide 3.2.6)."""

import datetime as dt

from cec.channels import quiet_hours
from cec.channels.models import ChannelAccount
from cec.clients import opting_out
from cec.clients.models import Address
from cec.platform import clock, i18n
from cec.platform.errors import Invalid, Refusal


class OptedOut(Invalid):
    """The client does not want to be written to first since {when}: mark it as a service message if it is one."""

    def __init__(self, *, field: str, when: str) -> None:
        super().__init__(when=when)
        self.field = field


class QuietNow(Refusal):
    """It is quiet here until {when}: no first message is sent before."""

    def __init__(self, until: dt.datetime) -> None:
        super().__init__(when=i18n.exact(until))
        # The page offers to plan it for then.
        self.moment_on = until


class QuietThen(Invalid):
    """It is quiet here at that time: plan it for {when} or later."""

    field = "at"


def must_be_wanted(address: Address, *, service: bool, field: str) -> None:
    """Refuse to write first to who does not want it, but for a service message.

    He cannot change his mind before the transaction ends.

    :raises OptedOut: at the field of the recipient.
    """
    opting_out.lock(address)
    said = opting_out.find(address)
    if said and not service:
        raise OptedOut(field=field, when=i18n.exact(said.since))


def must_not_be_quiet(account: ChannelAccount, at: dt.datetime | None) -> None:
    """Refuse to write first in the quiet hours of an account; `at` when it is to leave, now if not told.

    :raises QuietNow, QuietThen: with the moment at which they are over.
    """
    until = quiet_hours.ends(account, at or clock.now())
    if until and at is None:
        raise QuietNow(until)
    if until:
        raise QuietThen(when=i18n.exact(until))
