"""A letter inside a letter - a forwarded .eml - as people read it: its head, its words, the names of its files."""

import datetime as dt
from dataclasses import dataclass, field

from cec.channels.channel import Unreadable
from cec.channels.email import glancing, parsing

TYPES = frozenset({"message/rfc822", "message/global"})
SUFFIX = ".eml"
LONGEST = 200_000


@dataclass(frozen=True)
class Forwarded:
    """What a letter inside a letter says; what it does not say is empty."""

    sender: str = ""
    to: list[str] = field(default_factory=list)
    cc: list[str] = field(default_factory=list)
    sent_at: dt.datetime | None = None
    subject: str = ""
    text: str = ""
    # Names of its files; the file itself, saved, gives them out.
    files: list[str] = field(default_factory=list)


def is_letter(name: str, kind: str) -> bool:
    """Tell whether a file is a letter."""
    return kind in TYPES or name.lower().endswith(SUFFIX)


def read(raw: bytes) -> Forwarded:
    """Read a letter as far as it can be read."""
    try:
        event = parsing.parse(raw, {})
    except Unreadable:
        seen = glancing.glance(raw)
        return Forwarded(sender=seen.sender, subject=seen.subject, text=seen.beginning)
    named = f"{event.profile} <{event.address}>" if event.profile else event.address
    return Forwarded(
        sender=named,
        to=event.to,
        cc=event.cc,
        sent_at=event.sent_at,
        subject=event.subject,
        text=event.text[:LONGEST],
        files=[file.name for file in event.attachments],
    )
