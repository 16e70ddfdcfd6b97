"""When a client is spared a first message, though it could be sent: he does not want any (guide 3.2.6)."""

from cec.clients import opting_out
from cec.clients.models import Address
from cec.platform import i18n
from cec.platform.errors import Invalid


class OptedOut(Invalid):
    """The client does not want to be written to first since {when}: mark it as a service message if it is one."""

    def __init__(self, *, field: str, when: str) -> None:
        super().__init__(when=when)
        self.field = field


def must_be_wanted(address: Address, *, service: bool, field: str) -> None:
    """Refuse to write first to who does not want it, but for a service message.

    He cannot change his mind before the transaction ends.

    :raises OptedOut: at the field of the recipient.
    """
    opting_out.lock(address)
    said = opting_out.find(address)
    if said and not service:
        raise OptedOut(field=field, when=i18n.exact(said.since))
