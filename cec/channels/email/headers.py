"""Headers of a mail, however broken: texts, addresses, Message-IDs, dates. Nothing here ever fails."""

import base64
import binascii
import datetime as dt
import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from itertools import pairwise

from cec.channels.email import charsets

MAX_LENGTH = 20_000
MAX_ADDRESSES = 200
MAX_PIECES = 12
_WORD = re.compile(r"=\?([^?\s]{1,80})\?([bq])\?([^?]*)\?=", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,500}>")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.){0,1000}"|<[^<>]*>|\([^()]*\)|[,;]|[^",;<(]+|.', re.DOTALL)
_BARE = re.compile(r"[^\s@<>\"()\[\],;:]{1,128}@[^\s@<>\"()\[\],;:]{1,253}")
# What is not seen and turns round or hides what stands beside it in a list; joined emoji keep their joiner.
_UNSEEN = re.compile("[\u00ad\u200b\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_SPACES = re.compile(r"\s+")
_PARAMETER = re.compile(r""";\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)""", re.DOTALL)
_SECTION = re.compile(r"(.+?)\*(?:(\d{1,3})\*?)?$")


class Headers:
    """The headers of a part, in their order; names in small letters, values as raw bytes, unfolded."""

    def __init__(self, fields: list[tuple[str, bytes]], label: str = "") -> None:
        self.fields = fields
        # The charset of the mail's text: what raw 8-bit headers are written in, if anything is known.
        self.label = label

    def raw(self, name: str) -> bytes:
        """Give the raw value of the first header of a name; empty when there is none."""
        return next((value for key, value in self.fields if key == name), b"")

    def has(self, name: str) -> bool:
        """Tell whether there is a header of a name."""
        return any(key == name for key, _ in self.fields)

    def text(self, name: str) -> str:
        """Give the first header of a name as people read it."""
        return text(self.raw(name), self.label)

    def addresses(self, name: str) -> list[tuple[str, str]]:
        """Give names and addresses of all headers of a name."""
        found = [pair for key, value in self.fields if key == name for pair in addresses(value, self.label)]
        return found[:MAX_ADDRESSES]

    def message_ids(self, name: str) -> list[str]:
        """Give the Message-IDs of a header, in its order."""
        return message_ids(self.raw(name))


def text(raw: bytes, label: str = "") -> str:
    """Decode a header: encoded words, raw 8-bit bytes, line breaks and control characters gone."""
    return _one_line(_words(charsets.decode(raw[:MAX_LENGTH], label)))


def addresses(raw: bytes, label: str = "") -> list[tuple[str, str]]:
    """Read a list of addresses as (name, address)."""
    plain = charsets.decode(raw[:MAX_LENGTH], label)
    found = list(_addresses(plain))
    if not found and "=?" in plain:  # somebody encoded the address together with the name
        found = list(_addresses(_words(plain)))
    return found


def message_ids(raw: bytes) -> list[str]:
    """Find Message-IDs, with their angle brackets."""
    return _MESSAGE_ID.findall(charsets.decode(raw[:MAX_LENGTH]))


def moment(raw: bytes) -> dt.datetime | None:
    """Read a date; None when it is none."""
    try:
        read = parsedate_to_datetime(charsets.decode(raw[:200]))
        return (read if read.tzinfo else read.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def parameters(raw: bytes, label: str = "") -> tuple[str, dict[str, str]]:
    """Read a header with parameters: its value in small letters, and the parameters decoded (RFC 2231 too)."""
    plain = charsets.decode(raw[:MAX_LENGTH], label)
    value = plain.partition(";")[0].strip().lower()
    single: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, str, bool]]] = {}
    for match in _PARAMETER.finditer(plain):
        name, content = match[1].lower(), _unquoted(match[2])
        section = _SECTION.match(name)
        if section:
            pieces.setdefault(section[1], []).append((int(section[2] or 0), content, name.endswith("*")))
        else:
            single.setdefault(name, _one_line(_words(content)))
    return value, single | {name: _joined(parts) for name, parts in pieces.items()}


def _joined(parts: list[tuple[int, str, bool]]) -> str:
    """Put a parameter together that RFC 2231 cut and encoded: charset'language'per%20cent."""
    content, label = b"", ""
    for number, piece, encoded in sorted(parts):
        if encoded and number == 0 and piece.count("'") > 1:
            label, _, piece = piece.split("'", 2)  # noqa: PLW2901
        content += _percent(piece) if encoded else piece.encode("utf-8", "replace")
    return _one_line(charsets.decode(content, label))


def _percent(piece: str) -> bytes:
    raw = piece.encode("utf-8", "replace")
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda match: bytes([int(match[1], 16)]), raw)


def _unquoted(content: str) -> str:
    content = content.strip()
    return re.sub(r"\\(.)", r"\1", content[1:-1]) if len(content) > 1 and content[0] == content[-1] == '"' else content


def _words(plain: str) -> str:
    """Decode encoded words; neighbours of one charset are joined first, for characters cut in two."""
    words = list(_WORD.finditer(plain))
    if not words:
        return plain
    result, content = plain[: words[0].start()], b""
    for word, following in pairwise([*words, None]):
        assert word is not None
        content += _bytes(word)
        gap = plain[word.end() : following.start()] if following else plain[word.end() :]
        joined = following is not None and not gap.strip()
        if following is None or not joined or following[1].lower() != word[1].lower():
            result += charsets.decode(content, word[1])
            content = b""
        result += "" if joined else gap
    return result


def _bytes(word: re.Match[str]) -> bytes:
    content = word[3].encode("utf-8", "replace")
    if word[2] in "qQ":
        return binascii.a2b_qp(content, header=True)
    return lenient_base64(content)


def lenient_base64(content: bytes) -> bytes:
    """Decode base64 with whatever is wrong with its padding and line ends."""
    try:
        return base64.b64decode(content)
    except binascii.Error:
        clean = re.sub(rb"[^A-Za-z0-9+/]", b"", content)
        clean = clean[: len(clean) - (len(clean) % 4 == 1)]
        return base64.b64decode(clean + b"=" * (-len(clean) % 4))


def _addresses(plain: str) -> Iterator[tuple[str, str]]:
    piece: list[str] = []
    for token in [*_TOKEN.findall(plain), ","]:
        if token not in {",", ";"}:
            piece.append(token)
            continue
        found = _address(piece)
        if found:
            yield found
        # A comma inside an unquoted name: Müller, Hans <hans@example.com>.
        is_begun = not found and any(part.strip() for part in piece) and "<>" not in piece
        piece = [*piece, token] if is_begun and len(piece) < MAX_PIECES else []


def _address(piece: list[str]) -> tuple[str, str] | None:
    angle = [part[1:-1] for part in piece if part.startswith("<") and "@" in part]
    name = "".join(part for part in piece if not part.startswith(("<", "(")))
    comment = next((part[1:-1] for part in piece if part.startswith("(")), "")
    if angle:
        address = _SPACES.sub("", angle[-1]).removeprefix("mailto:").strip("'")
        return _name(name) or _name(comment), address
    bare = _BARE.search(name)
    if not bare:
        return None
    rest = name.replace(bare[0], " ").strip(" ':\"")
    return _name(rest) or _name(comment), bare[0].removeprefix("mailto:").strip("'")


def _name(name: str) -> str:
    name = _one_line(_words(_unquoted(name.strip(" ,;"))))
    return _unquoted(name).strip("'\" ")[:200]


def _one_line(text: str) -> str:
    return _SPACES.sub(" ", _UNSEEN.sub("", charsets.legible(text))).strip()
