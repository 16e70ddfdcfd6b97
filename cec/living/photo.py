"""A picture as clients attach it: a board with a crack, another one each time."""

import random
import struct
import zlib

_WIDTH, _HEIGHT = 320, 200
_CRACK = bytes((38, 24, 16))


def of_a_crack(chance: random.Random) -> bytes:
    """Draw it: a PNG of a few kilobytes."""
    red, green, blue = (base + chance.randrange(-14, 15) for base in (168, 122, 78))
    at, rows = _WIDTH // 2, bytearray()
    for row in range(_HEIGHT):
        grain = (row * 7 // 5) % 9 - 4
        board = bytes((red + grain, green + grain, blue + grain)) * _WIDTH
        at = min(_WIDTH - 4, max(1, at + chance.randrange(-4, 5)))
        rows += b"\0" + board[: at * 3] + _CRACK * 2 + board[(at + 2) * 3 :]
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
