"""Somebody on the site of the shop: what his widget sends and hears (the doors in cec/web/webchat)."""

import asyncio
import contextlib
import uuid
from typing import Any

import orjson

from cec.living.line import Answer, Away, Line

# Widgets say that they are there this often; in seconds.
BEAT = 25.0
AGAIN = 3.0


class NotTaken(Exception):
    """The chat did not take a message."""


class Visitor:
    """A browser with the widget open."""

    def __init__(self, line: Line, code: str, name: str, *, page: tuple[str, str], token: str = "") -> None:
        self._line, self._code, self._name, self._page, self.token = line, code, name, page, token
        self._heard: asyncio.Queue[str] = asyncio.Queue()
        self._last, self._ratable = 0, asyncio.Event()
        self._listening: list[asyncio.Task[None]] = []

    async def arrive(self) -> None:
        """Open the page: get a token unless the browser has one, then hear what is said."""
        if not self.token:
            answer = await self._ask("POST", "visitors", {}, what="chat arrival")
            self.token = answer.json()["token"]
        self._listening = [asyncio.create_task(self._listen()), asyncio.create_task(self._beat())]

    async def say(self, text: str, *, picture: bytes | None = None) -> None:
        """Send a message, with a picture if there is one.

        :raises NotTaken: when the centre refuses it.
        """
        await self._pulse(writing=True)
        files = [await self._attach(picture)] if picture else []
        told = {
            "id": str(uuid.uuid4()), "text": text, "files": files, "told": {"name": self._name},
            "page": self._page[0], "title": self._page[1],
        }  # fmt: skip
        answer = await self._ask("POST", "messages", told, what="chat message")
        if not answer.is_good:
            raise NotTaken(f"{answer.status} {answer.text[:200]}")

    async def hear(self, within: float) -> str | None:
        """Wait so many seconds for an answer; gives its text."""
        try:
            async with asyncio.timeout(within):
                return await self._heard.get()
        except TimeoutError:
            return None

    async def rate(self, mark: int, *, within: float = 120.0) -> None:
        """Rate the conversation once it is over, if that is soon."""
        try:
            async with asyncio.timeout(within):
                await self._ratable.wait()
        except TimeoutError:
            return
        await self._ask("POST", "rating", {"mark": mark, "comment": ""}, what="chat rating")

    async def leave(self) -> None:
        """Close the page."""
        for task in self._listening:
            task.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)
        self._line.close()

    async def _listen(self) -> None:
        while True:
            try:
                stream = self._line.hear(f"/live/webchat/{self._code}", headers=self._known())
                async with contextlib.aclosing(stream):
                    async for event in stream:
                        await self._take(event)
            except Away:
                pass
            await asyncio.sleep(AGAIN)

    async def _take(self, event: dict[str, Any]) -> None:
        if "lines" not in event:
            return
        for line in event["lines"]:
            if not line["mine"] and line["id"] > self._last:
                self._last = line["id"]
                self._heard.put_nowait(line["text"])
        if self._last:
            await self._pulse(got=self._last, read=self._last)
        if event.get("ratable"):
            self._ratable.set()
        else:
            self._ratable.clear()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            try:
                await self._pulse()
            except Away:
                continue

    async def _pulse(self, **facts: object) -> None:
        await self._ask("POST", "pulse", {"page": self._page[0], "title": self._page[1], **facts}, what="chat pulse")

    async def _attach(self, picture: bytes) -> dict[str, Any]:
        head = b'--cut\r\nContent-Disposition: form-data; name="file"; filename="photo.png"\r\n'
        body = head + b"Content-Type: image/png\r\n\r\n" + picture + b"\r\n--cut--\r\n"
        headers = {**self._known(), "Content-Type": "multipart/form-data; boundary=cut"}
        path = f"/webchat/{self._code}/files"
        answer = await self._line.ask("POST", path, body=body, headers=headers, what="chat file")
        if not answer.is_good:
            raise NotTaken(f"{answer.status} {answer.text[:200]}")
        found: dict[str, Any] = answer.json()
        return found

    async def _ask(self, method: str, path: str, told: dict[str, Any], *, what: str) -> Answer:
        headers = self._known() if self.token else {}
        address = f"/webchat/{self._code}/{path}"
        return await self._line.ask(method, address, body=orjson.dumps(told), headers=headers, what=what)

    def _known(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}
