"""The DATA of an SMTP conversation ends at the lone dot and nowhere else."""

import asyncio

import pytest

from cec.channels.email import data_phase

LIMIT = 64


def read(wire, *, limit=10_000, buffer=LIMIT, piece=None):
    """Read what comes over the wire in pieces; gives the text, and what is left on the wire."""

    async def conversation():
        stream = asyncio.StreamReader(limit=buffer)

        async def feed():
            for start in range(0, len(wire), piece or len(wire)):
                stream.feed_data(wire[start : start + (piece or len(wire))])
                await asyncio.sleep(0)

        feeding = asyncio.ensure_future(feed())
        text = await data_phase.read(stream, limit=limit)
        await feeding
        stream.feed_eof()
        return text, await stream.read()

    return asyncio.run(conversation())


@pytest.mark.parametrize("piece", [1, 2, 3, 7, None])
@pytest.mark.parametrize(
    ("wire", "text"),
    [
        (b".\r\n", b""),
        (b"\r\n.\r\n", b"\r\n"),
        (b"a\r\n.\r\n", b"a\r\n"),
        (b"\r\n\r\n\r\n.\r\n", b"\r\n\r\n\r\n"),
        (b"..\r\n.\r\n", b".\r\n"),
        (b"..dot\r\na.\r\n...\r\n.\r\n", b".dot\r\na.\r\n..\r\n"),
        (b"Subject: x\r\n\r\nThe end.\r\n.\r\n", b"Subject: x\r\n\r\nThe end.\r\n"),
        (b"x" * 500 + b"\r\n.\r\n", b"x" * 500 + b"\r\n"),
        # Other ends of lines are no ends: nobody smuggles a second mail in.
        (b"a\n.\nb\n.\r\nc\r.\r\nd\r\n.\ne\r\n.\r\n", b"a\n.\nb\n.\r\nc\r.\r\nd\r\n\ne\r\n"),
    ],
)
def test_the_text_is_what_was_written(wire, text, piece):
    assert read(wire, piece=piece) == (text, b"")


def test_the_next_command_stays_on_the_wire():
    assert read(b"a\r\n.\r\nQUIT\r\n") == (b"a\r\n", b"QUIT\r\n")


@pytest.mark.parametrize("piece", [5, None])
def test_too_much_is_told_before_all_of_it_is_read(piece):
    with pytest.raises(data_phase.TooMuch):
        read(b"line\r\n" * 100 + b".\r\nQUIT\r\n", limit=500, piece=piece)


def test_as_much_as_the_limit_is_taken():
    assert read(b"12345678\r\n.\r\n", limit=10) == (b"12345678\r\n", b"")
    with pytest.raises(data_phase.TooMuch):
        read(b"123456789\r\n.\r\n", limit=10)


def test_what_is_left_is_read_away_but_not_for_ever():
    async def left(wire, **patience):
        stream = asyncio.StreamReader()
        stream.feed_data(wire)
        await data_phase.read_away(stream, **patience)
        stream.feed_eof()
        return len(await stream.read())

    assert asyncio.run(left(b"x" * 1000, most=100, seconds=1)) == 900
    assert asyncio.run(left(b"x" * 1000, most=10_000, seconds=0.05)) == 0
