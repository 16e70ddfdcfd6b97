"""The web chat by the contract of channels: its doors are those of its widget, and an answer waits to be fetched."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from cec.channels.channel import Capabilities, Glance, InboundEvent, Outbound, Outcome, Sent
from cec.channels.models import ChannelAccount
from cec.channels.webchat import writing
from cec.platform import storage
from cec.platform.errors import Refusal

LETTERS = False
# So many bytes may the files of a message have together.
LARGEST_FILES = 10 * 2**20


def verify(_account: ChannelAccount, _headers: Mapping[str, Any], _body: bytes) -> bool:
    """Let nobody in: the widget has doors of its own, at which each visitor shows his token."""
    return False


def event_id(_headers: Mapping[str, Any], body: bytes) -> str:
    """Name a message by its visitor and the name that his browser gave it."""
    try:
        return writing.parse("", body).provider_event_id
    except Refusal:
        return ""


def parse(account: ChannelAccount, _headers: Mapping[str, Any], body: bytes) -> list[InboundEvent]:
    """Understand a message that was kept.

    :raises Unreadable: with the reason for the quarantine.
    """
    return [writing.parse(account.code, body)]


def glance(_raw: bytes) -> Glance:
    """Tell nothing of what is no message."""
    return Glance("", "", "")


def send(_account: ChannelAccount, outbound: Outbound) -> Outcome:
    """Let it lie where the visitor's widget reads: his stream hears of it when this stands."""
    return Sent(outbound.message_id)


def probe(_account: ChannelAccount, _name: str) -> tuple[dict[str, Any], bytes] | None:
    """Make none: a chat is not fetched from anywhere."""
    return None


def largest_files() -> int:
    """Tell how many bytes the files of a message may have together."""
    return min(LARGEST_FILES, storage.largest())


def capabilities(_account: ChannelAccount, _address: str, _now: dt.datetime) -> Capabilities:
    """Say what a chat can carry: words without formatting, and files; it tells what arrived and what was read."""
    return Capabilities(
        longest_text=writing.LONGEST_TEXT,
        most_files=writing.MOST_FILES,
        largest_files=largest_files(),
        tells_delivered=True,
        tells_read=True,
        typing=True,
        at_once=True,
    )
