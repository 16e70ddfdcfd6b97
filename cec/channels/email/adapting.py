"""E-mail by the contract of channels: it has no webhook, one mail is one event, and it carries letters."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cec.channels.channel import Capabilities, InboundEvent
from cec.channels.email import identity, parsing
from cec.channels.models import ChannelAccount
from cec.platform import storage

LETTERS = True
LONGEST_TEXT = 100_000
MOST_FILES = 100


def verify(_account: ChannelAccount, _headers: Mapping[str, Any], _body: bytes) -> bool:
    """Let nobody in: mail comes through the SMTP door or is fetched."""
    return False


def event_id(_headers: Mapping[str, Any], body: bytes) -> str:
    """Name a mail by its Message-ID, or by a digest of what its sender wrote."""
    return identity.event_id(body)


def parse(_account: ChannelAccount, headers: Mapping[str, Any], body: bytes) -> list[InboundEvent]:
    """Read a mail.

    :raises Unreadable: with the reason for the quarantine.
    """
    # One mail is one event: it is named by what it came in as, whatever stands in it.
    return [replace(parsing.parse(body, headers), provider_event_id="")]


def probe(_account: ChannelAccount, _name: str) -> tuple[dict[str, Any], bytes] | None:
    """Make none: a mailbox sends itself a mail (email.hourly), and its server is asked every half minute."""
    return None


def capabilities(_account: ChannelAccount, _address: str, _now: dt.datetime) -> Capabilities:
    """Say what a mail can carry."""
    return Capabilities(html=True, longest_text=LONGEST_TEXT, most_files=MOST_FILES, largest_files=storage.largest())
