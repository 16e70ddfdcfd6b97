"""What has been kept for its term goes, in small steps: each a transaction, with pauses in which nobody waits for it.

A crash in the middle loses a step that was not committed; the next look goes on where it was. Of two workers one takes
what the other has not taken.
"""

import datetime as dt
import logging
import time
from collections.abc import Callable

from sqlalchemy import text

from cec.platform import clock
from cec.platform.db import db, unit_of_work
from cec.retention import terms
from cec.retention.kinds import KINDS, Kind

log = logging.getLogger(__name__)

BATCH = 500
# One look lasts so long, in seconds: the rest has time until the next one, and a worker that stops is not waited for.
LONGEST_LOOK = 10.0
# What was looked through to its end is looked through again after so long; a changed term at once.
EVERY = dt.timedelta(hours=1)
# After a step as long a rest as it took, so many times: the disk and the processors belong to the others.
REST = 3.0
LONGEST_REST = 2.0

_FRESH = text("SELECT kind FROM retention_term WHERE looked_at > :since")
_NOTE = text("""
    INSERT INTO retention_term (kind, days, looked_at, removed_at, removed)
    VALUES (:kind, :days, CASE WHEN :removed = 0 THEN CAST(:now AS timestamptz) END,
            CASE WHEN :removed > 0 THEN CAST(:now AS timestamptz) END, :removed)
    ON CONFLICT (kind) DO UPDATE SET
        looked_at = CASE WHEN :removed = 0 THEN :now ELSE retention_term.looked_at END,
        removed = CASE WHEN :removed = 0 THEN retention_term.removed
                       WHEN retention_term.removed_at >= :today THEN retention_term.removed + :removed
                       ELSE :removed END,
        removed_at = CASE WHEN :removed = 0 THEN retention_term.removed_at ELSE :now END""")


def purge(*, rest: Callable[[float], None] = time.sleep, batch: int = BATCH) -> int:
    """Look through the kinds, another one first each minute, and remove what is due; gives how much went."""
    kinds, until = _due(), time.monotonic() + LONGEST_LOOK
    first = int(clock.now().timestamp() // 60) % max(len(kinds), 1)
    return sum(_purge_kind(kind, until, rest, batch) for kind in (*kinds[first:], *kinds[:first]))


def _due() -> list[Kind]:
    """List the kinds that were not looked through to their end within the last hour."""
    with unit_of_work():
        fresh = set(db.session.scalars(_FRESH, {"since": clock.now() - EVERY}))
    return [kind for kind in KINDS.values() if kind.code not in fresh]


def _purge_kind(kind: Kind, until: float, rest: Callable[[float], None], batch: int) -> int:
    gone = 0
    while time.monotonic() < until:
        began = time.perf_counter()
        with unit_of_work():
            removed = _step_of(kind, batch)
        gone += removed
        if not removed:
            break
        rest(min((time.perf_counter() - began) * REST, LONGEST_REST))
    if gone:
        log.info("removed %s of %s", gone, kind.code)
    return gone


def _step_of(kind: Kind, batch: int) -> int:
    """Remove a batch and count it, in one transaction."""
    days = terms.days_of(kind)
    removed = kind.work[0](terms.before(days), batch)
    now = clock.now()
    today = dt.datetime.combine(now.date(), dt.time(), dt.UTC)
    db.session.execute(_NOTE, {"kind": kind.code, "days": days, "now": now, "today": today, "removed": removed})
    return removed
