"""The DATA of an SMTP conversation in blocks: aiosmtpd reads line by line, and that was most of the door's work."""

import asyncio
from contextlib import suppress

LINE = b"\r\n"
DOT = b".\r\n"
BLOCK = 64 * 1024


class TooMuch(Exception):
    """The mail is larger than it may be; the rest of it has not been read."""


async def read(stream: asyncio.StreamReader, *, limit: int) -> bytes:
    """Read to the lone dot and undo the doubling of dots.

    :raises TooMuch: as soon as there are more bytes than the limit.
    """
    text = bytearray(LINE)
    while not text.endswith(LINE + DOT):
        text += await _block(stream)
        if len(text) > limit + len(LINE + DOT):
            raise TooMuch
    return bytes(text[: -len(DOT)]).replace(LINE + b".", LINE)[len(LINE) :]


async def read_away(stream: asyncio.StreamReader, *, most: int, seconds: float) -> None:
    """Let somebody finish who does not listen while he speaks, so that he hears what was answered; not for ever."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while most > 0:
                piece = await stream.read(min(most, BLOCK))
                if not piece:
                    return
                most -= len(piece)


async def _block(stream: asyncio.StreamReader) -> bytes:
    """Read up to a dot that may be the lone one, or as much as the stream holds at once."""
    try:
        return await stream.readuntil(DOT)
    except asyncio.LimitOverrunError as overrun:
        return await stream.readexactly(overrun.consumed)
