"""Mail written by machines: automatic answers, lists, and our own mail coming back undelivered."""

import re

from cec.channels.email.headers import Headers
from cec.channels.email.parts import Part, read

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
_SYSTEM = re.compile(r"^(?:mailer-daemon|postmaster|mail delivery|mailerdaemon)\b", re.IGNORECASE)
_MACHINE = re.compile(r"^(?:mailer-?daemon|postmaster|no-?reply|do-?not-?reply|bounces?)\b", re.IGNORECASE)
_MESSAGE_ID = re.compile(rb"^[> \t]*Message-ID:[ \t]*\r?\n?[ \t]*(<[^<>\s]{1,500}>)", re.IGNORECASE | re.MULTILINE)
_ACTION = re.compile(rb"^Action:[ \t]*(\w+)", re.IGNORECASE | re.MULTILINE)
_FAILED = re.compile(
    r"undeliver|not delivered|delivery (?:status|fail|has failed)|failure notice|returned mail|returned to sender"
    r"|mail delivery failed|delivery notification.*fail|не доставлен|невозможно доставить|возвращен|unzustellbar",
    re.IGNORECASE,
)
_BARE = re.compile(r"<?([\w.-]{1,64})>?\s*$")
_SEARCHED = 256 * 1024
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
    return _has_null_sender(headers, mail_from) or _MACHINE.match(sender) is not None


def bare_system(sender: str) -> str:
    """Give the name of a mail system that has no address, as in From: Mail Delivery Subsystem <MAILER-DAEMON>."""
    name = _BARE.search(sender.replace("<>", "").strip())
    return name[1] if name and _SYSTEM.match(name[1]) else ""


def returned(root: Part, *, subject: str, sender: str, mail_from: str | None) -> str | None:
    """Find the Message-ID of our mail that came back; empty when it does not say which, None when it is no bounce."""
    actions = [action for part in root.walk() if part.type == "message/delivery-status" for action in _actions(part)]
    if actions and b"failed" not in actions:
        return None  # delayed, delivered, relayed: still on its way
    is_report = root.content_type[1].get("report-type", "").lower() == "delivery-status"
    is_system = bool(_SYSTEM.match(sender)) or _has_null_sender(root.headers, mail_from)
    if not (actions or is_report or (is_system and _FAILED.search(subject))):
        return None
    return _original(root)


def _actions(part: Part) -> list[bytes]:
    return [action.lower() for action in _ACTION.findall(part.content()[:_SEARCHED])]


def _has_null_sender(headers: Headers, mail_from: str | None) -> bool:
    return mail_from == "" or headers.raw("return-path").strip() == b"<>"


def _original(root: Part) -> str:
    for part in root.walk():
        if part.type in {"message/rfc822", "text/rfc822-headers", "message/global", "message/rfc822-headers"}:
            known = read(part.content()[:_SEARCHED].lstrip()).headers.message_ids("message-id")
            if known:
                return known[0]
    for part in root.walk():
        if not part.parts:
            found = _MESSAGE_ID.search(part.content()[:_SEARCHED])
            if found:
                return found[1].decode("utf-8", "replace")
    return ""
