"""Reading the audit: narrowed to a person, a kind, days; the newest first, a page at a time; or whole, for a sheet."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Select

from cec.platform.audit import AuditEntry, Kind
from cec.platform.db import db

PAGE = 50
# So many lines a sheet has at most: the newest.
MOST_ROWS = 10_000


@dataclass(frozen=True)
class Filters:
    """What the audit is narrowed to."""

    # employee:7; empty: everybody.
    by: str = ""
    kind: str = ""
    # Half-open.
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    # Keyset paging: only lines older than this one.
    before: int | None = None


def page(filters: Filters) -> list[AuditEntry]:
    """Read a page and one more line."""
    return list(db.session.scalars(_wanted(filters).limit(PAGE + 1)))


def whole(filters: Filters) -> list[AuditEntry]:
    """Read the lines of a sheet."""
    return list(db.session.scalars(_wanted(filters).limit(MOST_ROWS)))


def _wanted(filters: Filters) -> Select[tuple[AuditEntry]]:
    line = AuditEntry
    wanted: Select[tuple[AuditEntry]] = db.select(line).order_by(line.id.desc())
    if filters.by:
        wanted = wanted.where((line.by == filters.by) | ((line.by == "") & (line.subject == filters.by)))
    if filters.kind in set(Kind):
        wanted = wanted.where(line.kind == filters.kind)
    if filters.since:
        wanted = wanted.where(line.at >= filters.since)
    if filters.until:
        wanted = wanted.where(line.at < filters.until)
    return wanted.where(line.id < filters.before) if filters.before else wanted
