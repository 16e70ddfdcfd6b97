"""Five hundred operators at work, for the figures live.*: who they are, and their browsers as far as HTTP goes.

A browser of the crowd does what ours does: keeps a stream open, fetches its list when told of it or of an offer,
accepts what rings, says every 15 seconds that it lives. Its own work is on the same processors as the centre's.
"""

import asyncio
import contextlib
import hashlib
import os
import random
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import orjson

from bench import furnishing
from cec.platform import journal
from cec.platform.db import db, unit_of_work
from cec.platform.settings import Settings
from cec.queues.models import Queue
from cec.staff import presence, signing_in
from cec.staff.models import Branch, Employee, OperatorGroup, Presence, Session, Workplace

HEARTBEAT = 15.0
# As live.js does after a resync of everybody.
SPREAD = 5.0
PATIENCE = 120.0
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


def furnish(count: int) -> list[tuple[int, str]]:
    """Fill an empty centre with so many active operators; gives the number and the cookie of each.

    The first of them serves the queue of payments alone, the others all the rest.
    """
    with unit_of_work():
        furnishing.fill()
    with unit_of_work():
        branch, place = (db.session.scalars(db.select(kind)).first() for kind in (Branch, Workplace))
        boris = db.session.scalars(db.select(Employee).filter_by(login="boris")).one()
        people = [
            Employee(login=f"crowd{n}", name=f"Оператор {n}", roles=["operator"], branch=branch, password_hash="-")  # noqa: S106 - no word fits it
            for n in range(count)
        ]
        db.session.add_all(people)
        alone = OperatorGroup(code="alone", name="Один", members=people[:1], leader_id=boris.id)
        crowd = OperatorGroup(code="crowd", name="Все", members=people[1:], leader_id=boris.id)
        db.session.add_all([alone, crowd])
        for queue in db.session.scalars(db.select(Queue).order_by(Queue.id)):
            queue.groups = [alone if queue.code == "payment" else crowd]
        db.session.flush()
        for queue in db.session.scalars(db.select(Queue).order_by(Queue.id)):
            journal.record("queue.changed", f"queue:{queue.id}", by="system")
    ids = [person.id for person in people]
    begun = []
    for few in (ids[at : at + 50] for at in range(0, len(ids), 50)):
        with unit_of_work():
            begun += [_begin(db.session.get_one(Employee, number), branch.id, place.id) for number in few]
    return begun


def _begin(person: Employee, branch_id: int, place_id: int) -> tuple[int, str]:
    """Sign a person in and let him take appeals; passwords are not what is measured."""
    token = secrets.token_urlsafe(32)
    session = Session(token_sha256=hashlib.sha256(token.encode()).hexdigest(), employee=person)
    db.session.add(session)
    db.session.flush()
    signing_in.choose(session, "operator", branch_id, place_id)
    presence.set_status(person, Presence.ACTIVE, by=person.key, source="self")
    return person.id, token


class Centre:
    """The processes of a centre on a port of its own: web, and the worker if wanted."""

    def __init__(self, settings: Settings, *, worker: bool) -> None:
        self.port, mail, metrics = free_ports(3)
        # What the whole bench may hold open: streams of both ends.
        self.environment = os.environ | {
            "DATABASE_URL": settings.database_url, "CEC_DATA": str(settings.data), "CEC_LOG_LEVEL": "WARNING",
            "PORT": str(self.port), "SMTP_PORT": str(mail), "CEC_METRICS_PORT": str(metrics), "DEMO": "off",
        }  # fmt: skip
        self.words = [["serve"], ["worker"]] if worker else [["serve"]]
        self.processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self.processes = [
            subprocess.Popen([sys.executable, "-m", "cec", *words], env=self.environment)  # noqa: S603 - our own words
            for words in self.words
        ]
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5).close()
                return self
            time.sleep(0.2)
        self.__exit__()
        raise TimeoutError("the centre does not come up")

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(timeout=30)

    def memory(self, of: int = 0) -> int:
        """Add up what the web processes use, or the worker as the second, in bytes; what they share counts once."""
        rolls = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self._pids(of)]
        return sum(1024 * int(re.search(r"^Pss: +(\d+)", roll, re.MULTILINE)[1]) for roll in rolls)

    def cpu(self) -> float:
        """Give the seconds of processor that the web processes have taken."""
        ticks = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13] for pid in self._pids()]
        return sum(int(tick) for each in ticks for tick in each) / os.sysconf("SC_CLK_TCK")

    def _pids(self, of: int = 0) -> list[str]:
        master = self.processes[of].pid
        return [str(master), *Path(f"/proc/{master}/task/{master}/children").read_text().split()]


