"""claims.*: how fast, how evenly and how rightly appeals are claimed (CORE 10).

500 operators with 12 lanes each of 40, 20,000 waiting, a million closed; 8 processes claim through our code, each claim
a transaction and its NOTIFY; what they have claimed comes again at once. The limit is pgbench -c 8 -j 2 -M simple on a
database of scale 50, on the same server in the same minutes.
"""

import datetime as dt
import multiprocessing as mp
import os
import random
import re
import signal
import statistics
import subprocess
import time
from collections.abc import Iterator
from queue import Empty
from typing import Any

import psycopg2
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bench import furnishing
from cec.app import create_app
from cec.distribution import choosing, lanes
from cec.platform import clock, collector
from cec.platform.db import db, unit_of_work
from cec.platform.embedded import BIN
from cec.platform.settings import Settings
from cec.queues.lanes import open_lane
from cec.queues.models import Queue
from cec.staff import presence
from cec.staff.models import Branch, Employee, OperatorGroup, Presence

OPERATORS = 500
QUEUES = 10
CHANNELS = ("email", "chat", "messenger", "sms")
TARGETS = (60, 300, 1800, 14400)
SERVED = 3
CAP = 5
FEW, USUAL, MANY = 1_000, 20_000, 100_000
CLOSED = 1_000_000
PROCESSES, KILLED = 8, 3
SECONDS, BOOKS_SECONDS = 30.0, 15.0
TOGETHER = 10
SAMPLES, TRIES = 100, 4
RATE, P95, BUFFERS, STEADY = 0.3, 15.0, 1.5, 1.2


def measure(settings: Settings) -> Iterator[dict[str, Any]]:
    """Measure growth first, from few to many; then the rate, then the books."""
    app = create_app(settings)
    with app.app_context():
        furnish()
        wait(FEW)
        few = _taken()
        wait(USUAL - FEW)
        usual = _taken()
        wait(MANY - USUAL)
        many = _taken()
        _no_more_than(USUAL)
        close(CLOSED)
        full = _taken()
    yield _growth(few, usual, many, full)
    limit = _pgbench(settings)
    rate, p95, _ = claimed(settings, SECONDS, killed=0)
    limit = (limit + _pgbench(settings)) / 2
    yield {
        "name": "claims.rate", "value": round(rate), "unit": "claims a second", "limit": round(limit),
        "ratio": round(rate / limit, 2), "goal": RATE, "holds": rate / limit >= RATE and p95 <= P95,
        "note": f"p95 {p95:.1f} ms (at most {P95:.0f}); {PROCESSES} processes, {USUAL} waiting, {CLOSED} closed;"
        " limit: TPC-B transactions of pgbench before and after",
    }  # fmt: skip
    rate, _p95, restless = claimed(settings, BOOKS_SECONDS, killed=KILLED, restless=True)
    with app.app_context():
        books = _books()
    yield {
        "name": "claims.books", "value": sum(books.values()), "unit": "faults", "limit": 0, "ratio": 0.0, "goal": 0,
        "holds": not any(books.values()) and restless > 0,
        "note": ", ".join(f"{count} {name}" for name, count in books.items())
        + f"; {KILLED} of {PROCESSES} killed with -9, {restless} times operators came or went,"
        f" {rate:.0f} claims a second",
    }  # fmt: skip


def _growth(few: "Taken", usual: "Taken", many: "Taken", full: "Taken") -> dict[str, Any]:
    # Beside the counting of the same turns: between both lies the filling, and another speed of the machine.
    buffers, slower = many.buffers / few.buffers, full.ratio / usual.ratio
    return {
        "name": "claims.growth", "value": round(buffers, 2), "unit": "x buffers", "limit": round(few.buffers),
        "ratio": round(slower, 2), "goal": BUFFERS, "holds": buffers <= BUFFERS and slower <= STEADY,
        "note": f"{few.buffers:.0f} buffers at {FEW} waiting, {many.buffers:.0f} at {MANY}; {usual.ms:.2f} ms without"
        f" closed ones, {full.ms:.2f} ms with {CLOSED} (ratio beside a counting in turns, at most {STEADY});"
        f" {few.ms:.2f} ms at {FEW}, {many.ms:.2f} at {MANY}; limit: buffers at {FEW}",
    }  # fmt: skip


# Measuring.


class Taken:
    """What one claim takes in the server: medians over many operators."""

    def __init__(self, plans: list[tuple[float, float, float]]) -> None:
        self.ms, self.buffers, _ = (statistics.median(column) for column in zip(*plans, strict=True))
        # In times of a plain counting on the same server.
        self.ratio = statistics.median(ms / counting for ms, _, counting in plans)


