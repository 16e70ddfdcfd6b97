"""`make load`: a whole centre at work, everybody in it played by programs, through its own doors (QUALITY, CORE 10).

The centre has its own database, web processes and worker; those who play run in this process, on the same processors.
Afterwards the books have to be right. `find` looks by bisection how many operators this machine holds.
"""

import asyncio
import dataclasses
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from flask import Flask

from bench import books, load_people, load_watch
from bench.live_crowd import Centre, free_ports, many_files, percentile
from cec import measuring, preparing
from cec.living.desk import OWN
from cec.living.line import Line
from cec.living.post import Door, Post
from cec.living.watcher import WAITING, Watcher
from cec.platform import logs
from cec.platform.embedded import PrivateDatabase
from cec.platform.settings import Settings

# What a centre that holds its operators keeps to: pages and offers, p95 in milliseconds.
PAGES, OFFERS = 200.0, 500.0
# What an operator waits for with his eyes on the screen.
SEEN = frozenset({"worklist", "open", "reply", "accept", "close", "close form", "wait", "postpone", "transfer"})
# Of fewer answers the p95 is but the longest.
ENOUGH = 20
# Whether it stays as it was is told by pieces of so many seconds.
PIECE = 300.0
# A no that tells of a change meanwhile is none of the centre's faults.
EXPECTED = frozenset({*range(200, 400), 409, 410})
SETTLES = 60.0
SEED = 20261127
OPTIONS = {
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track_planning": "on",
    "max_connections": "200",
    "shared_buffers": "256MB",
}


