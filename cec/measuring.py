"""The figures of the product, each beside its limit taken in the same run (README)."""

import importlib
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import psycopg2
from flask import Flask
from sqlalchemy.engine import make_url

from cec import preparing
from cec.platform import embedded, logs
from cec.platform.settings import Settings

# What a figure has: name, value, unit, limit, ratio, goal, holds, note; the median of several turns has a spread. The
# machine on which it was measured, and how busy that was before, stand beside.
Figure = dict[str, Any]
# What takes so many seconds at most is measured so many times; what takes longer repeats in itself what it measures.
QUICK, TURNS = 40.0, 3
FOLDER = Path(__file__).parent.parent / "bench"


class Load(NamedTuple):
    """What `cec load` is asked."""

    operators: int
    # Measured for so many minutes, after so many seconds in which everybody comes.
    minutes: float
    warm_up: float
    # Look by bisection instead: between so many and so many operators, to within so many.
    find: tuple[int, int, int] | None


def measure(names: Iterable[str], settings: Settings, create: Callable[[Settings], Flask]) -> Iterator[Figure]:
    """Run the benchmarks of these names or all; each on an empty centre with a database and folder of its own.

    A module bench/<first word>….py measures the figures of that first word: bench/engine.py has engine.start.
    """
    # As a package of the repository, so that processes which a benchmark starts find it too.
    sys.path.insert(0, str(FOLDER.parent))
    wanted = set(names)
    first_words = {name.partition(".")[0] for name in wanted}
    for path in sorted(FOLDER.glob("*.py")):
        module = importlib.import_module(f"bench.{path.stem}")
        if not hasattr(module, "measure") or (wanted and path.stem.partition("_")[0] not in first_words):
            continue
        # A module of several can tell which figures are its own.
        if wanted and not wanted & {*getattr(module, "FIGURES", wanted), path.stem.partition("_")[0]}:
            continue
        here = machine()
        for figure in median(_turns(module.measure, settings, create)):
            if not wanted or figure["name"] in wanted or figure["name"].partition(".")[0] in wanted:
                yield {**figure, "machine": here}


def machine() -> dict[str, Any]:
    """Name the machine on which is measured, and what it does besides: processes that wanted to run lately."""
    return {
        "processors": os.cpu_count(),
        "system": platform.platform(),
        "load": [round(each, 2) for each in os.getloadavg()],
    }


def _turns(
    act: Callable[[Settings], Iterable[Figure]], settings: Settings, create: Callable[[Settings], Flask]
) -> Iterator[list[Figure]]:
    for turn in range(TURNS):
        began = time.monotonic()
        with ExitStack() as place:
            fresh = empty_centre(place, settings)
            logs.set_up(fresh.log_level)
            preparing.prepare(create(fresh))
            yield list(act(fresh))
        if not turn and time.monotonic() - began > QUICK:
            break


def median(turns: Iterable[list[Figure]]) -> Iterator[Figure]:
    """Give each figure of the turn in which its ratio was the middle one, with the values between which it lay.

    What has to be nought - messages lost, books wrong - is told as it was at its worst.
    """
    for figures in zip(*turns, strict=True):
        middle = sorted(figures, key=lambda figure: float(figure["ratio"]))[len(figures) // 2]
        if not middle["limit"]:
            middle = max(figures, key=lambda figure: float(figure["value"]))
        if len(figures) > 1:
            spread = [min(figure["value"] for figure in figures), max(figure["value"] for figure in figures)]
            middle |= {"spread": spread, "note": f"{spread[0]} to {spread[1]} in {len(figures)} runs; {middle['note']}"}
        yield middle


def play(settings: Settings, create: Callable[[Settings], Flask], asked: Load) -> Iterator[dict[str, Any]]:
    """Play a centre at work with so many operators, or look how many it holds; gives each run as it ends."""
    sys.path.insert(0, str(FOLDER.parent))
    load, report = (importlib.import_module(f"bench.{name}") for name in ("load", "load_report"))

    def run(operators: int) -> dict[str, Any]:
        told: dict[str, Any] = load.run(
            settings, create, operators=operators, seconds=asked.minutes * 60, warm_up=asked.warm_up
        )
        told |= {"holds": load.holds(told), "is_right": load.is_right(told)}
        return told | {"table": list(report.lines(told))}

    yield from load.find(*asked.find, run) if asked.find else [run(asked.operators)]


def empty_centre(place: ExitStack, settings: Settings) -> Settings:
    """Make an empty database, on the server of DATABASE_URL or on one of its own, and a folder; both go afterwards."""
    folder = Path(place.enter_context(tempfile.TemporaryDirectory(prefix="cec-bench-")))
    server = settings.database_url or place.enter_context(embedded.running(folder))
    url = make_url(server).set(drivername="postgresql")
    name = f"cec_bench_{folder.name[-8:]}".lower()
    _say(url, f'create database "{name}"')
    place.callback(_say, url, f'drop database if exists "{name}" with (force)')
    address = url.set(database=name).render_as_string(hide_password=False)
    return Settings.read({"DATABASE_URL": address, "CEC_DATA": str(folder), "CEC_LOG_LEVEL": "WARNING"})


def _say(url: Any, statement: str) -> None:
    connection = psycopg2.connect(url.render_as_string(hide_password=False))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()
