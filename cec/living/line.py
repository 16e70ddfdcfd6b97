"""HTTP as a browser or a program of others speaks it: kept connections, cookies, streams of events.

It stands outside the centre, in one thread with hundreds of others (asyncio), and knows nothing but a port.
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson

# What browsers of the operator's window say when they ask for a part of a page.
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}
# Seconds for an answer, as the window has them.
PATIENCE = 30.0
# Of a stream that says nothing, not even that it lives.
SILENCE = 60.0
_FORM = "application/x-www-form-urlencoded"
_COOKIE = re.compile(r"^set-cookie: ([^=\s]+)=([^;\r]*)", re.IGNORECASE | re.MULTILINE)
_LENGTH = re.compile(r"^content-length: (\d+)", re.IGNORECASE | re.MULTILINE)

Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]
# Told of each answer: what was done, its status, the seconds it took. Status 0: there was none.
Note = Callable[[str, int, float], None]


class Away(Exception):
    """The centre does not answer."""


@dataclass(frozen=True)
class Answer:
    """What the centre says."""

    status: int
    head: str
    body: bytes

    @property
    def text(self) -> str:
        """Read it as a page."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Read it as a program does."""
        return orjson.loads(self.body)

    @property
    def is_good(self) -> bool:
        """Tell whether it was done."""
        return 200 <= self.status < 400  # noqa: PLR2004 - as HTTP has it


def unheard(_what: str, _status: int, _seconds: float) -> None:
    """Note nothing."""


class Line:
    """The line of one person or program to the centre."""

    def __init__(self, host: str, port: int, *, headers: Mapping[str, str] | None = None, note: Note = unheard) -> None:
        self.host, self.port, self.note = host, port, note
        self.headers = dict(headers or {})
        self.cookies: dict[str, str] = {}
        self._kept: list[Wire] = []

    async def ask(
        self,
        method: str,
        path: str,
        *,
        form: Mapping[str, object] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        what: str = "",
    ) -> Answer:
        """Send a request; `form` as pages send it, `body` as JSON. What it was is noted under its name.

        :raises Away: when nobody answers.
        """
        sent = self._written(method, path, form, body, headers or {})
        began = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self._exchange(sent)
        except (OSError, EOFError, TimeoutError) as error:
            self.note(what or path, 0, time.monotonic() - began)
            raise Away(f"{method} {path}: {error!r}") from error
        self.note(what or path, answer.status, time.monotonic() - began)
        return answer

    async def hear(self, path: str, *, headers: Mapping[str, str] | None = None) -> AsyncGenerator[Any, None]:
        """Keep a stream of events open and give what each of them carries, until it breaks.

        :raises Away: when it does not begin.
        """
        wire = None
        try:
            async with asyncio.timeout(PATIENCE):
                wire = await asyncio.open_connection(self.host, self.port)
            accept = {"Accept": "text/event-stream", **(headers or {})}
            wire[1].write(self._written("GET", path, None, None, accept))
            status = (await _line(wire, PATIENCE)).decode()
            if " 200 " not in status:
                raise Away(f"no stream at {path}: {status.strip()}")
            while line := await _line(wire, SILENCE):
                if line.startswith(b"data: "):
                    yield orjson.loads(line[6:])
        except (OSError, EOFError, TimeoutError) as error:
            raise Away(f"the stream at {path} broke: {error!r}") from error
        finally:
            if wire is not None:
                wire[1].close()

    def close(self) -> None:
        """Hang up."""
        while self._kept:
            self._kept.pop()[1].close()

    def _written(
        self,
        method: str,
        path: str,
        form: Mapping[str, object] | None,
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> bytes:
        told = {"Host": f"{self.host}:{self.port}", **self.headers, **headers}
        if self.cookies:
            told["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if form is not None:
            body, told["Content-Type"] = urlencode(form).encode(), _FORM
        elif body is not None:
            told.setdefault("Content-Type", "application/json")
        if body is not None or method != "GET":
            told["Content-Length"] = str(len(body or b""))
        head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + (body or b"")

    async def _exchange(self, sent: bytes) -> Answer:
        wire = self._free()
        if wire is None:
            return await self._say(sent, await asyncio.open_connection(self.host, self.port))
        try:
            return await self._say(sent, wire)
        except (ConnectionError, asyncio.IncompleteReadError) as gone:
            # As browsers do: a kept connection that the other side has just closed is replaced.
            if getattr(gone, "partial", b""):
                raise
            return await self._say(sent, await asyncio.open_connection(self.host, self.port))

    def _free(self) -> Wire | None:
        while self._kept:
            wire = self._kept.pop()
            if not wire[0].at_eof():
                return wire
            wire[1].close()
        return None

    async def _say(self, sent: bytes, wire: Wire) -> Answer:
        try:
            wire[1].write(sent)
            head = (await wire[0].readuntil(b"\r\n\r\n")).decode("latin-1")
            length = _LENGTH.search(head)
            body = await wire[0].readexactly(int(length[1])) if length else b""
        except BaseException:
            wire[1].close()
            raise
        self.cookies |= dict(_COOKIE.findall(head))
        if "connection: close" in head.lower():
            wire[1].close()
        else:
            self._kept.append(wire)
        return Answer(int(head.split(" ", 2)[1]), head, body)


async def _line(wire: Wire, within: float) -> bytes:
    async with asyncio.timeout(within):
        return await wire[0].readline()
