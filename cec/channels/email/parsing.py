"""From the bytes of a mail to what it says; whatever is wrong with it, it is read or refused with a reason."""

from collections.abc import Mapping
from typing import Any

from cec.channels.channel import InboundEvent, IncomingFile, Unreadable
from cec.channels.email import (
    automatic,
    bodies,
    bounces,
    cleaning,
    headers,
    identity,
    parts,
    plain_text,
    quoting,
    sender_check,
)  # fmt: skip
from cec.channels.email.headers import Headers

LONGEST_TEXT = 1_000_000
LONGEST_ADDRESS = 320
MAX_REFERENCES = 50


class NoSender(Unreadable):
    """The mail has no sender to answer."""


# Headers that are kept with the message as they came.
KEPT = ("authentication-results", "return-path", "list-id", "auto-submitted")


def parse(raw: bytes, envelope: Mapping[str, Any]) -> InboundEvent:
    """Read a mail. The envelope has what the door knows, {"mail_from", "to"}, and who a person says wrote it: "named".

    :raises Unreadable: with the reason for the quarantine.
    """
    root = parts.split(raw)
    mail_from = envelope.get("mail_from")
    subject = root.headers.text("subject")
    name, address = _sender(root.headers, mail_from)
    address = address or envelope.get("named", "")
    report = bounces.find(root, subject=subject, sender=address, mail_from=mail_from)
    if not address and report is None:
        raise NoSender(root.headers.text("from")[:200])
    return InboundEvent(
        provider_event_id=identity.event_id(raw),
        address=address or automatic.MAIL_SYSTEM,
        profile=name,
        subject=subject[:1000],
        auto=report is not None or automatic.is_automatic(root.headers, mail_from=mail_from, sender=address),
        about=report.message_id if report else None,
        undelivered=report.undelivered if report else [],
        checks=sender_check.facts(root.headers, address),
        **_held(bodies.collect(root)),
        **_told(root.headers),
    )


def _held(body: bodies.Body) -> dict[str, Any]:
    """Read what the body holds: words and files."""
    text, html, files = _words(body)
    fresh = quoting.fresh(text)
    return {
        "text": text,
        "fresh_text": fresh if fresh != text else None,
        "html": html,
        "attachments": files,
        "refused": body.refused,
    }


def _told(known: Headers) -> dict[str, Any]:
    """Read what the headers alone tell."""
    return {
        "message_id": next(iter(known.message_ids("message-id")), ""),
        "in_reply_to": _answered(known),
        "reply_to": _only_addresses(known, "reply-to"),
        "to": _only_addresses(known, "to"),
        "cc": _only_addresses(known, "cc"),
        "sent_at": headers.moment(known.raw("date")),
        "headers": {name: known.text(name)[:1000] for name in KEPT if known.has(name)},
    }


def _sender(known: Headers, mail_from: str | None) -> tuple[str, str]:
    """Find who wrote it: From, else who wants the answer or handed it in; only a mail system may be a bare name."""
    for name in ("from", "reply-to", "sender", "return-path"):
        for profile, address in known.addresses(name):
            if len(address) <= LONGEST_ADDRESS and address.isprintable():
                return profile, address
    system = automatic.bare_system(known.text("from"))
    handed_in = [] if system else headers.addresses((mail_from or "").encode())
    return handed_in[0] if handed_in else ("", system)


def _only_addresses(known: Headers, name: str) -> list[str]:
    return list(dict.fromkeys(address for _, address in known.addresses(name) if len(address) <= LONGEST_ADDRESS))


def _answered(known: Headers) -> list[str]:
    """List the mails that it answers, the nearest first."""
    nearest = [*known.message_ids("in-reply-to"), *reversed(known.message_ids("references"))]
    return list(dict.fromkeys(nearest))[:MAX_REFERENCES]


def _words(body: bodies.Body) -> tuple[str, str | None, list[IncomingFile]]:
    """Give text and cleaned HTML; HTML that cannot be shown, and text without end, stay as files."""
    files = list(body.files)
    written = [block for block in body.blocks if block.text is not None or block.html is not None]
    html = None
    if any(block.html is not None for block in written):
        whole = "\n".join(bodies.text_as_html(block.text) if block.html is None else block.html for block in written)
        html = cleaning.clean(whole)
        if html is None:
            files.append(IncomingFile("message.html", "text/html", whole.encode()))
    text = "\n".join(_text(block) for block in written).strip()
    if len(text) > LONGEST_TEXT:
        files.append(IncomingFile("message.txt", "text/plain", text.encode()))
        text = text[:LONGEST_TEXT]
    return text, html, files


def _text(block: bodies.Block) -> str:
    if block.text is not None:
        return block.text.strip("\n")
    return plain_text.of_html((block.html or "")[: cleaning.LONGEST])
