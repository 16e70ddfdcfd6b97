"""One step of removing each kind of data: a batch in the caller's transaction; and how much there is to remove."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, Table, text
from sqlalchemy.exc import OperationalError

from cec.appeals import first_messages
from cec.appeals.first_messages import FirstMessage
from cec.channels.models import Visitor
from cec.distribution import forgetting
from cec.integrations import posting
from cec.integrations.models import Event
from cec.notifications import reading
from cec.notifications.models import Notification
from cec.platform import partitions
from cec.platform.audit import AuditEntry
from cec.platform.db import db
from cec.retention import erasing, files
from cec.staff.models import Session

# Of more than these nobody needs the exact number.
MOST = 10_000
Step = Callable[[dt.datetime, int], int]
Count = Callable[[dt.datetime], int]

_ENDED = "closed_at < :before AND closed_at IS NOT NULL AND (erased_at IS NULL OR erased_at < closed_at)"
_OPEN = "status NOT IN ('closed', 'spam', 'blocked')"
_APPEALS = f"SELECT id FROM appeal WHERE {_ENDED} ORDER BY closed_at"  # noqa: S608 - our own words
# In the order in which they came, from one on: what is younger than the term is not looked at.
_FILES = text("""
    SELECT a.id, m.created_at < :before AS is_old, coalesce(p.closed_at < :before, false) AS is_over
    FROM attachment a JOIN message m ON m.id = a.message_id JOIN appeal p ON p.id = m.appeal_id
    WHERE a.id > :after ORDER BY a.id LIMIT :batch""")
_MINE = text("SELECT id FROM attachment WHERE id = ANY(:files) FOR UPDATE SKIP LOCKED")
_FILES_OVER = """
    SELECT a.id FROM attachment a JOIN message m ON m.id = a.message_id JOIN appeal p ON p.id = m.appeal_id
    WHERE p.closed_at < :before"""
# Never what waits for a person, nor what belongs to an appeal that goes on.
_LETTERS = f"""
    SELECT i.id FROM inbound i
    WHERE i.raw <> '' AND i.received_at < :before AND i.state IN ('done', 'ignored', 'discarded')
      AND NOT EXISTS (SELECT FROM message m JOIN appeal p ON p.id = m.appeal_id WHERE m.inbound_id = i.id AND p.{_OPEN})
    ORDER BY i.received_at"""  # noqa: S608


def _count(wanted: str) -> Count:
    counted = text(f"SELECT count(*) FROM ({wanted} LIMIT {MOST + 1}) AS old")  # noqa: S608
    return lambda before: db.session.scalar(counted, {"before": before}) or 0


def _some(wanted: str, of: str, before: dt.datetime, batch: int) -> list[int]:
    """Take a batch that nobody else holds."""
    taken = text(f"{wanted} LIMIT :batch FOR UPDATE OF {of} SKIP LOCKED")
    return list(db.session.scalars(taken, {"before": before, "batch": batch}))


def erase_appeals(before: dt.datetime, batch: int) -> int:
    """Empty appeals that ended before a moment."""
    # An appeal has some messages: fewer of them at a time.
    taken = _some(_APPEALS, "appeal", before, max(batch // 10, 1))
    if taken:
        files.leave(erasing.erase(taken).files)
    return len(taken)


def remove_files(before: dt.datetime, batch: int) -> int:
    """Remove files of appeals that ended before a moment; their messages say how many they had."""
    after = 0
    while found := db.session.execute(_FILES, {"before": before, "after": after, "batch": batch}).all():
        over = [row.id for row in found if row.is_over]
        taken = list(db.session.scalars(_MINE, {"files": over})) if over else []
        if taken:
            files.leave(db.session.scalars(_UNFILE, {"files": taken}))
            return len(taken)
        if not found[-1].is_old:
            return 0
        after = found[-1].id
    return 0


_UNFILE = text("""
    WITH gone AS (DELETE FROM attachment WHERE id = ANY(:files) RETURNING message_id, sha256),
         counted AS (SELECT message_id, count(*) AS files FROM gone GROUP BY message_id),
         noted AS (UPDATE message m SET headers = m.headers || jsonb_build_object('removed_files',
                       coalesce(CAST(m.headers ->> 'removed_files' AS int), 0) + files)
                   FROM counted WHERE m.id = counted.message_id)
    SELECT sha256 FROM gone""")


def empty_letters(before: dt.datetime, batch: int) -> int:
    """Remove the bytes as they came; the name stays, so that the same is not taken in again."""
    taken = _some(_LETTERS, "i", before, batch)
    if taken:
        files.leave(db.session.scalars(text(erasing.EMPTY_LETTERS), {"letters": taken}))
    return len(taken)


def drop_months(before: dt.datetime, _batch: int) -> int:
    """Drop one whole month of the journal that is over, unless an appeal that began in it still goes on."""
    for name, until in partitions.old(before):
        if not db.session.scalar(_GOES_ON, {"until": until}):
            try:
                with db.session.begin_nested():
                    partitions.drop(name)
            except OperationalError:
                # Somebody reads or writes it just now: the next time.
                return 0
            return 1
    return 0


_GOES_ON = text(f"SELECT EXISTS (SELECT FROM appeal WHERE {_OPEN} AND created_at < :until)")  # noqa: S608


def count_months(before: dt.datetime) -> int:
    """Count the months of the journal that would be dropped."""
    return sum(not db.session.scalar(_GOES_ON, {"until": until}) for _name, until in partitions.old(before))


def count_reasons(before: dt.datetime) -> int:
    """Count the decisions whose reasons would be forgotten."""
    return _count(forgetting.OLD)(before)


def _unfinished(before: dt.datetime) -> Select[Any]:
    wanted: Select[Any] = db.select(FirstMessage)
    return wanted.where(FirstMessage.due_at.is_(None), FirstMessage.saved_at < before)


def discard_first_messages(before: dt.datetime, batch: int) -> int:
    """Give up first messages that nobody has finished, with their files."""
    wanted = _unfinished(before).order_by(FirstMessage.saved_at).limit(batch)
    taken = db.session.scalars(wanted.with_for_update(of=FirstMessage, skip_locked=True)).all()
    for first in taken:
        first_messages.discard(first.name, by=first.employee)
    return len(taken)


def count_first_messages(before: dt.datetime) -> int:
    """Count the first messages that would be given up."""
    return (
        db.session.scalar(db.select(db.func.count()).select_from(_unfinished(before).limit(MOST + 1).subquery())) or 0
    )


def _rows(chosen: Callable[[dt.datetime], Select[Any]], table: Any) -> tuple[Step, Count]:
    """Make the step and the count of what goes as rows."""
    rows: Table = table.__table__

    def step(before: dt.datetime, batch: int) -> int:
        locked = chosen(before).limit(batch).with_for_update(of=table, skip_locked=True)
        taken = list(db.session.scalars(locked))
        db.session.execute(rows.delete().where(rows.c.id.in_(taken)))
        return len(taken)

    def count(before: dt.datetime) -> int:
        return db.session.scalar(db.select(db.func.count()).select_from(chosen(before).limit(MOST + 1).subquery())) or 0

    return step, count


APPEALS: tuple[Step, Count] = (erase_appeals, _count(_APPEALS))
FILES: tuple[Step, Count] = (remove_files, _count(_FILES_OVER))
LETTERS: tuple[Step, Count] = (empty_letters, _count(_LETTERS))
JOURNAL: tuple[Step, Count] = (drop_months, count_months)
REASONS: tuple[Step, Count] = (forgetting.forget, count_reasons)
EVENTS = _rows(posting.old, Event)
NOTICES = _rows(reading.old, Notification)
SESSIONS = _rows(lambda before: db.select(Session.id).where(Session.ended_at < before), Session)
# Whoever left long ago; his address and his appeals stay.
FIRST_MESSAGES = (discard_first_messages, count_first_messages)
VISITORS = _rows(
    lambda before: db.select(Visitor.id).where(Visitor.created_at < before, Visitor.left_at < before), Visitor
)
AUDIT = _rows(lambda before: db.select(AuditEntry.id).where(AuditEntry.at < before), AuditEntry)
