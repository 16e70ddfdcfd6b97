"""Who holds an old view of the database: what he could still see cannot be cleared away, and claims slow down.

A report that runs for an hour, a console that was left open. The centre's own transactions end by themselves (app.py);
those of others are told to the administrators. To see them its role needs to be a member of pg_monitor.
"""

import datetime as dt
from typing import NamedTuple

from sqlalchemy import text

from cec.platform import clock, journal
from cec.platform.db import db

SUBJECT, HELD, FREED = "database:snapshots", "database.held", "database.freed"
# What takes longer is no page, no job and no ordinary report.
LONGEST = dt.timedelta(minutes=5)
_OTHERS = """
    FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'
    AND pid <> pg_backend_pid() AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL)"""
# For the metrics: seconds.
OLDEST = f"SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0) {_OTHERS}"  # noqa: S608 - our own words
_OLDEST = text(f"""
    SELECT pid, usename, application_name, extract(epoch FROM clock_timestamp() - xact_start) AS lasts
    {_OTHERS} AND xact_start < clock_timestamp() - CAST(:longest AS interval) ORDER BY xact_start LIMIT 1""")  # noqa: S608


class Holder(NamedTuple):
    """Who holds it, as the database knows him, and since when."""

    process: int
    called: str
    since: dt.datetime


def oldest(longest: dt.timedelta = LONGEST) -> Holder | None:
    """Find who holds a view that is older than that; nobody, if all are younger."""
    found = db.session.execute(_OLDEST, {"longest": longest}).one_or_none()
    if found is None:
        return None
    called = ", ".join(filter(None, [found.usename, found.application_name, f"pid {found.pid}"]))
    # By the clock of the centre: the database may have another one.
    return Holder(found.pid, called, clock.now() - dt.timedelta(seconds=float(found.lasts)))


def look(longest: dt.timedelta = LONGEST) -> bool:
    """Write down that somebody holds an old view, and that nobody does any more; gives whether that changed."""
    holder = oldest(longest)
    before = journal.history(SUBJECT, names=[HELD, FREED], limit=1)
    if (holder is not None) == bool(before and before[0].name == HELD):
        return False
    if holder:
        journal.record(HELD, SUBJECT, by="system", called=holder.called, since=holder.since)
    else:
        journal.record(FREED, SUBJECT, by="system")
    return True
