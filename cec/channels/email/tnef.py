"""What Outlook and Exchange pack into winmail.dat (MS-OXTNEF): text, HTML and files; in linear time, never for long.

tnefparse was tried: it cuts zeros off the end of files, and forty hostile bytes keep it busy for hours.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from cec.channels.channel import IncomingFile
from cec.channels.email import charsets

TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
NAME = "winmail.dat"
MAX_DEPTH = 3
MAX_ATTRIBUTES = 20_000
_SIGNATURE = 0x223E9F78
_BODY, _FILE_BEGINS, _FILE_NAME, _FILE_DATA = 0x800C, 0x9002, 0x8010, 0x800F
_PROPERTIES, _FILE_PROPERTIES, _CODE_PAGE = 0x9003, 0x9005, 0x9007
# Properties of MAPI: texts, files; what they are called in MS-OXPROPS is PidTag...
_TEXT, _HTML, _INTERNET_PAGE, _SUBJECT = 0x1000, 0x1013, 0x3FDE, 0x0037
_LONG_NAME, _SHORT_NAME, _KIND, _CONTENT_ID, _OBJECT = 0x3707, 0x3704, 0x370E, 0x3712, 0x3701
_OCTETS = {0x2: 2, 0xB: 2, 0x3: 4, 0x4: 4, 0xA: 4, 0x5: 8, 0x6: 8, 0x7: 8, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = frozenset({0x1E, 0x1F, 0x0D, 0x102})
_WIDE, _MANY, _NAMED = 0x1F, 0x1000, 0x8000
_PAGES = {65001: "utf-8", 20127: "ascii", 20866: "koi8-r", 21866: "koi8-u", 28591: "iso-8859-1", 28595: "iso-8859-5"}
# Before a message inside a message (IID_IMessage).
_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")


@dataclass
class Package:
    """What a winmail.dat holds."""

    text: str = ""
    html: str = ""
    subject: str = ""
    files: list[IncomingFile] = field(default_factory=list)


@dataclass(frozen=True)
class _Property:
    kind: int
    content: bytes


def unpack(content: bytes, *, depth: int = 0) -> Package | None:
    """Unpack a winmail.dat; None when it is none. What is broken off is given as far as it goes."""
    if len(content) < 6 or struct.unpack_from("<I", content)[0] != _SIGNATURE:  # noqa: PLR2004
        return None
    package, page = Package(), ""
    for identity, data in _attributes(content):
        if identity == _CODE_PAGE and len(data) >= 4:  # noqa: PLR2004
            page = _page(struct.unpack_from("<I", data)[0])
        elif identity == _BODY:
            package.text = package.text or _plain(data, page)
        elif identity == _PROPERTIES:
            _take_words(package, dict(_properties(data)), page)
        elif identity == _FILE_BEGINS:
            package.files.append(IncomingFile("", "application/octet-stream", b""))
        elif package.files:
            package.files[-1:] = _with(package.files[-1], identity, data, page, depth)
    package.files = [file for file in package.files if file.content or file.name]
    return package


def _attributes(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6
    for _ in range(MAX_ATTRIBUTES):
        if at + 9 > len(content):
            return
        _level, identity, _type, length = struct.unpack_from("<BHHI", content, at)
        yield identity, content[at + 9 : at + 9 + length]
        at += 9 + length + 2


def _take_words(package: Package, known: dict[int, _Property], page: str) -> None:
    internet = known.get(_INTERNET_PAGE)
    html_page = _page(struct.unpack("<I", internet.content)[0]) if internet and len(internet.content) == 4 else page  # noqa: PLR2004
    package.text = _words(known.get(_TEXT), page) or package.text
    package.html = _words(known.get(_HTML), html_page)
    package.subject = _words(known.get(_SUBJECT), page)


def _with(file: IncomingFile, identity: int, data: bytes, page: str, depth: int) -> list[IncomingFile]:
    """Give a file with what one more attribute tells of it; a message inside it gives its own files too."""
    if identity == _FILE_NAME:
        return [replace(file, name=file.name or _plain(data, page))]
    if identity == _FILE_DATA:
        return [replace(file, content=data)]
    if identity != _FILE_PROPERTIES:
        return [file]
    known = dict(_properties(data))
    name = _words(known.get(_LONG_NAME), page) or file.name or _words(known.get(_SHORT_NAME), page)
    kind = _words(known.get(_KIND), page).lower() or file.type
    file = replace(file, name=name, type=kind, content_id=_words(known.get(_CONTENT_ID), page).strip("<>") or None)
    held = known.get(_OBJECT)
    if held is None or file.content:
        return [file]
    inner = unpack(held.content.removeprefix(_MESSAGE), depth=depth + 1) if depth < MAX_DEPTH else None
    if inner is None:
        return [replace(file, content=held.content)]
    called = inner.subject or name or "message"
    words = IncomingFile(f"{called}.html", "text/html", inner.html.encode()) if inner.html else None
    return [words or IncomingFile(f"{called}.txt", "text/plain", inner.text.encode()), *inner.files]


def _properties(data: bytes) -> Iterator[tuple[int, _Property]]:
    """Read properties of MAPI up to the first that cannot be read."""
    try:
        (count,) = struct.unpack_from("<I", data)
        at = 4
        for _ in range(min(count, len(data) // 4)):
            kind, identity = struct.unpack_from("<HH", data, at)
            at = _after_name(data, at + 4) if identity >= _NAMED else at + 4
            content, at = _value(data, at, kind)
            yield identity, _Property(kind & ~_MANY, content)
    except (struct.error, ValueError):
        return


def _after_name(data: bytes, at: int) -> int:
    (kind,) = struct.unpack_from("<I", data, at + 16)
    if kind == 0:
        return at + 24
    (length,) = struct.unpack_from("<I", data, at + 20)
    return at + 24 + _padded(length)


def _value(data: bytes, at: int, kind: int) -> tuple[bytes, int]:
    """Read a value, of many the first; give also where the next property begins."""
    is_variable = (kind & ~_MANY) in _VARIABLE
    count = 1
    if is_variable or kind & _MANY:
        (count,) = struct.unpack_from("<I", data, at)
        at += 4
    first = None
    for _ in range(min(count, len(data))):
        length = _OCTETS.get(kind & ~_MANY)
        if is_variable:
            (length,) = struct.unpack_from("<I", data, at)
            at += 4
        if length is None or at + length > len(data):
            raise ValueError(kind)
        first = data[at : at + length] if first is None else first
        at += _padded(length)
    return first or b"", at


def _padded(length: int) -> int:
    return length + -length % 4


def _page(number: int) -> str:
    return _PAGES.get(number, f"cp{number}")


def _words(known: _Property | None, page: str) -> str:
    if known is None:
        return ""
    return _plain(known.content, "utf-16-le" if known.kind == _WIDE else page)


def _plain(content: bytes, page: str) -> str:
    if page == "utf-16-le":
        return charsets.legible(content.decode(page, "replace")).rstrip("\0")
    return charsets.decode(content.rstrip(b"\0"), page)
