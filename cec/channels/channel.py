"""What every channel can do: parse what came in, send what goes out. A channel is a folder of cec.channels."""

import datetime as dt
import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from cec.channels.models import ChannelAccount
from cec.platform.errors import NotFound, Refusal


class Unreadable(Refusal):
    """This message cannot be read."""

    def __init__(self, detail: str = "") -> None:
        super().__init__()
        self.detail = detail

    @property
    def reason(self) -> str:
        """Give the English sentence that the quarantine keeps and shows translated."""
        return self.template()


class NoSuchChannel(NotFound):
    """This centre has no channel “{name}”."""


@dataclass(frozen=True)
class IncomingFile:
    """A file that came with a message."""

    name: str
    type: str
    content: bytes
    # The Content-ID by which the HTML body shows it, without angle brackets.
    content_id: str | None = None


@dataclass(frozen=True)
class Undelivered:
    """Whom a message of ours has not reached."""

    address: str
    # The server's own words.
    reason: str
    # Nobody tries any more; otherwise it is late only.
    is_final: bool
    # The address itself is to blame and will not receive the next one either.
    is_hard: bool
    # How the last server calls the address, if it is another one there.
    seen_as: str = ""


@dataclass(frozen=True)
class InboundEvent:
    """What a channel understood of something that came in."""

    provider_event_id: str
    # The sender, and what he calls himself.
    address: str
    profile: str = ""
    kind: str = "message"
    kind_of_address: str = "email"
    text: str = ""
    # What the sender newly wrote, without quoted history; None: the same as the text.
    fresh_text: str | None = None
    # Cleaned, harmless, remote pictures off.
    html: str | None = None
    subject: str = ""
    attachments: list[IncomingFile] = field(default_factory=list)
    message_id: str = ""
    # Message-IDs that it answers, the nearest first.
    in_reply_to: list[str] = field(default_factory=list)
    reply_to: list[str] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    cc: list[str] = field(default_factory=list)
    sent_at: dt.datetime | None = None
    # Written by a machine: stored, but never answered by a machine.
    auto: bool = False
    # The report of a mail system: the Message-ID of our message that it is about; empty: it does not say which.
    about: str | None = None
    # Whom that message has not reached.
    undelivered: list[Undelivered] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    # What servers found out about the sender, by their names: {"verdict": pass, fail or empty, "by", method: result}.
    checks: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Glance:
    """What can be told of something that could not be read; each may be empty."""

    sender: str
    subject: str
    # The first words, as plain text.
    beginning: str


@dataclass(frozen=True)
class OutgoingFile:
    """A file that goes out with a message."""

    name: str
    type: str
    content: bytes
    # The Content-ID by which the HTML body shows it, without angle brackets.
    content_id: str | None = None


@dataclass(frozen=True)
class Outbound:
    """A message on its way out."""

    message_id: str
    to: list[str]
    text: str
    subject: str = ""
    html: str | None = None
    cc: list[str] = field(default_factory=list)
    # Also gets it; nobody else learns that.
    bcc: list[str] = field(default_factory=list)
    # Hand it over for these recipients alone; the others have it already.
    only_to: list[str] = field(default_factory=list)
    in_reply_to: str | None = None
    # Earlier messages of the conversation, oldest first.
    references: list[str] = field(default_factory=list)
    sender_name: str = ""
    files: list[OutgoingFile] = field(default_factory=list)
    # Written by a machine.
    auto: bool = False


@dataclass(frozen=True)
class Sent:
    """The provider took it."""

    provider_message_id: str
    # Recipients whom the provider refused although it took the message for others.
    undelivered: list[Undelivered] = field(default_factory=list)


@dataclass(frozen=True)
class Refused:
    """The provider did not take it, for certain. The reason is an English sentence for gettext."""

    reason: str
    retryable: bool
    retry_after: dt.timedelta | None = None
    # The provider's own words.
    detail: str = ""
    undelivered: list[Undelivered] = field(default_factory=list)
    # The server is away or does not let the account in: nothing is wrong with the message.
    blames_account: bool = False


@dataclass(frozen=True)
class Unknown:
    """The answer was lost: perhaps it went out, perhaps not; a person decides."""

    reason: str
    detail: str = ""


Outcome = Sent | Refused | Unknown


class Channel(Protocol):
    """What the folder of a channel offers."""

    def parse(self, raw: bytes, envelope: Mapping[str, Any]) -> InboundEvent:
        """Understand what came in.

        :raises Unreadable: with the reason for the quarantine.
        """

    def glance(self, raw: bytes) -> Glance:
        """Tell what can be told of something unreadable; never fails."""

    def send(self, account: ChannelAccount, outbound: Outbound) -> Outcome:
        """Send a message; outside any transaction, never longer than the channel's time-outs."""


def get(name: str) -> Channel:
    """Get a channel by its name: the folder cec/channels/<name>.

    :raises NoSuchChannel: when there is no such folder.
    """
    address = f"cec.channels.{name}"
    if not name.isidentifier() or importlib.util.find_spec(address) is None:
        raise NoSuchChannel(name=name)
    return cast(Channel, importlib.import_module(address))
