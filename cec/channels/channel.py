"""What every channel can do: verify and parse what came in, send what goes out, say what it can carry (SPEC 1C).

A channel is a folder of cec.channels whose name is the channel's; `docs/channels.md` says how to copy one.
"""

import datetime as dt
import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
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


class Kind(StrEnum):
    """What can come in."""

    MESSAGE = "message"
    # The sender changed a message of his, took it back, or put a sign to one: `concerns` names the message.
    EDIT = "edit"
    DELETE = "delete"
    REACTION = "reaction"
    # What became of a message of ours: `concerns` names it as the provider does, `state` says what.
    STATUS = "status"
    # He is writing; shown for a moment and never kept.
    TYPING = "typing"
    # Nothing that the channel knows: kept raw and counted, nothing is made of it.
    OTHER = "other"


@dataclass(frozen=True)
class IncomingFile:
    """A file that came with a message."""

    name: str
    type: str
    content: bytes
    # The Content-ID by which the HTML body shows it, without angle brackets.
    content_id: str | None = None
    # Where its bytes are to be fetched by the worker, instead of the content.
    url: str = ""


@dataclass(frozen=True)
class RefusedFile:
    """A file that came with a message and is not kept."""

    name: str
    # A sentence, marked for translation.
    reason: str


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
    kind: Kind = Kind.MESSAGE
    kind_of_address: str = "email"
    # The provider's name of the message that an edit, a deletion, a reaction or a status is about.
    concerns: str = ""
    # Of a status: delivered, read or failed, and the provider's words if it failed.
    state: str = ""
    reason: str = ""
    # The conversation that a message belongs to, if the provider names one; else the sender's own on this account.
    conversation: str = ""
    # What came beside the words: the page where a visitor writes, facts of the sender's program.
    meta: dict[str, Any] = field(default_factory=dict)
    # In which language he speaks, if his program says so: ru or en.
    language: str | None = None
    text: str = ""
    # What the sender newly wrote, without quoted history; None: the same as the text.
    fresh_text: str | None = None
    # Cleaned, harmless, remote pictures off.
    html: str | None = None
    subject: str = ""
    attachments: list[IncomingFile] = field(default_factory=list)
    refused: list[RefusedFile] = field(default_factory=list)
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
    # The provider's name of the conversation, if it has one.
    conversation: str = ""


@dataclass(frozen=True)
class Sent:
    """The provider took it."""

    provider_message_id: str
    # Recipients whom the provider refused although it took the message for others.
    undelivered: list[Undelivered] = field(default_factory=list)
    # It is with the client already: nobody will tell later.
    delivered_at_once: bool = False


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


@dataclass(frozen=True)
class Capabilities:
    """What an account can carry to an address now; everything that is not said cannot be done."""

    html: bool = False
    # In characters; and how many files of how many bytes together.
    longest_text: int = 100_000
    most_files: int = 0
    largest_files: int = 0
    # Beginnings of kinds of files that go ("image/"); nothing told: all.
    file_kinds: tuple[str, ...] = ()
    # The provider tells what became of a message: that it arrived, that it was read.
    tells_delivered: bool = False
    tells_read: bool = False
    typing: bool = False
    # People talk here: an answer goes out at once and cannot be taken back, also while the client is writing on.
    at_once: bool = False
    # Why nothing can be written to this address now, as an English sentence for gettext; empty: it can.
    closed: str = ""


class Channel(Protocol):
    """What the folder of a channel offers; `headers` is what the door knows beside the bytes, in small letters."""

    # Answers are letters: with subject, recipients, signature, and what they quote. Otherwise the words alone go out.
    LETTERS: bool

    def verify(self, account: ChannelAccount, headers: Mapping[str, Any], body: bytes) -> bool:
        """Tell whether a request at the webhook door comes from the provider; compares in constant time."""

    def event_id(self, headers: Mapping[str, Any], body: bytes) -> str:
        """Name what came in, before it is understood: a repeat has the same name. Never fails."""

    def parse(self, account: ChannelAccount, headers: Mapping[str, Any], body: bytes) -> list[InboundEvent]:
        """Understand what came in; a provider may put several events into one request.

        :raises Unreadable: with the reason for the quarantine.
        """

    def glance(self, raw: bytes) -> Glance:
        """Tell what can be told of something unreadable; never fails."""

    def send(self, account: ChannelAccount, outbound: Outbound) -> Outcome:
        """Send a message; outside any transaction, never longer than the channel's time-outs."""

    def probe(self, account: ChannelAccount, name: str) -> tuple[dict[str, Any], bytes] | None:
        """Make what the provider would send if a message called `name` came in, headers and body; None: it cannot be.

        Nothing is made of it in the centre: it only shows that what comes in here comes through.
        """

    def capabilities(self, account: ChannelAccount, address: str, now: dt.datetime) -> Capabilities:
        """Say what can be carried to an address now; asks nobody."""


def get(name: str) -> Channel:
    """Get a channel by its name: the folder cec/channels/<name>.

    :raises NoSuchChannel: when there is no such folder.
    """
    address = f"cec.channels.{name}"
    if not name.isidentifier() or importlib.util.find_spec(address) is None:
        raise NoSuchChannel(name=name)
    return cast(Channel, importlib.import_module(address))
