"""The journal's months: one partition each, made ahead of time."""

import datetime as dt
import re

from sqlalchemy import text

from cec.platform import clock
from cec.platform.db import db

AHEAD = 3
# How long everybody else may have to wait for a month to go.
PATIENCE = "200ms"
_BOUND = re.compile(r"TO \('([^']+)'\)")
_MONTHS = text("""
    SELECT inhrelid::regclass::text AS name, pg_get_expr(relpartbound, inhrelid) AS bounds
    FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'journal'::regclass""")


def prepare() -> list[str]:
    """Make the partitions of this month and the next ones that are missing; tell which were made.

    Facts of such a month that already lie in the default partition are moved.
    """
    there = set(
        db.session.scalars(
            text("select inhrelid::regclass::text from pg_inherits where inhparent = 'journal'::regclass")
        )
    )
    made = []
    for start in _months(clock.now(), AHEAD):
        name = f"journal_{start:%Y_%m}"
        if name not in there:
            _make(name, start, _next(start))
            made.append(name)
    return made


def _make(name: str, start: dt.datetime, end: dt.datetime) -> None:
    span = {"start": start, "end": end}
    db.session.execute(text("set local lock_timeout = '5s'"))
    db.session.execute(
        text(f"create table {name} (like journal including defaults including identity including constraints)")
    )
    db.session.execute(
        text(
            f"with moved as (delete from journal_default where at >= :start and at < :end returning *)"  # noqa: S608
            f" insert into {name} overriding system value select * from moved"
        ),
        span,
    )
    db.session.execute(text(f"alter table {name} alter id drop identity if exists"))
    bounds = f"from ('{start.isoformat()}') to ('{end.isoformat()}')"
    db.session.execute(text(f"alter table journal attach partition {name} for values {bounds}"))


def _months(now: dt.datetime, ahead: int) -> list[dt.datetime]:
    months = [now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)]
    for _ in range(ahead):
        months.append(_next(months[-1]))
    return months


def _next(month: dt.datetime) -> dt.datetime:
    return (month + dt.timedelta(days=31)).replace(day=1)


def old(before: dt.datetime) -> list[tuple[str, dt.datetime]]:
    """List the months that were over before a moment, with their ends, the oldest first."""
    found = [(name, _BOUND.search(bounds)) for name, bounds in db.session.execute(_MONTHS)]
    ends = [(name, dt.datetime.fromisoformat(bound[1])) for name, bound in found if bound]
    return sorted([(name, until) for name, until in ends if until <= before], key=lambda month: month[1])


def drop(name: str) -> None:
    """Drop a month whole. It locks the journal for a moment: who cannot have it soon gives up and comes again."""
    db.session.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
    db.session.execute(text(f"DROP TABLE {name}"))
