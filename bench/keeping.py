"""keeping.purge: what is gone when its term is over, and what those feel of it who claim meanwhile (QUALITY).

The centre of claims.*: 500 operators, 20,000 waiting, beside them a million closed appeals with a million messages
whose term is over. Processes claim with and without a worker that purges all the time, in turns; the limit is a claim
without.
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
from cec.platform import clock
from cec.platform.db import db, unit_of_work
from cec.platform.settings import Settings
from cec.retention import purging, terms
from cec.retention.kinds import KINDS

WAITING, ENDED, TOLD = 20_000, 1_000_000, 500_000
TURNS, SECONDS = 3, 10.0
# How much longer a claim may take.
SLOWER = 1.5

_MESSAGES = text("""
    INSERT INTO message (appeal_id, direction, state, channel_account_id, provider_event_id, text, subject, headers,
        created_at, attempts, undelivered)
    SELECT a.id, way, CASE way WHEN 'in' THEN 'received' ELSE 'sent' END, a.channel_account_id,
        '<' || a.id || '.' || way || '@bench.example>', repeat('Здравствуйте! Когда привезут стеллаж? ', 8), a.subject,
        '{"to": ["bench@bench.example"]}', a.created_at, 0, '{}'
    FROM (SELECT * FROM appeal WHERE status = 'closed' ORDER BY closed_at LIMIT :count) a
    CROSS JOIN (VALUES ('in'), ('out')) AS ways (way)""")
_LEFT = text("SELECT count(*) FROM appeal WHERE status = 'closed' AND erased_at IS NULL")


def measure(settings: Settings) -> Iterator[dict[str, Any]]:
    """Measure on an empty, migrated database."""
    app = create_app(settings)
    with app.app_context():
        claims.furnish()
        claims.wait(WAITING)
        _let_end()
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
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


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
