"""Which mail is it: the same mail that comes twice, by whatever way, has the same name."""

import hashlib
import re

from cec.channels.email import headers, parts

# An index refuses very long values; a Message-ID longer than this is somebody's joke.
LONGEST = 500
_ENVELOPE = ("from", "to", "cc", "date", "subject", "sender", "reply-to", "in-reply-to")
_HEADER_END = re.compile(rb"\n[ \t]*\r?\n")
_HEAD = 256 * 1024


def event_id(raw: bytes) -> str:
    """Name a mail by its Message-ID, or by a digest of what its sender wrote: not of what relays added."""
    raw = parts.with_lines(raw)
    found = _HEADER_END.search(raw, 0, _HEAD)
    head = parts.read(raw[: found.end()] if found else raw[:_HEAD]).headers
    known = headers.message_ids(head.raw("message-id"))
    if known and len(known[0]) <= LONGEST:
        return known[0]
    digest = hashlib.sha256()
    for name in _ENVELOPE:
        digest.update(name.encode() + b":" + head.raw(name) + b"\n")
    digest.update((raw[found.end() :] if found else raw).replace(b"\r", b"").strip())
    return f"sha256:{digest.hexdigest()}"
