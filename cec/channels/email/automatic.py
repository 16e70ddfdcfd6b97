"""Mail written by machines: automatic answers, lists, mail systems."""

import re

from cec.channels.email.headers import Headers

_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply"})
_MARKS = (
    "list-id",
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply",
    "x-mail-autoreply",
    "feedback-id",
)
_SYSTEM = re.compile(r"^(?:mailer-daemon|postmaster|mail[ .-]delivery|mailerdaemon)\b", re.IGNORECASE)
_MACHINE = re.compile(r"^(?:mailer-?daemon|postmaster|no-?reply|do-?not-?reply|bounces?)\b", re.IGNORECASE)
_BARE = re.compile(r"<?([\w.-]{1,64})>?\s*$")
MAIL_SYSTEM = "mailer-daemon"


def is_automatic(headers: Headers, *, mail_from: str | None, sender: str) -> bool:
    """Tell whether a machine wrote it: it is kept, but no machine answers and nothing closed is reopened."""
    submitted = headers.text("auto-submitted").lower().partition(";")[0].strip()
    if submitted and submitted != "no":
        return True
    if any(headers.text(name).lower() in _PRECEDENCE for name in ("precedence", "x-precedence")):
        return True
    if any(headers.has(mark) for mark in _MARKS):
        return True
    return has_null_sender(headers, mail_from) or _MACHINE.match(sender) is not None


def bare_system(sender: str) -> str:
    """Give the name of a mail system that has no address, as in From: Mail Delivery Subsystem <MAILER-DAEMON>."""
    name = _BARE.search(sender.replace("<>", "").strip())
    return name[1] if name and _SYSTEM.match(name[1]) else ""


def is_system(sender: str) -> bool:
    """Tell whether an address is one of a mail system."""
    return _SYSTEM.match(sender) is not None


def has_null_sender(headers: Headers, mail_from: str | None) -> bool:
    """Tell whether it was handed in with the empty sender, so that nobody answers it."""
    return mail_from == "" or headers.raw("return-path").strip() == b"<>"
