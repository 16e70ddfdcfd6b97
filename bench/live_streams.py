"""live.streams: 2,000 open streams, and beside them pages at 200 a second (CORE 10).

Asked is what windows ask most, by turns: GET /operator/worklist, drawn for an operator who holds three appeals, and
POST /heartbeat; 500 operators ask for 63 of both a second at the pace of CORE 10. They are asked at fixed times whether
or not earlier ones were answered, and measured from these times; every second two of the streams are told of an offer.
The limit is the bare page /healthz at the same pace with the same streams open. The asking itself takes part of the
same processors.
"""

import asyncio
import dataclasses
import multiprocessing as mp
import random
import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import text

from bench import live_crowd
from bench.live_crowd import Browser, Centre, Seen, percentile
from cec.app import create_app
from cec.appeals import intake_door
from cec.channels import accounts, receiving
from cec.platform import live
from cec.platform.db import db, unit_of_work
from cec.platform.settings import Settings

FIGURES = ("live.streams",)
OPERATORS, WINDOWS = 500, 4
RATE = 200
# Long enough that connections to the database that the pace calls for are open, and know the tables.
SECONDS, WARM_UP = 20, 10
HOLDERS, HELD = 40, 3
GOAL = 50.0
MOST_MEMORY = 60.0
LIST, HEARTBEAT, BARE = ("GET", "/operator/worklist"), ("POST", "/heartbeat"), ("GET", "/healthz")
ASKED = {"bare": [BARE], "page": [LIST, HEARTBEAT]}


@dataclasses.dataclass
class Run:
    """What a run at the fixed pace gave: milliseconds each, and how many failed."""

    took: list[float]
    failed: int
    # Seconds of processor for each.
    cpu: float = 0.0


def measure(settings: Settings) -> Iterator[dict[str, Any]]:
    """Measure on an empty, migrated database."""
    app = create_app(settings)
    with app.app_context(), live_crowd.many_files():
        people = live_crowd.furnish(OPERATORS)
        _hold_appeals(people)
        with Centre(settings, worker=False) as centre:
            ours, theirs = mp.get_context("spawn").Pipe()
            crowd = mp.get_context("spawn").Process(
                target=_crowd, args=(centre.port, [cookie for _, cookie in people], theirs), daemon=True
            )
            crowd.start()
            ours.recv()
            before = centre.memory()
            ours.send("open")
            opened = ours.recv()
            memory = (centre.memory() - before) / opened
            runs = {}
            for name, asked in ASKED.items():
                ours.send(asked)
                began = centre.cpu()
                while not ours.poll(0.5):
                    _tell_two(people)
                runs[name] = ours.recv()
                runs[name].cpu = (centre.cpu() - began) / RATE / (SECONDS + WARM_UP)
            ours.send(None)
            troubles = ours.recv()
            crowd.join(timeout=30)
    yield _figure(runs["page"], runs["bare"], opened, memory / 1024, troubles)


def _figure(page: Run, bare: Run, opened: int, memory: float, troubles: list[str]) -> dict[str, Any]:
    p95, limit = (percentile(run.took, 0.95) for run in (page, bare))
    failed = page.failed + len(troubles)
    return {
        "name": "live.streams",
        "value": round(p95, 1),
        "unit": "ms p95",
        "limit": round(limit, 1),
        "ratio": round(p95 / limit, 1),
        "goal": GOAL,
        "holds": p95 < GOAL and not failed and memory < MOST_MEMORY and opened == OPERATORS * WINDOWS,
        "note": f"{opened} streams, {len(page.took)} of {RATE * SECONDS} pages at {RATE}/s, {failed} failed,"
        f" median {percentile(page.took, 0.5):.1f} ms, {1e3 * page.cpu:.1f} ms CPU each (bare"
        f" {1e3 * bare.cpu:.1f}); a stream takes {memory:.1f} KB (at most {MOST_MEMORY:.0f});"
        f" limit: /healthz at the same pace {', '.join(troubles[:2])}",
    }


def _hold_appeals(people: list[tuple[int, str]]) -> None:
    """Let letters arrive by the ordinary way, and some operators hold their appeals."""
    with unit_of_work():
        account = accounts.list_active("email")[0]
    for number in range(HELD * HOLDERS):
        with unit_of_work():
            name = f"streams.{number}"
            letter = f"From: Client <{name}@bench.example>\nSubject: Where?\nMessage-ID: <{name}>\n\nHello, delivery?"
            inbound = receiving.receive(account, name, letter.encode(), {"mail_from": f"{name}@bench.example"})
        assert inbound is not None
        with unit_of_work():
            intake_door.take_in(inbound)
    with unit_of_work():
        db.session.execute(_HELD, {"who": [person for person, _ in people[1 : HOLDERS + 1]]})


_HELD = text("""
    UPDATE appeal SET status = 'in_work', operator_id = (CAST(:who AS int[]))[1 + id % cardinality(CAST(:who AS int[]))]
    WHERE status = 'queued'""")


def _tell_two(people: list[tuple[int, str]]) -> None:
    with unit_of_work():
        live.announce(live.OFFER, f"employee:{random.choice(people)[0]}")  # noqa: S311 - no secret


# The crowd, a process of its own.


def _crowd(port: int, cookies: list[str], pipe: Any) -> None:
    with live_crowd.many_files():
        asyncio.run(_be_crowd(port, cookies, pipe))


async def _be_crowd(port: int, cookies: list[str], pipe: Any) -> None:
    seen = Seen()
    # Every worker has served pages of every kind before its memory is looked at.
    for cookie in cookies[:HOLDERS] * 3:
        await Browser(port, cookie, seen).ask(*LIST)
    pipe.send("ready")
    await asyncio.to_thread(pipe.recv)
    streams = []
    for cookie in cookies * WINDOWS:
        streams.append(asyncio.create_task(Browser(port, cookie, seen).listen()))
        if len(streams) % 20 == 0:
            await asyncio.sleep(0.05)
    until = time.monotonic() + live_crowd.PATIENCE
    while seen.count["streams"] < len(streams) and time.monotonic() < until:  # noqa: ASYNC110 - counted by all of them
        await asyncio.sleep(0.1)
    await asyncio.sleep(3)
    pipe.send(seen.count["streams"])
    askers = [Browser(port, cookie, seen) for cookie in cookies[1 : HOLDERS + 1]]
    while (asked := await asyncio.to_thread(pipe.recv)) is not None:
        await _pace(askers, asked, WARM_UP)
        pipe.send(await _pace(askers, asked, SECONDS))
    pipe.send(seen.troubles)
    for stream in streams:
        stream.cancel()


async def _pace(askers: list[Browser], asked: list[tuple[str, str]], seconds: float) -> Run:
    """Ask at fixed times, whether or not earlier ones were answered."""
    began, count = time.monotonic() + 0.1, int(RATE * seconds)

    async def one(number: int) -> float | None:
        due = began + number / RATE
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        try:
            browser, (method, path) = askers[number // len(asked) % len(askers)], asked[number % len(asked)]
            status, _ = await asyncio.wait_for(
                browser.ask(method, path, **({"untouched": 3} if method == "POST" else {})), 30
            )
        except (OSError, EOFError, TimeoutError):
            return None
        return 1e3 * (time.monotonic() - due) if status == 200 else None  # noqa: PLR2004 - OK

    took = await asyncio.gather(*(one(number) for number in range(count)))
    done = [each for each in took if each is not None]
    return Run(done, count - len(done))
