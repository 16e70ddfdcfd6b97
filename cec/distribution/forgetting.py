"""Why somebody got an appeal is kept for 30 days."""

import datetime as dt

from sqlalchemy import text

from cec.platform import clock
from cec.platform.db import db, unit_of_work

KEPT = dt.timedelta(days=30)
BATCH = 5_000
_FORGET = text("""
    UPDATE assignment SET why = '{}' WHERE id IN (
        SELECT id FROM assignment WHERE offered_at < :before AND why <> '{}' LIMIT :batch FOR UPDATE SKIP LOCKED)
    RETURNING id""")


def forget() -> int:
    """Forget the reasons of decisions older than 30 days, a batch in a transaction; gives how many."""
    forgotten = 0
    while True:
        with unit_of_work():
            done = len(db.session.scalars(_FORGET, {"before": clock.now() - KEPT, "batch": BATCH}).all())
        forgotten += done
        if done < BATCH:
            return forgotten
