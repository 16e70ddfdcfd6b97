"""Why somebody got an appeal is kept for a while only."""

import datetime as dt

from sqlalchemy import text

from cec.platform.db import db

OLD = "SELECT id FROM assignment WHERE offered_at < :before AND why <> '{}'"
_FORGET = text(f"""
    UPDATE assignment SET why = '{{}}' WHERE id IN ({OLD} LIMIT :batch FOR UPDATE SKIP LOCKED)
    RETURNING id""")  # noqa: S608 - our own words


def forget(before: dt.datetime, batch: int) -> int:
    """Forget the reasons of decisions of before a moment, a batch; gives how many."""
    return len(db.session.scalars(_FORGET, {"before": before, "batch": batch}).all())
