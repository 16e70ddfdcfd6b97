"""The journal: a fact, written once, in the transaction that made it true.

History, notifications, live screens, statistics and reports all read it. Append-only; partitioned by month.
"""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import BigInteger, Identity, Index, PrimaryKeyConstraint, event, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from cec.platform import clock, live
from cec.platform.db import Table, db, moment, rows, unit


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact: what happened to which subject, by whom, when."""

    at: dt.datetime
    name: str
    subject: str
    by: str
    facts: dict[str, Any]
    # Counted by the database: only what was read has it.
    id: int = 0


class Journal(Table):
    """The table of facts."""

    id: Mapped[int] = mapped_column(BigInteger, Identity())
    at: Mapped[dt.datetime] = moment()
    # The transaction that wrote it: ids are not in commit order, resuming a stream needs this.
    transaction: Mapped[int] = mapped_column(BigInteger, server_default=text("pg_current_xact_id()::text::bigint"))
    name: Mapped[str]
    subject: Mapped[str]
    by: Mapped[str]
    facts: Mapped[dict[str, Any]]

    __table_args__ = (
        PrimaryKeyConstraint("at", "id"),
        Index("ix_journal_subject", "subject", "id"),
        Index("ix_journal_transaction", "transaction"),
        {"postgresql_partition_by": "RANGE (at)"},
    )


Listener = Callable[[Entry], None]
_listeners: dict[str, list[Listener]] = {}


def on(*names: str) -> Callable[[Listener], Listener]:
    """Subscribe to facts; the listener runs in the same transaction and does database work only."""

    def subscribe(listener: Listener) -> Listener:
        for name in names:
            _listeners.setdefault(name, []).append(listener)
        return listener

    return subscribe


def record(name: str, subject: str, *, by: str, **facts: Any) -> Entry:
    """Write a fact down; tell subscribers now and, once committed, the open screens."""
    entry = note(name, subject, by=by, **facts)
    for listener in _listeners.get(name, ()):
        listener(entry)
    live.announce(name, subject)
    return entry


def note(name: str, subject: str, *, by: str, **facts: Any) -> Entry:
    """Write a fact down that nobody waits for.

    The facts of a transaction go to the table together, when it commits or when somebody reads them.
    """
    entry = Entry(at=clock.now(), name=name, subject=subject, by=by, facts=_plain(facts))
    unit().setdefault("journal", []).append(entry)
    return entry


def history(subject: str, *, names: Collection[str] = (), beginning: str = "", limit: int = 500) -> list[Entry]:
    """Read what happened to a subject, oldest first: all of it, the facts of these names, or of this beginning."""
    write_down()
    newest = rows(_NEWEST, of=subject, names=list(names) or None, beginning=beginning, most=limit)
    return [Entry(*row) for row in reversed(newest)]


_NEWEST = """
    SELECT at, name, subject, by, facts, id FROM journal
    WHERE subject = %(of)s AND (%(names)s::text[] IS NULL OR name = ANY(%(names)s))
      AND starts_with(name, %(beginning)s)
    ORDER BY id DESC LIMIT %(most)s"""


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, dt.datetime) else value for key, value in facts.items()}


def write_down() -> None:
    """Put what was recorded so far into the table, ahead of the commit."""
    entries = unit().pop("journal", [])
    if entries:
        facts = [
            {"at": entry.at, "name": entry.name, "subject": entry.subject, "by": entry.by, "facts": entry.facts}
            for entry in entries
        ]
        db.session.connection().execute(_WRITE, {"rows": orjson.dumps(facts).decode()})


_WRITE = text("""
    INSERT INTO journal (at, name, subject, by, facts)
    SELECT at, name, subject, by, facts
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
         AS fact (at timestamptz, name text, subject text, by text, facts jsonb)""")


@event.listens_for(Session, "before_commit")
def _complete(_session: Session) -> None:
    write_down()
