"""The journal: a fact, written once, in the transaction that made it true.

History, notifications, live screens, statistics and reports all read it. Append-only; partitioned by month.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, PrimaryKeyConstraint, event, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from cec.platform import clock, live
from cec.platform.db import Table, db, moment


class Entry(Table):
    """One fact: what happened to which subject, by whom, when."""

    __tablename__ = "journal"

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
    entry = Entry(at=clock.now(), name=name, subject=subject, by=by, facts=_plain(facts))
    db.session.add(entry)
    for listener in _listeners.get(name, ()):
        listener(entry)
    live.announce(name, subject)
    return entry


def history(subject: str, *, limit: int = 500) -> list[Entry]:
    """Read what happened to a subject, oldest first."""
    newest = (
        db.select(Entry).where(Entry.subject == subject).order_by(Entry.id.desc()).limit(limit)
    )
    return list(reversed(db.session.scalars(newest).all()))


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, dt.datetime) else value for key, value in facts.items()}


@event.listens_for(Session, "before_flush")
def _only_appended(session: Session, *_: Any) -> None:
    if any(isinstance(row, Entry) for row in (*session.dirty, *session.deleted)):
        message = "the journal is append-only"
        raise RuntimeError(message)
