"""Which files are pictures that a browser may show: their bytes say so, not their names."""

_SIGNS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
TYPES = frozenset({*_SIGNS.values(), "image/webp"})
_ANY = "application/octet-stream"


def picture_type(head: bytes) -> str | None:
    """Tell by its first bytes what kind of picture something is."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for sign, kind in _SIGNS.items() if head.startswith(sign)), None)


def kind_of(content: bytes, *, said: str) -> str:
    """Give the type of a file as its sender says it; what only says that it is a picture is kept as a file like any."""
    return (picture_type(content[:16]) or _ANY) if said in TYPES else said
