"""The DATA of an SMTP conversation in blocks: aiosmtpd reads line by line, and that was most of the door's work."""

import asyncio

LINE = b"\r\n"
DOT = b".\r\n"


async def read(stream: asyncio.StreamReader, *, limit: int) -> bytes | None:
    """Read to the lone dot and undo the doubling of dots; None for more bytes than the limit (they are read away)."""
    text = bytearray(LINE)
    is_too_much = False
    while not text.endswith(LINE + DOT):
        text += await _block(stream)
        if len(text) > limit + len(LINE + DOT):
            is_too_much = True
            del text[: -len(LINE + DOT)]
    return None if is_too_much else bytes(text[: -len(DOT)]).replace(LINE + b".", LINE)[len(LINE) :]


async def _block(stream: asyncio.StreamReader) -> bytes:
    """Read up to a dot that may be the lone one, or as much as the stream holds at once."""
    try:
        return await stream.readuntil(DOT)
    except asyncio.LimitOverrunError as overrun:
        return await stream.readexactly(overrun.consumed)
