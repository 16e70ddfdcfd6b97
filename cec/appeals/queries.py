"""Reading appeals: an operator's list, one appeal with its conversation, the lists of other roles, orphans."""

import datetime as dt
from dataclasses import dataclass, field
from itertools import starmap
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, text
from sqlalchemy.orm import contains_eager, joinedload

from cec.appeals import lifecycle
from cec.appeals.models import Appeal, Draft, Message, Status
from cec.appeals.opening import Opened
from cec.clients.models import Address, Client
from cec.platform import journal
from cec.platform.db import PLANNED_ONCE, db, rows
from cec.platform.errors import NotFound
from cec.queues.models import Queue
from cec.staff.models import Employee, OperatorGroup
from cec.staff.readers import Person

NEWEST_EVENTS = 200
PAGE = 50
# What happened to an appeal, as far as its feed tells it.
TOLD = (
    "appeal.begun", "appeal.offered", "appeal.accepted", "appeal.declined", "appeal.missed", "appeal.returned",
    "appeal.transferred", "appeal.postponed", "appeal.resumed", "appeal.awaiting_client", "appeal.closed",
    "appeal.reopened", "appeal.spam", "appeal.topic_changed", "appeal.escalated", "appeal.idle", "appeal.rated",
    "appeal.diverted", "appeal.rerouted", "appeal.channel_changed", "auto_reply.withheld", "appeal.abandoned",
    "client.left", "client.returned", "client.opted_out", "client.opted_back_in",
)  # fmt: skip


# What a page asks is put together once.
_OWN = (
    db.select(Appeal)
    .where(Appeal.id == db.bindparam("id"))
    .options(
        joinedload(Appeal.address, innerjoin=True),
        joinedload(Appeal.account, innerjoin=True),
        joinedload(Appeal.client),
        joinedload(Appeal.queue),
        joinedload(Appeal.topic),
    )
    .execution_options(**PLANNED_ONCE)
)


def get_own(appeal_id: int, *, of: Person) -> Appeal:
    """Get an appeal that an operator holds, or whose closing he may still look at.

    :raises NotFound: for others' appeals as for none.
    """
    appeal: Appeal | None = db.session.scalars(_OWN, {"id": appeal_id}).one_or_none()
    if appeal is None or appeal.operator_id != of.id:
        raise NotFound
    return appeal


def take_own(appeal_id: int, *, of: Person) -> Appeal:
    """Get it as `get_own` does and take it for this transaction.

    :raises NotFound: as `get_own` does.
    """
    appeal = lifecycle.lock(appeal_id)
    if appeal.operator_id != of.id:
        raise NotFound
    return appeal


class WorklistItem(NamedTuple):
    """A line of an operator's list."""

    id: int
    number: str
    channel: str
    name: str
    segment: str | None
    status: str
    last_text: str
    last_direction: str
    last_at: dt.datetime
    unread: int
    created_at: dt.datetime
    due_response: dt.datetime | None
    # Since when the client has waited for the answer that is due.
    due_since: dt.datetime | None
    wake_at: dt.datetime | None
    status_since: dt.datetime


@dataclass(frozen=True)
class Worklist:
    """An operator's appeals by group; the most urgent first."""

    offered: list[WorklistItem] = field(default_factory=list)
    in_work: list[WorklistItem] = field(default_factory=list)
    waiting: list[WorklistItem] = field(default_factory=list)
    postponed: list[WorklistItem] = field(default_factory=list)

    @property
    def unread(self) -> int:
        """Count the messages nobody has read yet."""
        return sum(item.unread for group in (self.in_work, self.waiting, self.postponed) for item in group)


_WORKLIST = """
    SELECT a.id, a.number, a.channel, coalesce(c.name, nullif(ad.display, ''), ad.value) AS name, c.segment, a.status,
           left(coalesce(lm.fresh_text, lm.text, ''), 200) AS last_text, coalesce(lm.direction, 'in') AS last_direction,
           coalesce(lm.created_at, a.created_at) AS last_at, u.unread, a.created_at, a.due_response,
           a.due_since,
           a.wake_at, a.status_since
    FROM appeal a
    JOIN address ad ON ad.id = a.address_id
    LEFT JOIN client c ON c.id = a.client_id
    LEFT JOIN message lm ON lm.id = a.last_message_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS unread FROM message m
        WHERE m.appeal_id = a.id AND m.id > a.seen_message_id AND m.direction = 'in'
              AND m.about_id IS NULL) u
    WHERE a.operator_id = %(employee)s AND a.status IN ('offered', 'in_work', 'waiting_for_client', 'postponed')
    ORDER BY a.due_response NULLS LAST, a.wake_at NULLS LAST, a.id"""


def worklist(employee: Person) -> Worklist:
    """Read what an operator holds: one statement, whatever the number of rows."""
    db.session.flush()
    found = Worklist()
    groups: dict[str, list[WorklistItem]] = {
        Status.OFFERED: found.offered,
        Status.IN_WORK: found.in_work,
        Status.WAITING: found.waiting,
        Status.POSTPONED: found.postponed,
    }
    for item in starmap(WorklistItem, rows(_WORKLIST, employee=employee.id)):
        groups[item.status].append(item)
    return found


