"""What people did that others may have to answer for (журнал действий): a table that is only added to.

The journal tells what happened to a thing; this tells what a person did, looked at or tried, also where nothing
happened. It has a term of its own.
"""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from cec.platform import clock
from cec.platform.db import Table, created, db, identity, unit_apart

# Within so many minutes the same person opening the same card is one line.
ONCE_IN = dt.timedelta(minutes=15)


class Kind(StrEnum):
    """Kinds of lines."""

    SETTING = "setting"
    OPENING = "opening"
    SIGN_IN = "sign_in"
    FORGETTING = "forgetting"
    EXPORT = "export"


class AuditEntry(Table):
    """One line: who did what with which thing, when; how often, if the same is counted in one line."""

    id: Mapped[int] = identity()
    at: Mapped[dt.datetime] = created()
    kind: Mapped[str]
    # What was done, by the names of the journal: queue.changed, appeal.opened.
    name: Mapped[str]
    # What it was done to: queue:1; empty for what nobody has.
    subject: Mapped[str]
    # Who did it: employee:7; empty for somebody whom nobody knows.
    by: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    times: Mapped[int] = mapped_column(default=1)
    # What is counted in one line has the same mark.
    mark: Mapped[str | None]

    __table_args__ = (
        Index("uq_audit_entry_mark", "mark", unique=True, postgresql_where=text("mark IS NOT NULL")),
        Index("ix_audit_entry_by", "by", "id"),
        Index("ix_audit_entry_kind", "kind", "id"),
        Index("ix_audit_entry_at", "at"),
    )


def add(kind: Kind, name: str, subject: str, /, *, by: str, **facts: Any) -> None:
    """Write a line, in the transaction of the act."""
    db.session.add(AuditEntry(kind=kind, name=name, subject=subject, by=by, facts=facts))


def opened(subject: str, *, by: str) -> None:
    """Note that a person opened what is not his own: one insert, and one line within ONCE_IN."""
    line = _line(Kind.OPENING, f"{subject.partition(':')[0]}.opened", subject, by)
    db.session.execute(insert(AuditEntry).values(line).on_conflict_do_nothing())


def count_apart(kind: Kind, name: str, subject: str, *, by: str) -> None:
    """Note an attempt that is refused, in a transaction of its own: the same within ONCE_IN are counted in one line."""
    again = insert(AuditEntry).values(_line(kind, name, subject, by))
    with unit_apart():
        db.session.execute(
            again.on_conflict_do_update(
                index_elements=["mark"], index_where=text("mark IS NOT NULL"), set_={"times": AuditEntry.times + 1}
            )
        )


def _line(kind: Kind, name: str, subject: str, by: str) -> dict[str, Any]:
    now = clock.now()
    slot = int(now.timestamp() // ONCE_IN.total_seconds())
    line = {"at": now, "kind": kind, "name": name, "subject": subject, "by": by, "facts": {}, "times": 1}
    return {**line, "mark": f"{name} {subject} {by} {slot}"}
