"""A signed-in person's window as far as HTTP goes: signs in, lives, hears, asks for pages, leaves."""

import asyncio
import contextlib
import random
import time
from collections.abc import Iterator, Mapping
from itertools import count
from urllib.parse import urlencode

from cec.living import reading
from cec.living.line import PART, Answer, Away, Line
from cec.living.window import CALM, Window

HEARTBEAT = 15.0
# The list of one's own appeals, and the empty desk; both are drawn anew by their addresses.
OWN, EMPTY = "/operator/worklist", "/operator"
# Seconds: for how long a stream is listened to beside the one that follows it; how often an empty desk is drawn anew,
# and each how many times all is.
_GRACE, _LOOK, _ALL_EACH = 1.0, 30.0, 4
_AGAIN = 3.0


class NotLetIn(Exception):
    """The centre does not let a person in."""


class Desk:
    """The window of one person; `at` is the list that it shows: his own, one of all appeals, none."""

    def __init__(self, line: Line, login: str, password: str, role: str, *, at: str = OWN) -> None:
        self._line, self.login, self._password, self.role = line, login, password, role
        self._at = at
        # The list as it was drawn last, and whether it was drawn since anybody asked.
        self.list, self.changed = "", asyncio.Event()
        self._window, self._heard, self._acting = Window(""), asyncio.Event(), 0
        self._away: Away | None = None
        self._touched = time.monotonic()
        self._alive: list[asyncio.Task[None]] = []
        self._streams: list[asyncio.Task[None]] = []

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

    async def live(self) -> None:
        """Open the list, keep the window alive and hear what is new, until it is closed."""
        self._window, self._away = Window({OWN: "worklist", "": ""}.get(self._at, "appeals")), None
        await self.draw_list()
        self._want("bell")
        self._alive = [asyncio.create_task(each) for each in (self._beat(), self._draw(), self._look())]
        self._follow(0)

    async def close(self) -> None:
        """Close the window."""
        tasks = [*self._alive, *self._streams]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._alive, self._streams = [], []
        self._line.close()

    async def leave(self) -> None:
        """Sign out; what is in work goes back to its queues."""
        await self._line.ask("POST", "/leaving", form={"held": "return"}, what="leave")
        self._line.close()

    async def news(self, within: float) -> None:
        """Wait until the list was drawn anew, at most so many seconds.

        :raises Away: when that was tried in vain.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self.changed.wait()
        self.changed.clear()
        if self._away:
            raise self._away

    def listed(self) -> None:
        """Hear that the list was drawn."""

    async def open(self, path: str, what: str) -> Answer:
        """Fetch a part of a page.

        :raises Away: also when the session is over.
        """
        answer = await self._line.ask("GET", path, headers=PART, what=what)
        self._must_be_in(answer)
        self._show(answer)
        return answer

    async def read(self, path: str, what: str) -> str:
        """Fetch a part of a page, whatever it says."""
        return (await self.open(path, what)).text

    async def draw_list(self) -> None:
        """Fetch the list."""
        if self._at:
            await self.open(self._at, "worklist" if self._at == OWN else "list of appeals")

    async def act(self, path: str, what: str, form: Mapping[str, object], *, method: str = "POST") -> Answer:
        """Do something by a form or a button; what the answer draws is on the screen then.

        :raises Away: when the session is over.
        """
        self._touched = time.monotonic()
        self._acting += 1
        try:
            answer = await self._line.ask(method, path, form=form, headers=PART, what=what)
        finally:
            self._acting -= 1
        self._must_be_in(answer)
        self._show(answer)
        return answer

    def _show(self, answer: Answer) -> None:
        before = self._window.appeal
        self._window.show(answer)
        if self._window.list and f'id="{self._window.list}"' in answer.text:
            self.list = answer.text
            self.listed()
            self.changed.set()
        if self._window.appeal != before and self._alive:
            self._follow(self._window.appeal)

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

    def _want(self, *parts: str) -> None:
        self._window.want(*parts)
        self._heard.set()

    async def _look(self) -> None:
        """Draw now and then what may have changed by itself, and all as the last resort."""
        await asyncio.sleep(_LOOK * random.random())  # noqa: S311 - no secret
        for turn in count(random.randrange(_ALL_EACH)):  # noqa: S311 - no secret
            if turn % _ALL_EACH == 0:
                self._want()
            elif self._at == OWN and not self._window.appeal:
                self._want("appeal")
            await asyncio.sleep(_LOOK)

    async def _draw(self) -> None:
        """Draw anew what was heard of; of what is being sent the answer may draw it."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._window.rest()):
                    await self._heard.wait()
            self._heard.clear()
            await asyncio.sleep(CALM)
            for part in [] if self._acting else self._window.due():
                await self._draw_part(part)

    async def _draw_part(self, part: str) -> None:
        appeal = self._window.appeal
        at = f"/operator/appeals/{appeal}" if appeal else EMPTY
        with self._told_of():
            if part == self._window.list:
                await self.draw_list()
            elif part == "bell":
                await self.open("/notifications/bell", "bell")
            else:
                await self.open(at, "open again" if appeal else "empty desk")

    @contextlib.contextmanager
    def _told_of(self) -> Iterator[None]:
        """Let who works at this desk know that the centre is away."""
        try:
            yield
        except Away as away:
            self._away = away
            self.changed.set()

    def _follow(self, appeal: int) -> None:
        """Go on in a stream that tells of this appeal too."""
        former = [each for each in self._streams if not each.done()]
        self._streams = [*former, asyncio.create_task(self._hear(appeal, goes_on=bool(former)))]
        for stream in former:
            asyncio.get_running_loop().call_later(_GRACE, stream.cancel)

    async def _hear(self, appeal: int, *, goes_on: bool) -> None:
        watched = {"watch": f"appeal:{appeal}"} if appeal else {}
        while True:
            asked = urlencode(watched | ({"goes_on": "1"} if goes_on else {}))
            with contextlib.suppress(Away):
                async for notices in self._line.hear(f"/live?{asked}"):
                    await self._take_in(notices)
            goes_on = False
            self._want()
            await asyncio.sleep(_AGAIN * random.uniform(0.3, 1))  # noqa: S311 - no secret

    async def _take_in(self, notices: list[list[str]]) -> None:
        # What rings is drawn at once, whatever else is being done.
        if self._at == OWN and any(notice[0] == "offer" for notice in notices):
            with self._told_of():
                await self.draw_list()
        if self._window.hear(notices):
            self._heard.set()
