"""A signed-in person's window as far as HTTP goes: signs in, lives, hears, asks for pages, leaves."""

import asyncio
import random
import time
from collections.abc import Mapping

from cec.living import reading
from cec.living.line import PART, Answer, Away, Line

HEARTBEAT = 15.0
_AGAIN = 3.0


class NotLetIn(Exception):
    """The centre does not let a person in."""


class Desk:
    """The window of one person."""

    def __init__(self, line: Line, login: str, password: str, role: str) -> None:
        self._line, self.login, self._password, self.role = line, login, password, role
        self.changed = asyncio.Event()
        self._touched = time.monotonic()
        self._alive: list[asyncio.Task[None]] = []

    async def sign_in(self) -> None:
        """Sign in and begin work; a window that an earlier life has left open is taken over.

        Begun, it is done to its end: who goes home meanwhile has to know that he is in.

        :raises NotLetIn: when login, password or role are not right.
        """
        entering = asyncio.create_task(self._enter())
        try:
            await asyncio.shield(entering)
        except asyncio.CancelledError:
            await asyncio.gather(entering, return_exceptions=True)
            raise

    async def _enter(self) -> None:
        told = await self._line.ask(
            "POST", "/login", form={"login": self.login, "password": self._password}, what="sign-in"
        )
        if not told.is_good:
            raise NotLetIn(f"{self.login}: {told.status}")
        page = (await self._line.ask("GET", "/start")).text
        chosen: dict[str, object] = {"role": self.role, "take_over": 1}
        for name in ("branch_id", "workplace_id"):
            chosen[name] = next(iter(reading.options(page, name)), "") or reading.field(page, name)
        began = await self._line.ask("POST", "/start", form=chosen)
        if not began.is_good:
            raise NotLetIn(f"{self.login} as {self.role}: {began.status}")

    def live(self) -> None:
        """Keep the window alive and hear what is new, until it is closed."""
        self._alive = [asyncio.create_task(self._beat()), asyncio.create_task(self._hear())]

    async def close(self) -> None:
        """Close the window."""
        for task in self._alive:
            task.cancel()
        await asyncio.gather(*self._alive, return_exceptions=True)
        self._line.close()

    async def leave(self) -> None:
        """Sign out; what is in work goes back to its queues."""
        await self._line.ask("POST", "/leaving", form={"held": "return"}, what="leave")
        self._line.close()

    async def news(self, within: float) -> None:
        """Wait until something is new, at most so many seconds."""
        try:
            async with asyncio.timeout(within):
                await self.changed.wait()
        except TimeoutError:
            return
        self.changed.clear()

    async def open(self, path: str, what: str) -> Answer:
        """Fetch a part of a page.

        :raises Away: also when the session is over.
        """
        answer = await self._line.ask("GET", path, headers=PART, what=what)
        self._must_be_in(answer)
        return answer

    async def read(self, path: str, what: str) -> str:
        """Fetch a part of a page, whatever it says."""
        return (await self.open(path, what)).text

    async def act(self, path: str, what: str, form: Mapping[str, object], *, method: str = "POST") -> Answer:
        """Do something by a form or a button.

        :raises Away: when the session is over.
        """
        self._touched = time.monotonic()
        answer = await self._line.ask(method, path, form=form, headers=PART, what=what)
        self._must_be_in(answer)
        return answer

    def _must_be_in(self, answer: Answer) -> None:
        if answer.status in {401, 502, 503}:
            raise Away(f"{self.login}: {answer.status}")

    async def _beat(self) -> None:
        await asyncio.sleep(HEARTBEAT * random.random())  # noqa: S311 - no secret
        while True:
            untouched = int(time.monotonic() - self._touched)
            try:
                await self._line.ask("POST", "/heartbeat", form={"untouched": min(untouched, 60)}, what="heartbeat")
            except Away:
                await asyncio.sleep(_AGAIN)
                continue
            await asyncio.sleep(HEARTBEAT)

    async def _hear(self) -> None:
        while True:
            try:
                async for notices in self._line.hear("/live"):
                    if any(notice[0] != "notice" for notice in notices):
                        self.changed.set()
            except Away:
                self.changed.set()
            await asyncio.sleep(_AGAIN * random.uniform(0.3, 1))  # noqa: S311 - no secret
