"""A glance at a mail that could not be read: from whom, about what, how it begins; nothing here ever fails."""

import re
from contextlib import suppress

from cec.channels.channel import Glance, Unreadable
from cec.channels.email import bodies, charsets, parts, plain_text
from cec.channels.email.parts import Part

# How much is looked through, and shown.
_HEAD = 256 * 1024
LONGEST_BEGINNING = 2_000
_BLANKS = re.compile(r"\n{3,}")


def glance(raw: bytes) -> Glance:
    """Tell what can be told of a mail."""
    with suppress(Unreadable):
        head = parts.read(raw[:_HEAD])
        name, address = next(iter(head.headers.addresses("from")), ("", ""))
        sender = f"{name} <{address}>" if name and address else name or address
        return Glance(sender, head.headers.text("subject")[:500], _beginning(raw, head))
    return Glance("", "", "")


def _beginning(raw: bytes, head: Part) -> str:
    """Give the words of the first readable part; where the mail cannot be taken apart, of its body as it came."""
    try:
        blocks = bodies.collect(parts.split(raw)).blocks
    except Unreadable:
        return _shortened(charsets.legible(charsets.decode(head.body)))
    texts = [block.text or plain_text.of_html((block.html or "")[:_HEAD]) for block in blocks]
    return _shortened(next((text for text in texts if text.strip()), ""))


def _shortened(text: str) -> str:
    return _BLANKS.sub("\n\n", text.replace("\r", "")).strip()[:LONGEST_BEGINNING]
