"""keeping.*: what a long past costs: five million facts, a million closed appeals whose term is over (CORE 10).

The centre of claims.*: 500 operators, 20,000 waiting. keeping.facts reads what happened to appeals, without that past
and with it. keeping.purge lets processes claim with and without a worker that purges all the time, in turns; the limit
is a claim without.
"""

import datetime as dt
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import text

from bench import claims
from cec.app import create_app
from cec.platform import clock, journal
from cec.platform.db import db, unit_of_work
from cec.platform.settings import Settings
from cec.retention import purging, terms
from cec.retention.kinds import KINDS

FIGURES = ("keeping.facts", "keeping.purge")
WAITING, ENDED, TOLD, FACTS = 20_000, 1_000_000, 500_000, 5_000_000
TURNS, SECONDS, READ = 3, 10.0, 300
# How much longer a story may take to read with that past, and a claim while it is purged.
LONGER, SLOWER = 1.3, 1.5

_MESSAGES = text("""
    INSERT INTO message (appeal_id, direction, state, channel_account_id, provider_event_id, text, subject, headers,
        created_at, attempts, undelivered)
    SELECT a.id, way, CASE way WHEN 'in' THEN 'received' ELSE 'sent' END, a.channel_account_id,
        '<' || a.id || '.' || way || '@bench.example>', repeat('Здравствуйте! Когда привезут стеллаж? ', 8), a.subject,
        '{"to": ["bench@bench.example"]}', a.created_at, 0, '{}'
    FROM (SELECT * FROM appeal WHERE status = 'closed' ORDER BY closed_at LIMIT :count) a
    CROSS JOIN (VALUES ('in'), ('out')) AS ways (way)""")
_FACTS = text("""
    INSERT INTO journal (at, name, subject, by, facts)
    SELECT CAST(:now AS timestamptz) - n * interval '0.1 s',
        (ARRAY['appeal.received', 'appeal.queued', 'appeal.accepted', 'message.sent', 'appeal.closed'])[1 + n % 5],
        'appeal:' || (CAST(:first AS int) + n % CAST(:appeals AS int)), 'system', '{"queue": 1}'
    FROM generate_series(1, CAST(:count AS int)) n""")
_LEFT = text("SELECT count(*) FROM appeal WHERE status = 'closed' AND erased_at IS NULL")


def measure(settings: Settings) -> Iterator[dict[str, Any]]:
    """Measure on an empty, migrated database."""
    app = create_app(settings)
    with app.app_context():
        claims.furnish()
        claims.wait(WAITING)
        _happen(WAITING * FACTS // ENDED)
        few = _stories()
        _let_end()
        _happen(FACTS)
        many = _stories()
    yield {
        "name": "keeping.facts", "value": round(many[0], 2), "unit": "ms to read a story", "limit": round(few[0], 2),
        "ratio": round(many[1] / few[1], 2), "goal": LONGER, "holds": many[1] <= few[1] * LONGER,
        "note": f"{FACTS} facts of {ENDED} appeals; median of {READ}, in times of a bare question of the same turn"
        f" {many[1]:.1f}, without them {few[1]:.1f}; limit: without them",
    }  # fmt: skip
    ratios, gone, rates = [], 0, []
    for _turn in range(TURNS):
        _rate, calm, _ = claims.claimed(settings, SECONDS, killed=0)
        before = _left(app)
        with _purging(app) as took:
            rate, busy, _ = claims.claimed(settings, SECONDS, killed=0)
            gone += before - _left(app)
        ratios.append((busy / calm, busy, calm))
        rates += took
    ratio, busy, calm = sorted(ratios)[TURNS // 2]
    steps = statistics.quantiles(rates, n=20)
    yield {
        "name": "keeping.purge", "value": round(busy, 1), "unit": "ms p95 of a claim", "limit": round(calm, 1),
        "ratio": round(ratio, 2), "goal": SLOWER, "holds": ratio <= SLOWER and gone > 0,
        "note": f"{rate:.0f} claims a second meanwhile; {gone} appeals emptied in {sum(rates):.0f} s of work and"
        f" {TURNS * SECONDS:.0f} s of claims, a step p95 {1e3 * steps[-1]:.0f} ms; {ENDED} ended, {2 * TOLD} messages;"
        " limit: a claim without purging, in turns",
    }  # fmt: skip


def _let_end() -> None:
    """Let what has ended be older than its term."""
    over = max(terms.days_of(kind) for kind in KINDS.values())
    claims.close(ENDED, until=clock.now() - dt.timedelta(days=over + 1))
    with unit_of_work():
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
        db.session.execute(_MESSAGES, {"count": TOLD})


def _happen(count: int) -> None:
    """Let so many facts have happened to the newest appeals; afterwards the planner knows all that is there."""
    with unit_of_work():
        db.session.execute(text("SET LOCAL statement_timeout = 0"))
        appeals = count * ENDED // FACTS
        first = db.session.scalar(text("SELECT max(id) + 1 FROM appeal")) - appeals
        db.session.execute(_FACTS, {"now": clock.now(), "count": count, "first": first, "appeals": appeals})
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _stories() -> tuple[float, float]:
    """Read what happened to many appeals; gives the median in ms, and in times of a bare question."""
    with unit_of_work():
        last = db.session.scalar(text("SELECT max(id) FROM appeal"))
        took, bare = list[float](), list[float]()
        for number in range(READ):
            began = time.perf_counter()
            db.session.execute(text("SELECT 1")).all()
            asked = time.perf_counter()
            assert journal.history(f"appeal:{last - number}"), "nothing happened"
            took.append(time.perf_counter() - asked)
            bare.append(asked - began)
    return 1e3 * statistics.median(took), statistics.median(took) / statistics.median(bare)


def _left(app: Flask) -> int:
    with app.app_context(), unit_of_work():
        return int(db.session.scalar(_LEFT))


@contextmanager
def _purging(app: Flask) -> Iterator[list[float]]:
    """Purge one look after the other, as a worker does; gives how long each step took."""
    over, took = threading.Event(), list[float]()

    def rest(seconds: float) -> None:
        took.append(seconds / purging.REST)
        time.sleep(0 if over.is_set() else seconds)

    def purge() -> None:
        with app.app_context():
            while not over.is_set():
                purging.purge(rest=rest)

    worker = threading.Thread(target=purge)
    worker.start()
    yield took
    over.set()
    worker.join()