def _taken() -> Taken:
    """Explain the claims of many operators, each rolled back."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    ids = db.session.scalars(text("SELECT employee_id FROM capacity ORDER BY md5(employee_id::text)")).all()
    db.session.rollback()
    # Of each the best of some: what else the machine does is none of our business here.
    tries = [[_explained(employee_id) for _ in range(TRIES)] for employee_id in ids[:SAMPLES]]
    best = [[min(column) for column in zip(*each, strict=True)] for each in tries]
    return Taken([(ms, buffers, counting) for ms, buffers, counting in best])


_EXPLAIN = text("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) SELECT * FROM claim(:employee, :now)")
_COUNTING = text("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) SELECT count(*) FROM generate_series(1, 5000)")


def _explained(employee_id: int) -> tuple[float, float, float]:
    (counting,) = db.session.scalar(_COUNTING)
    (plan,) = db.session.scalar(_EXPLAIN, {"employee": employee_id, "now": clock.now()})
    db.session.rollback()
    top = plan["Plan"]
    assert top["Actual Rows"] == 1, "nothing was claimed"
    return plan["Execution Time"], top["Shared Hit Blocks"] + top["Shared Read Blocks"], counting["Execution Time"]


def claimed(settings: Settings, seconds: float, *, killed: int, restless: bool = False) -> tuple[float, float, int]:
    """Let processes claim; gives claims a second, p95 in ms, and how often operators came or went meanwhile."""
    spawn = mp.get_context("spawn")
    told: Any = spawn.Queue()
    begin = spawn.Event()
    facts = (settings, seconds, begin, told)
    jobs = [spawn.Process(target=_claim, args=(n, *facts), daemon=True) for n in range(PROCESSES)]
    if restless:
        jobs.append(spawn.Process(target=_come_and_go, args=facts, daemon=True))
    for job in jobs:
        job.start()
    for _ in jobs:
        assert told.get(timeout=120) == "ready"
    begin.set()
    if killed:
        time.sleep(seconds / 2)
        for job in jobs[:killed]:
            os.kill(job.pid or 0, signal.SIGKILL)
    heard = _collect(told, len(jobs) - killed, seconds + 60)
    for job in jobs:
        job.join(timeout=10)
    times = [taken for kind, taken, _seconds in heard if kind == "claims" for taken in taken]
    rate = sum(len(taken) / lasted for kind, taken, lasted in heard if kind == "claims")
    turns = sum(taken for kind, taken, _seconds in heard if kind == "turns")
    return rate, 1e3 * statistics.quantiles(times, n=20)[-1], turns


def _collect(told: Any, count: int, patience: float) -> list[Any]:
    """Hear what those who live have to tell; a killed one may have died with the queue in its hand."""
    facts = []
    for _ in range(count):
        try:
            facts.append(told.get(timeout=patience))
        except Empty:
            break
    return facts


def _claim(number: int, settings: Settings, seconds: float, begin: Any, told: Any) -> None:
    """Be one of the distributors: claim for operators by chance; what was claimed comes again, some at a time."""
    app = create_app(settings)
    collector.calm()
    dice = random.Random(number)  # noqa: S311 - a benchmark
    with app.app_context():
        ids = list(db.session.scalars(text("SELECT employee_id FROM capacity ORDER BY 1")))
        db.session.rollback()
        choosing.claim(dice.choice(ids))
        told.put("ready")
        begin.wait()
        times, held, until = list[float](), list[int](), time.perf_counter() + seconds
        began = time.perf_counter()
        while time.perf_counter() < until:
            at = time.perf_counter()
            appeal_id = choosing.claim(dice.choice(ids))
            if appeal_id is None:
                continue
            times.append(time.perf_counter() - at)
            held.append(appeal_id)
            if len(held) >= TOGETHER:
                _again(held)
                held.clear()
        told.put(("claims", times, time.perf_counter() - began))
        told.close()
        told.join_thread()


# Some claimed appeals come again: their rooms are given back, they wait anew; locks in the order of CORE 3.
_AGAIN = text("""
    WITH mine AS MATERIALIZED (SELECT id FROM appeal WHERE id = ANY (:ids) ORDER BY id FOR UPDATE),
    again AS (
        UPDATE appeal SET status = 'queued', operator_id = NULL, rank_at = clock_timestamp(), version = version + 1
        WHERE id IN (SELECT id FROM mine) AND status = 'in_work' RETURNING id),
    released AS (
        UPDATE assignment r SET state = 'released', release_kind = 'closed', released_at = clock_timestamp()
        FROM again WHERE r.appeal_id = again.id AND r.released_at IS NULL RETURNING r.employee_id, r.channel, r.weight),
    held AS MATERIALIZED (
        SELECT employee_id FROM capacity WHERE employee_id IN (SELECT employee_id FROM released)
        ORDER BY employee_id FOR UPDATE),
    rooms AS (
        UPDATE channel_capacity cc SET load = cc.load - u.n
        FROM (SELECT employee_id, channel, sum(weight) AS n FROM released GROUP BY 1, 2) u JOIN held USING (employee_id)
        WHERE cc.employee_id = u.employee_id AND cc.channel = u.channel)
    UPDATE capacity c SET load = c.load - u.n, idle_since = clock_timestamp()
    FROM (SELECT employee_id, sum(weight) AS n FROM released GROUP BY 1) u JOIN held USING (employee_id)
    WHERE c.employee_id = u.employee_id""")


def _again(ids: list[int]) -> None:
    with unit_of_work():
        db.session.execute(_AGAIN, {"ids": ids})


def _come_and_go(settings: Settings, seconds: float, begin: Any, told: Any) -> None:
    """Be operators who come and go, by the ordinary way."""
    app = create_app(settings)
    dice = random.Random(0)  # noqa: S311 - a benchmark
    with app.app_context():
        ids = list(db.session.scalars(text("SELECT employee_id FROM capacity ORDER BY 1")))
        db.session.rollback()
        told.put("ready")
        begin.wait()
        turns, until = 0, time.perf_counter() + seconds
        while time.perf_counter() < until:
            with unit_of_work():
                employee = db.session.get_one(Employee, dice.choice(ids))
                status = dice.choice([Presence.ACTIVE, Presence.NOT_ACCEPTING])
                presence.set_status(employee, status, by=employee.key, source="self")
            turns += 1
            time.sleep(0.02)
        told.put(("turns", turns, seconds))
        told.close()
        told.join_thread()


def _books() -> dict[str, int]:
    """Look for faults; first whoever has room takes what is left for him."""
    choosing.distribute()
    found = {name: int(db.session.scalar(text(sql))) for name, sql in _FAULTS.items()}
    db.session.rollback()
    return found


_HELD = """SELECT employee_id, channel, sum(weight) AS units FROM assignment WHERE released_at IS NULL GROUP BY 1, 2"""
_FAULTS = {
    "double": """
        SELECT count(*) FROM appeal a LEFT JOIN (
            SELECT appeal_id, count(*) AS n, min(employee_id) AS who FROM assignment WHERE released_at IS NULL
            GROUP BY 1) r ON r.appeal_id = a.id
        WHERE (a.status IN ('offered', 'in_work')) <> (coalesce(r.n, 0) = 1) OR r.n > 1 OR r.who <> a.operator_id""",
    # Of our own words.
    "over capacity": f"""
        SELECT (SELECT count(*) FROM capacity c LEFT JOIN (SELECT employee_id, sum(units) AS units FROM ({_HELD}) h
                GROUP BY 1) h USING (employee_id) WHERE c.load > c.cap OR c.load <> coalesce(h.units, 0))
             + (SELECT count(*) FROM channel_capacity c LEFT JOIN ({_HELD}) h USING (employee_id, channel)
                WHERE c.load > c.cap OR c.load <> coalesce(h.units, 0))""",  # noqa: S608
    "in a wrong lane": """
        SELECT count(*) FROM assignment r JOIN appeal a ON a.id = r.appeal_id
        WHERE r.released_at IS NULL AND NOT EXISTS (
            SELECT 1 FROM operator_lane ol WHERE ol.employee_id = r.employee_id AND ol.lane_id = a.lane_id)""",
    "stranded": """
        SELECT count(*) FROM appeal a WHERE a.status = 'queued' AND EXISTS (
            SELECT 1 FROM operator_lane ol JOIN capacity c ON c.employee_id = ol.employee_id
            JOIN channel_capacity cc ON cc.employee_id = ol.employee_id AND cc.channel = a.channel
            WHERE ol.lane_id = a.lane_id AND c.receiving AND c.load < c.cap AND cc.load < cc.cap)""",
}


def _pgbench(settings: Settings, seconds: int = 15) -> float:
    """Measure the limit on the same server, in a database of its own."""
    url = make_url(settings.database_url).set(drivername="postgresql")
    name = f"{url.database}_tpcb"
    address = url.set(database=name).render_as_string(hide_password=False)
    if not _exists(url, name):
        _say(url, f'create database "{name}"')
        subprocess.run([BIN / "pgbench", "-i", "-q", "-s", "50", address], check=True, capture_output=True)  # noqa: S603
    command = [BIN / "pgbench", "-c", "8", "-j", "2", "-M", "simple", "-n", "-T", str(seconds), address]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
    found = re.search(r"tps = ([\d.]+)", answer)
    assert found, answer
    return float(found[1])


def _exists(url: Any, name: str) -> bool:
    connection = psycopg2.connect(url.render_as_string(hide_password=False))
    with connection.cursor() as cursor:
        cursor.execute("select 1 from pg_database where datname = %s", (name,))
        exists = cursor.fetchone() is not None
    connection.close()
    return exists


def _say(url: Any, statement: str) -> None:
    connection = psycopg2.connect(url.render_as_string(hide_password=False))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


# Furnishing.


def furnish() -> None:
    """500 operators, ten queues with a group each, four channels; each operator serves three queues: twelve lanes."""
    with unit_of_work():
        furnishing.fill()
    with unit_of_work():
        branch = db.session.scalars(db.select(Branch)).first()
        groups = [OperatorGroup(code=f"bench{number}", name=f"Группа {number}") for number in range(QUEUES)]
        db.session.add_all(groups)
        for number in range(OPERATORS):
            person = Employee(
                login=f"bench{number}", name=f"Оператор {number}", roles=["operator"], branch=branch, password_hash="",
                units=CAP, auto_accept=True,
            )  # fmt: skip
            person.groups = [groups[(number * 7 + each * 3) % QUEUES] for each in range(SERVED)]
            db.session.add(person)
        queues = [
            Queue(code=f"bench{number}", name=f"Очередь {number}", groups=[group], weight=1.0 + number % 3,
                  target=dt.timedelta(seconds=TARGETS[number % len(TARGETS)])) for number, group in enumerate(groups)
        ]  # fmt: skip
        db.session.add_all(queues)
        db.session.flush()
        for queue in queues:
            for channel in CHANNELS:
                open_lane(queue, channel, [])
        lanes.refresh()
    furnishing.set_to_work(db.session.scalars(db.select(Employee).where(Employee.login.like("bench%"))).all())
    with unit_of_work():
        db.session.execute(text(furnishing.ADDRESSES))


_APPEALS = """
    INSERT INTO appeal (number, channel, channel_account_id, address_id, subject, status, status_since, version,
        queue_id, lane_id, rank_at, enqueued_at, points, verdicts, created_at, closed_at, close_kind, operator_id,
        transfers, postponements, escalation, seen_message_id)
    SELECT :kind || '-' || n || '-' || :salt, l.channel, 1, 1000000 + n % 10000, 'Заказ', :status, :now, 1,
        l.queue_id, l.id, CAST(:now AS timestamptz) - n % 10000 * interval '0.2 s',
        CAST(:now AS timestamptz) - n % 10000 * interval '0.2 s', 0, '{}',
        CAST(:now AS timestamptz) - n * interval '3 s',
        CASE WHEN :status = 'closed' THEN CAST(:now AS timestamptz) - n * interval '2 s' END,
        CASE WHEN :status = 'closed' THEN 'resolved' END,
        CASE WHEN :status = 'closed' THEN (SELECT min(employee_id) FROM capacity) + n % 500 END, 0, 0, 0, 0
    FROM generate_series(1, CAST(:count AS int)) n
    JOIN (SELECT *, row_number() OVER (ORDER BY id) - 1 AS place FROM lane
          WHERE queue_id IN (SELECT id FROM queue WHERE code LIKE 'bench%')) l ON l.place = n % 40"""
_ASSIGNMENTS = """
    INSERT INTO assignment (appeal_id, employee_id, queue_id, channel, state, weight, offered_at, accepted_at,
        released_at, release_kind, why)
    SELECT id, operator_id, queue_id, channel, 'released', 1, created_at, created_at, closed_at, 'closed', '{}'
    FROM appeal WHERE status = 'closed'"""


def wait(count: int) -> None:
    """Let so many more appeals wait."""
    facts = {"kind": "wait", "salt": time.monotonic_ns(), "status": "queued", "count": count, "now": clock.now()}
    with unit_of_work():
        db.session.execute(text(_APPEALS), facts)


def _no_more_than(count: int) -> None:
    with unit_of_work():
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
        db.session.execute(
            text(
                "DELETE FROM appeal WHERE status = 'queued' AND id NOT IN"
                " (SELECT id FROM appeal WHERE status = 'queued' ORDER BY id LIMIT :count)"
            ),
            {"count": count},
        )


def close(count: int, *, until: dt.datetime | None = None) -> None:
    """Let so many appeals have been closed, one each two seconds until a moment, else until now."""
    facts = {"kind": "done", "salt": 0, "status": "closed", "count": count, "now": until or clock.now()}
    with unit_of_work():
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
        db.session.execute(text("SET LOCAL statement_timeout = 0"))
        db.session.execute(text(_APPEALS), facts)
        db.session.execute(text(_ASSIGNMENTS))
