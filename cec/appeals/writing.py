"""A client is writing: shown on the open screens of his appeal for a moment, kept nowhere."""

from cec.appeals import threading
from cec.channels.channel import InboundEvent
from cec.channels.models import ChannelAccount
from cec.clients import addresses
from cec.platform import live


def show(account: ChannelAccount, event: InboundEvent) -> None:
    """Tell the screens of his open appeal; without one nobody waits for it."""
    address = addresses.find(event.kind_of_address, event.address)
    appeal = threading.find_continued(event, account, address)[0] if address else None
    if appeal is not None and appeal.operator_id and appeal.closed_at is None:
        live.announce("client.writing", appeal.key)
