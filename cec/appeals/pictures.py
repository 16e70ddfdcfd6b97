"""Which files are pictures that a browser may show: their bytes say so, not their names.

One of more than so many pixels stays a file: a few kilobytes can hold a picture that fills the memory of a browser.
"""

import struct
from collections.abc import Iterator

_SIGNS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
TYPES = frozenset({*_SIGNS.values(), "image/webp"})
MOST_PIXELS = 50_000_000
_ANY = "application/octet-stream"
# Segments of a JPEG that tell its size: frames, without tables (C4), arithmetic coding (CC) and what is reserved (C8).
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def picture_type(content: bytes) -> str | None:
    """Tell by its bytes what kind of picture something is; None when it is none, or too large to be shown."""
    kind = _kind(content)
    if kind is None:
        return None
    width, height = _size(content, kind)
    return kind if width * height <= MOST_PIXELS else None


def kind_of(content: bytes, *, said: str) -> str:
    """Give the type of a file as its sender says it; what only says that it is a picture is kept as a file like any."""
    return (picture_type(content) or _ANY) if said in TYPES else said


def _kind(content: bytes) -> str | None:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for sign, kind in _SIGNS.items() if content.startswith(sign)), None)


def _size(content: bytes, kind: str) -> tuple[int, int]:
    """Read width and height in pixels; 0 where the picture is broken off before it tells them."""
    try:
        if kind == "image/png":
            return struct.unpack_from(">II", content, 16)
        if kind == "image/gif":
            return struct.unpack_from("<HH", content, 6)
        return next(_jpeg_sizes(content), (0, 0)) if kind == "image/jpeg" else _webp_size(content)
    except struct.error:
        return 0, 0


def _jpeg_sizes(content: bytes) -> Iterator[tuple[int, int]]:
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:  # noqa: PLR2004 - where each segment begins
        (length,) = struct.unpack_from(">H", content, at + 2)
        if content[at + 1] in _FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 5)
            yield width, height
        at += 2 + length


def _webp_size(content: bytes) -> tuple[int, int]:
    form = content[12:16]
    if form == b"VP8X":
        return int.from_bytes(content[24:27], "little") + 1, int.from_bytes(content[27:30], "little") + 1
    if form == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", content, 26)
    return width & 0x3FFF, height & 0x3FFF