def events(appeal: Appeal | Opened) -> list[journal.Entry]:
    """Read what happened to an appeal, as far as its feed tells it, oldest first."""
    return journal.history(appeal.key, names=TOLD, limit=NEWEST_EVENTS)


_DRAFTS = (
    db.select(Draft)
    .where(Draft.appeal_id == db.bindparam("appeal"), Draft.employee_id == db.bindparam("employee"))
    .options(joinedload(Draft.attachments))
)


def drafts(appeal: Appeal | Opened, *, of: Person) -> dict[bool, Draft]:
    """Read what an operator has typed here and not sent: {is a note: draft}."""
    if isinstance(appeal, Opened) and not appeal.has_draft:
        return {}
    own = db.session.scalars(_DRAFTS, {"appeal": appeal.id, "employee": of.id}).unique()
    return {draft.is_note: draft for draft in own}


def unsent(of: Employee) -> list[Draft]:
    """List what an operator has typed somewhere and not sent, with its appeals; only where he may open them."""
    own = (
        db.select(Draft)
        .join(Draft.appeal)
        .where(Draft.employee_id == of.id, Appeal.operator_id == of.id)
        .where(db.or_(Draft.text != "", Draft.attachments.any()))
        .options(contains_eager(Draft.appeal).options(joinedload(Appeal.client), joinedload(Appeal.address)))
        .order_by(Draft.id)
    )
    return list(db.session.scalars(own))


@dataclass(frozen=True)
class Filters:
    """What a list of appeals is narrowed to."""

    status: str = ""
    queue_id: int | None = None
    words: str = ""
    # Keyset paging: only appeals older than this one.
    before: int | None = None


def list_appeals(filters: Filters, *, queue_ids: list[int] | None) -> list[Appeal]:
    """List appeals, newest first, one page and one more row; `queue_ids` narrows to what the reader may see."""
    wanted = (
        db.select(Appeal)
        .join(Appeal.address)
        .outerjoin(Appeal.client)
        .options(
            contains_eager(Appeal.address),
            contains_eager(Appeal.client),
            joinedload(Appeal.queue),
            joinedload(Appeal.topic),
            joinedload(Appeal.operator),
        )
        .order_by(Appeal.id.desc())
        .limit(PAGE + 1)
    )
    return list(db.session.scalars(_narrowed(wanted, filters, queue_ids)))


def _narrowed(wanted: Select[Any], filters: Filters, queue_ids: list[int] | None) -> Select[Any]:
    if queue_ids is not None:
        wanted = wanted.where(Appeal.queue_id.in_(queue_ids))
    if filters.status:
        wanted = wanted.where(Appeal.status == filters.status)
    if filters.queue_id:
        wanted = wanted.where(Appeal.queue_id == filters.queue_id)
    if filters.before:
        wanted = wanted.where(Appeal.id < filters.before)
    if filters.words:
        like = "%" + filters.words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        columns = (Appeal.number, Appeal.subject, Address.value, Address.display, Client.name)
        wanted = wanted.where(db.or_(*(column.ilike(like) for column in columns)))
    return wanted


def queues_of_supervisor(employee: Employee) -> list[int]:
    """List the queues of the groups that a supervisor leads; leading none, those that his branch serves (CORE 6)."""
    known = db.select(Queue.id).order_by(Queue.id)
    led = list(db.session.scalars(known.where(Queue.groups.any(leader_id=employee.id))))
    serves = OperatorGroup.members.any(branch_id=employee.branch_id)
    return led or list(db.session.scalars(known.where(Queue.groups.any(serves))))


def last_messages(appeals: list[Appeal]) -> dict[int, Message]:
    """Read the last message of each appeal of a page in one statement."""
    ids = [appeal.last_message_id for appeal in appeals if appeal.last_message_id]
    found = db.session.scalars(db.select(Message).where(Message.id.in_(ids)))
    return {message.appeal_id: message for message in found}


_FIRST_WORDS = text("""
    SELECT left(coalesce(nullif(fresh_text, ''), text), 200) FROM message
    WHERE appeal_id = :appeal AND direction = 'in' AND about_id IS NULL ORDER BY id DESC LIMIT 1""")


def first_words(appeal: Appeal) -> str:
    """Give the beginning of what the client wrote last: what an offer shows."""
    return db.session.scalar(_FIRST_WORDS, {"appeal": appeal.id}) or ""


_ORPHANS = text("""
    SELECT a.id, a.number, a.status, coalesce(string_agg(DISTINCT p.place, ','), '') AS places
    FROM appeal a
    LEFT JOIN process_instance i ON i.subject = 'appeal:' || a.id AND i.ended_at IS NULL
    LEFT JOIN LATERAL (
        SELECT t.place FROM user_task t WHERE t.instance_id = i.id AND t.closed_at IS NULL
        UNION SELECT w.place FROM wait w WHERE w.instance_id = i.id AND w.place IS NOT NULL) p ON true
    WHERE a.status NOT IN ('closed', 'spam', 'blocked') AND a.status_since < :before
    GROUP BY a.id
    ORDER BY a.id""")


def open_with_places(before: dt.datetime) -> list[Row[Any]]:
    """Read each open appeal that has kept its status since `before`, with the places where its process stands."""
    return list(db.session.execute(_ORPHANS, {"before": before}))