def free_ports(count: int) -> list[int]:
    """Find ports that nobody has at the moment."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@dataclass
class Seen:
    """What browsers saw: how often what was done, seconds that answers took, what went wrong."""

    count: Counter[str] = field(default_factory=Counter)
    took: dict[str, list[float]] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)


class Browser:
    """One window of an operator."""

    def __init__(self, port: int, cookie: str, seen: Seen) -> None:
        self.port, self.seen = port, seen
        self._head = f"Host: 127.0.0.1:{port}\r\nCookie: cec_session={cookie}\r\n"
        self._lines: deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = deque()
        self.is_fetching = self._again = False

    async def listen(self, hear: Any = None) -> None:
        """Keep a stream open, and do what is told; without `hear` it only listens."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"GET /live HTTP/1.1\r\n{self._head}Accept: text/event-stream\r\n\r\n".encode())
        status = (await reader.readline()).decode()
        if " 200 " not in status:
            self.seen.troubles.append(f"no stream: {status.strip()}")
            return
        self.seen.count["streams"] += 1
        try:
            while line := await reader.readline():
                if line.startswith(b"data: "):
                    self.seen.count["events"] += 1
                    if hear:
                        hear(orjson.loads(line[6:]))
            self.seen.troubles.append("a stream broke")
        finally:
            writer.close()

    async def ask(self, method: str, path: str, **fields: object) -> tuple[int, str]:
        """Send a request over a connection that is kept; gives status and text, notes how long it took."""
        body = urllib.parse.urlencode(fields).encode()
        head = f"{method} {path} HTTP/1.1\r\n{self._head}HX-Request: true\r\nHX-Request-Type: partial\r\n"
        if method != "GET":
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        sent = f"{head}\r\n".encode() + body
        while self._lines:
            line = self._lines.pop()
            # As browsers do: one that the other side has closed meanwhile is not used.
            if not line[0].at_eof():
                break
            line[1].close()
        else:
            line = await asyncio.open_connection("127.0.0.1", self.port)
        line[1].write(sent)
        status, text, is_kept = await _answer(line[0])
        if is_kept:
            self._lines.append(line)
        else:
            line[1].close()
        return status, text

    async def work(self) -> None:
        """Listen, fetch, accept and say that one lives, until cancelled."""
        stream = asyncio.create_task(self.listen(self._hear))
        try:
            await asyncio.sleep(HEARTBEAT * random.random())  # noqa: S311 - no secret
            while True:
                await self._timed("heartbeat", "POST", "/heartbeat", untouched=3)
                await asyncio.sleep(HEARTBEAT)
        finally:
            stream.cancel()

    def _hear(self, notices: list[list[str]]) -> None:
        names = {notice[0] for notice in notices} - {"notice", "session.ended"}
        self._again = self._again or bool(names)
        if names and not self.is_fetching:
            self.is_fetching = True
            self._task = asyncio.create_task(self._fetch(spread="resync" in names))

    async def _fetch(self, *, spread: bool) -> None:
        if spread:
            await asyncio.sleep(SPREAD * random.random())  # noqa: S311 - no secret
        while self._again:
            self._again = False
            _, drawn = await self._timed("worklist", "GET", "/operator/worklist")
            for offer in set(re.findall(r'id="offer-(\d+)"', drawn)):
                await self._timed("acceptance", "POST", f"/operator/offers/{offer}/acceptance", stay="")
        self.is_fetching = False

    async def _timed(self, what: str, method: str, path: str, **fields: object) -> tuple[int, str]:
        began = time.monotonic()
        try:
            status, text = await self.ask(method, path, **fields)
        except (OSError, EOFError):
            status, text = 0, ""
        if status != 200:  # noqa: PLR2004 - OK
            self.seen.count[f"{what}: {status}"] += 1
        self.seen.count[what] += 1
        self.seen.took.setdefault(what, []).append(time.monotonic() - began)
        return status, text


async def _answer(reader: asyncio.StreamReader) -> tuple[int, str, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status = int(head.split(" ", 2)[1])
    size = re.search(r"^content-length: (\d+)", head, re.MULTILINE)
    body = await reader.readexactly(int(size[1])) if size else b""
    return status, body.decode(), "connection: close" not in head


def percentile(values: list[float], share: float) -> float:
    """Give the value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


@contextlib.contextmanager
def many_files() -> Iterator[None]:
    """Let this process, and those it starts, hold as many open files as they may."""
    import resource  # noqa: PLC0415 - not everywhere

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
