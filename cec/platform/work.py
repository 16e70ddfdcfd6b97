"""Due work: rows claimed with SKIP LOCKED, leases, retries, dead letters; and ticks, once per slot over all nodes."""

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import Index, TableClause, bindparam, delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from cec.platform import clock, live
from cec.platform.db import Table, created, db, identity, moment, unit_of_work
from cec.platform.errors import Refusal

log = logging.getLogger(__name__)

LEASE = dt.timedelta(seconds=30)
ATTEMPTS = 8


class WorkerDied(Exception):
    """Every worker that began with it died in the middle of it."""


class DueWork(Table):
    """A piece of work that is due at a moment; done work leaves the table."""

    id: Mapped[int] = identity()
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[dt.datetime] = created()
    due_at: Mapped[dt.datetime] = moment()
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    # A dead letter: tried often enough, a person decides.
    dead_at: Mapped[dt.datetime | None] = moment(optional=True)

    __table_args__ = (Index("ix_due_work_due", "due_at", "id", postgresql_where=text("dead_at IS NULL")),)


class Tick(Table):
    """A slot of a periodic job that a node has taken."""

    name: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[dt.datetime] = moment(primary_key=True)


Handler = Callable[..., object]
_handlers: dict[str, Handler] = {}


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Declare who does a kind of work; he runs in a transaction of his own."""

    def declare(function: Handler) -> Handler:
        _handlers[kind] = function
        return function

    return declare


_TABLE: TableClause = DueWork.__table__  # type: ignore[assignment]
# In a statement that is a transaction of its own (db.rows_apart): work for each row of "kept", by its number unless
# a payload is told; whoever says it wakes the worker afterwards.
ENQUEUE_KEPT = """
    INSERT INTO due_work (kind, payload, created_at, due_at, attempts)
    SELECT %(kind)s, coalesce(CAST(%(payload)s AS jsonb), jsonb_build_object(%(kind)s || '_id', kept.id)),
           %(now)s, %(now)s, 0 FROM kept"""
_ADD = insert(_TABLE).returning(_TABLE.c.id)
# Done work leaves the table, and first of all: whoever was stopped for longer than his lease finds it gone or taken.
_TAKE = (
    delete(_TABLE)
    .where(_TABLE.c.id == bindparam("which"), _TABLE.c.attempts == bindparam("attempt"))
    .returning(_TABLE.c.id)
)


def enqueue(kind: str, *, at: dt.datetime | None = None, **payload: Any) -> int:
    """Leave work to be done at a moment (now, if none is told), if this transaction commits; gives its number."""
    now = clock.now()
    row = {"kind": kind, "payload": payload, "created_at": now, "due_at": at or now, "attempts": 0}
    number: int = db.session.execute(_ADD, row).scalar_one()
    if at is None:
        live.wake("work")
    return number


# An attempt counts, and that stands, before it begins: what kills its worker is given up like what fails. What was
# tried before is tried alone, so that it takes nothing new with it.
_CLAIM = text("""
    WITH due AS MATERIALIZED (
        SELECT id, due_at, attempts FROM due_work
        WHERE dead_at IS NULL AND due_at <= :now AND (:again OR attempts = 0)
        ORDER BY due_at, id LIMIT :batch FOR UPDATE SKIP LOCKED)
    UPDATE due_work SET due_at = :until, attempts = attempts + 1
    WHERE id IN (SELECT id FROM due WHERE attempts = 0 UNION ALL
                 (SELECT id FROM due WHERE attempts > 0 ORDER BY due_at, id LIMIT 1))
    RETURNING id, kind, payload, attempts""")


def run_due(*, batch: int = 20, again: bool = True) -> int:
    """Do what is due, each piece in one transaction; after a crash in the middle the lease ends and it is redone.

    `again`: also what was tried before.
    """
    now = clock.now()
    with unit_of_work():
        told = {"now": now, "until": now + LEASE, "batch": batch, "again": again}
        rows = db.session.execute(_CLAIM, told).all()
    for row in sorted(rows, key=lambda row: (row.attempts, row.id)):
        if row.attempts > ATTEMPTS:
            _give_up(row.id, row.kind, row.attempts)
        else:
            _run(row.id, row.kind, row.payload, row.attempts)
    return len(rows)


def run_new() -> int:
    """Do what is due for the first time, beside who does all that is due.

    Of one process only one tries again: two that fell with it would be due at the same moment, and fall together again.
    """
    return run_due(again=False)


def _give_up(work_id: int, kind: str, attempts: int) -> None:
    log.error("work %s %s is given up: its workers died", work_id, kind)
    with unit_of_work():
        _postpone(work_id, WorkerDied(WorkerDied.__doc__), attempts)


def _run(work_id: int, kind: str, payload: dict[str, Any], attempts: int) -> None:
    try:
        with unit_of_work():
            if db.session.scalar(_TAKE, {"which": work_id, "attempt": attempts}) is not None:
                _handlers[kind](**payload)
    except Exception as error:
        if not isinstance(error, Refusal):
            log.exception("work %s %s failed at attempt %s", work_id, kind, attempts)
        with unit_of_work():
            _postpone(work_id, error, attempts)


def _postpone(work_id: int, error: Exception, attempts: int) -> None:
    now = clock.now()
    values: dict[str, Any] = {"error": f"{type(error).__name__}: {error}"[:2000]}
    if attempts >= ATTEMPTS or isinstance(error, Refusal):
        values["dead_at"] = now
    else:
        values["due_at"] = now + dt.timedelta(seconds=min(2**attempts, 3600))
    mine = db.update(DueWork).where(DueWork.id == work_id, DueWork.attempts == attempts)
    db.session.execute(mine.values(**values))


def dead_letters() -> list[DueWork]:
    """List work that was given up, oldest first."""
    return list(db.session.scalars(db.select(DueWork).where(DueWork.dead_at.is_not(None)).order_by(DueWork.id)))


def revive(work_id: int) -> None:
    """Try a dead letter again."""
    db.session.execute(
        db.update(DueWork).where(DueWork.id == work_id).values(dead_at=None, attempts=0, due_at=clock.now())
    )


def tick(name: str, every: dt.timedelta) -> bool:
    """Take the current slot of a periodic job; true for one node only."""
    now = clock.now()
    seconds = every.total_seconds()
    slot = dt.datetime.fromtimestamp(now.timestamp() // seconds * seconds, dt.UTC)
    with unit_of_work():
        taken = db.session.execute(
            insert(Tick).values(name=name, slot=slot).on_conflict_do_nothing().returning(Tick.name)
        ).scalar()
    return taken is not None


def slots_taken(name: str, *, since: dt.datetime) -> int:
    """Count the slots of a periodic job that some node has taken since a moment."""
    with unit_of_work():
        wanted = db.select(db.func.count()).where(Tick.name == name, Tick.slot >= since)
        return db.session.scalar(wanted) or 0


def forget_slots() -> int:
    """Forget the slots of yesterday and before; gives how many."""
    gone = db.session.execute(
        db.delete(Tick).where(Tick.slot < clock.now() - dt.timedelta(days=2)).returning(Tick.name)
    ).all()
    return len(gone)
