"""doors.api: messages accepted by the API channel - verified, checked, stored, answered - at 300 a second (CORE 10).

Asked at fixed times for a minute, whether or not earlier requests were answered, of two web processes; every message is
another one, of 500 senders, signed. Before, a hundred messages are sent three times in sequence and each time twice at
once. Then two workers take in what waits. The limit is the bare page /healthz at the same pace; the asking itself takes
part of the same processors.
"""

import asyncio
import multiprocessing as mp
import time
from collections.abc import Iterator
from typing import Any

import orjson
import psycopg2

from bench import furnishing, live_crowd
from bench.live_crowd import Centre, percentile
from cec.app import create_app
from cec.channels.api import opening
from cec.platform import signatures
from cec.platform.db import unit_of_work
from cec.platform.settings import Settings

FIGURES = ("doors.api",)
RATE, SECONDS, WARM_UP = 300, 60, 5
SENDERS = 500
REPEATED, IN_SEQUENCE, AT_ONCE = 100, 3, 2
DRAINED_FOR = 20.0
GOAL, DRAIN_GOAL = 25.0, 60.0
ACCEPTED = frozenset({200, 202})
PATH = "/api/v1/channels/app/messages"


def measure(settings: Settings) -> Iterator[dict[str, Any]]:
    """Measure on an empty, migrated database."""
    app = create_app(settings)
    with app.app_context(), unit_of_work():
        furnishing.fill()
        _account, secret = opening.create(name="Bench", code="app", config={}, by="system")
    dsn = settings.database_url.replace("+psycopg2", "")
    with live_crowd.many_files(), Centre(settings, worker=False) as centre:
        ours, theirs = mp.get_context("spawn").Pipe()
        asker = mp.get_context("spawn").Process(target=_ask, args=(centre.port, secret, theirs), daemon=True)
        asker.start()
        before = centre.cpu()
        bare, took, failed, statuses = ours.recv()
        cpu = (centre.cpu() - before) / (2 * RATE * (SECONDS + WARM_UP))
        asker.join(timeout=30)
    stored = _count(dsn, "select count(*) from inbound where provider_event_id like 'm-%'")
    once = _count(dsn, "select count(*) from inbound where provider_event_id like 'r-%'")
    waiting = _count(dsn, "select count(*) from inbound where state = 'new'")
    rate, messages = _drain(settings, dsn)
    yield _figure(took, bare, failed, (stored, once, messages), statuses, (waiting, rate), cpu)


def _figure(
    took: list[float],
    bare: list[float],
    failed: int,
    counted: tuple[int, int, int],
    statuses: dict[int, int],
    drained: tuple[int, float],
    cpu: float,
) -> dict[str, Any]:
    stored, once, messages = counted
    p95, limit = percentile(took, 0.95), percentile(bare, 0.95)
    sent = RATE * (SECONDS + WARM_UP)
    lost, doubled = max(0, sent - stored) + max(0, REPEATED - once), max(0, once - REPEATED) + max(0, messages - once)
    new = statuses.get(202, 0)
    return {
        "name": "doors.api",
        "value": round(p95, 1),
        "unit": "ms p95",
        "limit": round(limit, 1),
        "ratio": round(p95 / limit, 1),
        "goal": GOAL,
        "holds": p95 <= GOAL
        and not failed
        and not lost
        and not doubled
        and new == REPEATED
        and drained[1] >= DRAIN_GOAL,
        "note": f"{len(took)} of {RATE * SECONDS} at {RATE}/s, {failed} failed, median {percentile(took, 0.5):.1f} ms,"
        f" {1e3 * cpu:.1f} ms CPU with a bare page each; {REPEATED} sent {IN_SEQUENCE * AT_ONCE} times: {new} new,"
        f" {lost} lost, {doubled} doubled; {drained[0]} waited, taken in at {drained[1]:.0f}/s (at least"
        f" {DRAIN_GOAL:.0f}); limit: /healthz at the same pace",
    }


def _drain(settings: Settings, dsn: str) -> tuple[float, int]:
    """Let two workers take in what waits for a while; gives how many a second, and messages of the repeated."""
    centre = Centre(settings, worker=True)
    centre.words.append(["worker", "--no-door"])
    with centre:
        began, before = time.monotonic(), _count(dsn, "select count(*) from message")
        time.sleep(DRAINED_FOR)
        after, seconds = _count(dsn, "select count(*) from message"), time.monotonic() - began
    return (after - before) / seconds, _count(dsn, "select count(*) from message where provider_event_id like 'r-%'")


def _count(dsn: str, statement: str) -> int:
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


# Who asks, a process of its own.


def _ask(port: int, secret: str, pipe: Any) -> None:
    with live_crowd.many_files():
        pipe.send(asyncio.run(_be_program(port, secret)))


async def _be_program(port: int, secret: str) -> tuple[list[float], list[float], int, dict[int, int]]:
    lines = Lines(port)
    statuses: dict[int, int] = {}
    for number in range(REPEATED):
        request = _request(secret, f"r-{number}", number)
        for _ in range(IN_SEQUENCE):
            for status in await asyncio.gather(*(lines.ask(request) for _ in range(AT_ONCE))):
                statuses[status] = statuses.get(status, 0) + 1
    bare = b"GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n"
    seen, _ = await _pace(lines, lambda _: bare, WARM_UP, SECONDS)
    took, failed = await _pace(lines, lambda number: _request(secret, f"m-{number}", number), WARM_UP, SECONDS)
    return seen, took, failed, statuses


async def _pace(lines: "Lines", request: Any, warm_up: int, seconds: int) -> tuple[list[float], int]:
    began, count = time.monotonic() + 0.1, RATE * (warm_up + seconds)

    async def one(number: int) -> float | None:
        due = began + number / RATE
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        try:
            status = await asyncio.wait_for(lines.ask(request(number)), 30)
        except (OSError, EOFError, TimeoutError):
            return None
        return 1e3 * (time.monotonic() - due) if status in ACCEPTED else None

    told = await asyncio.gather(*(one(number) for number in range(count)))
    took = [each for each in told[RATE * warm_up :] if each is not None]
    return took, sum(each is None for each in told)


class Lines:
    """Connections that are kept, as programs do."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, request: bytes) -> int:
        """Send a request and read its answer; gives the status. A kept line that was closed meanwhile is replaced."""
        kept = self._free.pop() if self._free else None
        try:
            line = kept or await asyncio.open_connection("127.0.0.1", self.port)
            line[1].write(request)
            head = await line[0].readuntil(b"\r\n\r\n")
        except (ConnectionError, asyncio.IncompleteReadError) as gone:
            if kept is None or getattr(gone, "partial", b""):
                raise
            kept[1].close()
            return await self.ask(request)
        told = dict(part.lower().split(b": ", 1) for part in head.split(b"\r\n")[1:] if b": " in part)
        await line[0].readexactly(int(told.get(b"content-length", b"0")))
        if told.get(b"connection") == b"close":
            line[1].close()
        else:
            self._free.append(line)
        return int(head.split(b" ", 2)[1])


def _request(secret: str, name: str, number: int) -> bytes:
    told = {
        "external_id": name,
        "sender": {"id": f"s{number % SENDERS}", "name": "Клиент"},
        "text": "Здравствуйте! Где мой заказ? Обещали привезти сегодня до обеда.",
    }
    body = orjson.dumps(told)
    head = f"POST {PATH} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}X-CEC-Signature: {signatures.sign(secret, body)}\r\n\r\n".encode() + body