@dataclass
class Heard:
    """What everybody heard from the centre: how long each answer took, and what it was."""

    took: dict[str, list[float]] = field(default_factory=dict)
    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    # All that was accepted from the beginning on, for the books.
    accepted: Counter[str] = field(default_factory=Counter)
    # What operators waited for, by pieces of the time since counting began.
    pieces: dict[int, list[float]] = field(default_factory=dict)
    began: float | None = None

    def count(self) -> None:
        """Begin to count."""
        self.began = time.monotonic()

    def note(self, what: str, status: int, seconds: float) -> None:
        """Note an answer."""
        if status in EXPECTED:
            self.accepted[what] += 1
        if self.began is None:
            return
        self.took.setdefault(what, []).append(seconds)
        self.statuses.setdefault(what, Counter())[status] += 1
        if what in SEEN:
            self.pieces.setdefault(int((time.monotonic() - self.began) // PIECE), []).append(seconds)

    def pages(self) -> list[float]:
        """Give the p95 of what operators waited for, in milliseconds, of one piece after the other."""
        return [round(1000 * percentile(took, 0.95), 1) for _piece, took in sorted(self.pieces.items())]

    def actions(self) -> list[dict[str, Any]]:
        """Sum up by action."""
        return [
            {
                "action": what,
                "count": len(took),
                **{f"p{share}_ms": round(1000 * percentile(took, share / 100), 1) for share in (50, 95, 99)},
                "errors": {str(code): n for code, n in self.statuses[what].items() if code not in EXPECTED},
            }
            for what, took in sorted(self.took.items())
        ]


def _nobody_reads(_content: bytes) -> None:
    """Lay a letter down."""


class Outside:
    """The mail server that takes what the centre sends: each letter once, or it is told."""

    def __init__(self) -> None:
        self.letters: Counter[str] = Counter()
        self.deliver = _nobody_reads
        [self._port] = free_ports(1)
        self._controller = Controller(self, hostname="127.0.0.1", port=self._port)

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a letter."""
        content = envelope.original_content or b""
        head = content.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ")
        self.letters[
            next((line for line in head.splitlines() if line.lower().startswith(b"message-id:")), b"").decode()
        ] += 1
        self.deliver(content)
        return "250 Taken"

    @contextmanager
    def opened(self) -> Iterator[int]:
        """Have its door open; gives the port."""
        self._controller.start()
        try:
            yield self._port
        finally:
            self._controller.stop()


def run(
    settings: Settings, create: Callable[[Settings], Flask], *, operators: int, seconds: float, warm_up: float
) -> dict[str, Any]:
    """Play a centre with so many operators; gives what was measured after the warm-up, and the books."""
    outside, heard = Outside(), Heard()
    with many_files(), ExitStack() as place:
        folder = Path(place.enter_context(tempfile.TemporaryDirectory(prefix="cec-load-")))
        server = PrivateDatabase(folder, OPTIONS)
        server.start()
        place.callback(server.stop, mode="immediate")
        address = server.url().replace("postgresql://", "postgresql+psycopg2://")
        fresh = dataclasses.replace(settings, database_url=address, data=folder, log_level="WARNING", demo=False)
        logs.set_up(fresh.log_level)
        app = create(fresh)
        preparing.prepare(app)
        port = place.enter_context(outside.opened())
        with app.app_context():
            town = load_people.furnish(operators, smtp_port=port)
        load_watch.ask(server.url(), "create extension if not exists pg_stat_statements")
        centre = Centre(fresh, worker=True)
        centre.environment |= {"CEC_PROXIES": "1"}
        place.enter_context(centre)
        town = dataclasses.replace(
            town, port=centre.port, mail=Door("127.0.0.1", int(centre.environment["SMTP_PORT"]), town.mail.mailbox)
        )
        parents = {"web": centre.processes[0].pid, "worker": centre.processes[1].pid, "load": os.getpid()}
        parents["database"] = int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
        load = Load(town, outside, heard, server.url(), parents)
        measured = asyncio.run(load.play(operators, seconds, warm_up))
        told = {"operators": operators, "seconds": seconds, "machine": measuring.machine()}
        return measured | load.close_books() | told


class Load:
    """One play of a centre."""

    def __init__(
        self, place: load_people.Place, outside: Outside, heard: Heard, dsn: str, parents: dict[str, int]
    ) -> None:
        self._place, self._outside, self._heard, self._dsn, self._parents = place, outside, heard, dsn, parents
        self._pace = load_people.a_pace(SEED)
        self._post = Post(place.mail, self._pace, note=heard.note)
        self._operators = [load_people.Operator(self._seat(*each), self._pace) for each in place.operators]
        self._watchers = [Watcher(self._seat(*each, at=WAITING), self._pace) for each in place.supervisors]
        self._administrators = [
            load_people.Administrator(self._seat(*each, at=""), self._pace) for each in place.administrators
        ]
        self._clients = load_people.Crowd(place, self._post, self._pace, heard.note)

    async def play(self, operators: int, seconds: float, warm_up: float) -> dict[str, Any]:
        """Let everybody come, measure for a while, let everybody go."""
        loop = asyncio.get_running_loop()
        self._outside.deliver = lambda content: loop.call_soon_threadsafe(self._post.deliver, content)
        workers = [*self._operators, *self._watchers, *self._administrators]
        tasks = [asyncio.create_task(self._late(each.work(), warm_up / 3)) for each in workers]
        tasks.append(asyncio.create_task(self._clients.come(operators, spread=warm_up)))
        await asyncio.sleep(warm_up)
        load_watch.ask(self._dsn, "select pg_stat_statements_reset()")
        watch = load_watch.Watch(self._dsn, self._parents)
        watch.start()
        self._heard.count()
        began = time.time()
        await asyncio.sleep(seconds)
        self._heard.began = None
        self._outside.deliver = _nobody_reads
        seen = await asyncio.to_thread(watch.stop)
        held = {"talking": self._clients.talking, "waiting": max(each.waiting for each in self._watchers)}
        await self._clients.go()
        for task in tasks:
            task.cancel()
        told = await asyncio.gather(*tasks, return_exceptions=True)
        troubles = [repr(each) for each in told if isinstance(each, Exception)]
        return {
            "actions": self._heard.actions(),
            "pages_p95_ms": self._heard.pages(),
            **seen,
            **held,
            "troubles": troubles,
            **self._offers(began),
        }

    def close_books(self) -> dict[str, Any]:
        """Let everything settle, then check the books; wrong ones are told with rows."""
        left = books.settle(self._dsn, patience=SETTLES)
        names = [name for each in self._operators for name in each.acknowledged]
        accepted = self._heard.accepted
        came = {"mail": "mail", "chat": "chat message", "api": "api message"}
        stored = dict(
            load_watch.ask(
                self._dsn,
                "select case c.channel when 'email' then 'mail' when 'webchat' then 'chat' else 'api' end, count(*)"
                " from inbound i join channel_account c on c.id = i.channel_account_id group by 1",
            )
        )
        lost = {name: (accepted[what], stored.get(name, 0)) for name, what in came.items()}
        return {
            "left": left,
            "wrong": {what: [list(map(str, row)) for row in rows] for what, rows in books.wrong(self._dsn).items()},
            "answers": books.answers(self._dsn, names),
            "letters_twice": sum(count > 1 for count in self._outside.letters.values()),
            "sent_and_stored": {name: list(pair) for name, pair in lost.items()},
            "is_lost": any(stored_now < sent for sent, stored_now in lost.values()),
            "published": sum(each.published for each in self._administrators),
            "not_published": [no for each in self._administrators for no in each.refusals][:3],
            "clients_given_up": self._clients.given_up,
        }

    def _offers(self, began: float) -> dict[str, Any]:
        """Tell how long offers took to be on the screen, and for how long appeals waited for theirs."""
        seen = {offer: at for each in self._operators for offer, at in each.seat.offers.items()}
        rows = load_watch.ask(
            self._dsn,
            "select s.id, extract(epoch from s.offered_at)::float8,"
            " extract(epoch from s.offered_at - a.enqueued_at)::float8, s.release_kind from assignment s"
            " join appeal a on a.id = s.appeal_id where extract(epoch from s.offered_at) > %s",
            began,
        )
        took = [seen[offer] - at for offer, at, *_ in rows if offer in seen]
        waited = [max(0.0, waits) for _, _, waits, _ in rows if waits is not None]
        return {
            "offers": {
                "count": len(rows),
                **{f"p{share}_ms": round(1000 * percentile(took, share / 100), 1) for share in (50, 95, 99)},
                **{f"waited_p{share}_s": round(percentile(waited, share / 100), 1) for share in (50, 95, 99)},
                "missed": sum(kind == "missed" for *_, kind in rows),
            }
        }

    def _seat(self, login: str, token: str, *, at: str = OWN) -> load_people.Seat:
        line = Line(self._place.host, self._place.port, note=self._heard.note)
        return load_people.Seat(line, login, token, at=at)

    async def _late(self, work: Any, within: float) -> None:
        """Let somebody come to work, not all in the same second."""
        try:
            await asyncio.sleep(self._pace.chance.uniform(0, within))
        except asyncio.CancelledError:
            work.close()
            raise
        await work


def holds(measured: dict[str, Any]) -> bool:
    """Tell whether a centre held its operators: pages and offers in time, no error, the books right."""
    seen = [each for each in measured["actions"] if each["action"] in SEEN and each["count"] >= ENOUGH]
    pages = max((each["p95_ms"] for each in seen), default=0.0)
    errors = any(each["errors"] for each in measured["actions"])
    return pages <= PAGES and measured["offers"]["p95_ms"] <= OFFERS and not errors and is_right(measured)


def is_right(measured: dict[str, Any]) -> bool:
    """Tell whether the books of a run are right."""
    faults = (measured["left"], measured["wrong"], measured["letters_twice"], measured["is_lost"], measured["troubles"])
    return not any(faults) and "lost" not in measured["answers"]


def find(least: int, most: int, step: int, play: Callable[[int], dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Look by bisection for the most operators that are held, to within `step`; gives each run."""
    while most - least > step:
        operators = (least + most) // 2
        measured = play(operators)
        yield measured
        least, most = (operators, most) if holds(measured) else (least, operators)
