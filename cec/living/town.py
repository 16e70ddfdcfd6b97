"""The town around a centre: who lives in it, and how much goes on by the tempo that was chosen."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from cec.living import tempo, watcher
from cec.living.arrivals import Arrivals
from cec.living.colleague import Colleague
from cec.living.desk import OWN, Desk
from cec.living.line import Away, Line, Note, unheard
from cec.living.pace import Pace
from cec.living.places import Place
from cec.living.post import Post
from cec.living.tempo import BEATS, Beat, Tempo
from cec.living.watcher import Watcher

log = logging.getLogger(__name__)

LOOKS_EVERY = 1.0
# The first client does not let anybody wait.
FIRST = 3.0
# One colleague always takes what comes; each other one as soon as so many more wait: what waits is left to whoever
# tries the centre.
EACH_FOR = 3
# No more clients while so many wait.
MOST_WAITING = 30


class Town:
    """Clients, colleagues and a supervisor of one centre."""

    def __init__(self, place: Place, pace: Pace, *, note: Note = unheard) -> None:
        self._place, self.pace, self._note = place, pace, note
        self._post = Post(place.mail, pace, place.sent, note=note)
        self.arrivals = Arrivals(place, self._post, pace, note)
        self.colleagues = [
            Colleague(self._desk(login, password, "operator"), pace) for login, password in place.colleagues.items()
        ]
        self._watchers = [
            Watcher(self._desk(login, password, "supervisor", at=watcher.WAITING), pace)
            for login, password in place.supervisors.items()
        ]
        self._tasks: list[asyncio.Task[None]] = []

    async def follow(self, data: Path, stop: asyncio.Event) -> None:
        """Live as the tempo of a data folder says, until told to stop."""
        current = Tempo.OFF
        while not stop.is_set():
            wanted = tempo.chosen(data)
            if wanted != current:
                log.info("tempo: %s", wanted)
                await self.turn(BEATS.get(wanted))
                current = wanted
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOKS_EVERY):
                    await stop.wait()
        await self.turn(None)

    async def turn(self, beat: Beat | None) -> None:
        """Let people come, go on with another haste, or go home."""
        if beat is None:
            await self._go_home()
            return
        self.pace.haste = beat.haste
        for task in self._tasks[:1]:
            task.cancel()
        fresh = asyncio.create_task(self._arrive(beat.between))
        if self._tasks:
            self._tasks[0] = fresh
        else:
            acts = [self._post.carry(), self._call()]
            acts += [each.work() for each in self.colleagues] + [each.work() for each in self._watchers]
            self._tasks = [fresh, *(asyncio.create_task(_kept(act)) for act in acts)]

    async def _go_home(self) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.arrivals.send_home()
        for colleague in self.colleagues if tasks else ():
            with contextlib.suppress(Away):
                await colleague.desk.leave()

    async def _arrive(self, between: float) -> None:
        await asyncio.sleep(FIRST / self.pace.haste)
        while True:
            if sum(each.waiting for each in self._watchers) < MOST_WAITING:
                self.arrivals.begin()
            await asyncio.sleep(self.pace.chance.expovariate(1 / between))

    async def _call(self) -> None:
        """Call colleagues when much waits, and let them finish what they have when little does."""
        while True:
            waiting = sum(each.waiting for each in self._watchers)
            for place, colleague in enumerate(self.colleagues):
                wanted = place == 0 or waiting > place * EACH_FOR
                if wanted != colleague.receives:
                    colleague.receives = wanted
                    colleague.desk.changed.set()
            await self.pace.pause(4, 8)

    def _desk(self, login: str, password: str, role: str, *, at: str = OWN) -> Desk:
        line = Line(self._place.host, self._place.port, note=self._note)
        return Desk(line, login, password, role, at=at)


async def _kept(act: Coroutine[Any, Any, None]) -> None:
    """Do something until it is cancelled; should it stumble, it is said."""
    try:
        await act
    except Exception:
        log.exception("somebody of the living centre stumbled")
