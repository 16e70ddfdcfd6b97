"""An appeal as the page shows it that works on it: one statement, and nothing that only acts need (guide 2.2.3)."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from cec.clients import opting_out
from cec.platform.db import db, rows
from cec.platform.errors import NotFound
from cec.staff.readers import Person

# A machine that writes every minute has more appeals than a page wants to count.
MOST_COUNTED = 1000


class Account(NamedTuple):
    """Where it came in."""

    id: int
    address: str


class Queue(NamedTuple):
    """The queue that it belongs to."""

    name: str
    signature: str


class Topic(NamedTuple):
    """What it is about."""

    name: str
    path: str


class Address(NamedTuple):
    """Where its client writes from."""

    id: int
    type: str
    value: str
    display: str
    can_receive: bool
    cannot_since: dt.datetime | None
    cannot_reason: str | None


class Client(NamedTuple):
    """Whose it is."""

    name: str
    segment: str | None
    created_at: dt.datetime


class Spared(NamedTuple):
    """Since when he does not want to be written to first; and who noted it, none if he said so himself."""

    since: dt.datetime
    noted_by: str | None


class Count(NamedTuple):
    """How many appeals its client has, with this one, and how many of them are open; counted up to MOST_COUNTED."""

    total: int
    still_open: int

    @property
    def is_more(self) -> bool:
        """Tell whether there may be more than were counted."""
        return self.total >= MOST_COUNTED


class Task(NamedTuple):
    """What there is to do with it: the open user task, or the last one while it waits."""

    sha256: str
    process: str
    element: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What a page shows of the appeal itself; its parts are named as those of the table."""

    id: int
    number: str
    channel: str
    direction: str
    subject: str
    status: str
    status_since: dt.datetime
    version: int
    points: int
    mark: int | None
    created_at: dt.datetime
    first_reply_at: dt.datetime | None
    due_response: dt.datetime | None
    due_since: dt.datetime | None
    due_resolution: dt.datetime | None
    wake_at: dt.datetime | None
    closed_at: dt.datetime | None
    last_client_message_id: int | None
    last_message_id: int | None
    seen_message_id: int
    address_id: int
    # Whether its operator has typed something here that is not sent.
    has_draft: bool
    account: Account
    address: Address
    client: Client | None
    queue: Queue | None
    topic: Topic | None
    task: Task | None
    spared: Spared | None
    history: Count
    addresses: Sequence[Address]

    @property
    def key(self) -> str:
        """Name it in the journal and as the subject of its process."""
        return f"appeal:{self.id}"


_OPENED = f"""
    SELECT a.id, a.number, a.channel, a.direction, a.subject, a.status, a.status_since, a.version, a.points, a.mark,
           a.created_at, a.first_reply_at, a.due_response, a.due_since, a.due_resolution, a.wake_at, a.closed_at,
           a.last_client_message_id, a.last_message_id, a.seen_message_id, a.address_id,
           EXISTS (SELECT FROM draft d WHERE d.appeal_id = a.id AND d.employee_id = %(employee)s),
           account.id, account.address,
           ad.id, ad.type, ad.value, ad.display, ad.can_receive, ad.cannot_since, ad.cannot_reason,
           c.name, c.segment, c.created_at,
           q.name, q.signature,
           t.name, (WITH RECURSIVE up AS (
               SELECT t.parent_id, t.name::text AS path
               UNION ALL SELECT p.parent_id, p.name || ' › ' || up.path FROM topic p JOIN up ON p.id = up.parent_id)
           SELECT path FROM up WHERE parent_id IS NULL),
           task.sha256, task.process, task.element,
           spared.since, spared.noted_by,
           (SELECT ARRAY[count(*), count(*) FILTER (WHERE o.status NOT IN ('closed', 'spam', 'blocked'))]
            FROM (SELECT o.status FROM appeal o
                  WHERE o.client_id = a.client_id OR (a.client_id IS NULL AND o.address_id = a.address_id)
                  LIMIT %(most)s) o),
           CASE WHEN a.client_id IS NOT NULL THEN
               (SELECT json_agg(json_build_array(o.id, o.type, o.value, o.display, o.can_receive, o.cannot_since,
                                                 o.cannot_reason) ORDER BY o.id)
                FROM address o WHERE o.client_id = a.client_id) END
    FROM appeal a
    JOIN address ad ON ad.id = a.address_id
    JOIN channel_account account ON account.id = a.channel_account_id
    LEFT JOIN client c ON c.id = a.client_id
    LEFT JOIN queue q ON q.id = a.queue_id
    LEFT JOIN topic t ON t.id = a.topic_id
    LEFT JOIN LATERAL (
        SELECT v.sha256, u.process, u.element FROM user_task u
        JOIN process_instance i ON i.id = u.instance_id JOIN process_version v ON v.id = i.process_version_id
        WHERE u.subject = 'appeal:' || a.id AND (u.closed_at IS NULL OR a.status <> 'in_work')
        ORDER BY CASE a.status WHEN 'in_work' THEN u.id ELSE -u.id END LIMIT 1) task ON true
    LEFT JOIN LATERAL (
        SELECT said.since, e.name AS noted_by
        FROM {opting_out.FOUND.format(client="ad.client_id", address="ad.id")} said
        LEFT JOIN employee e ON e.id = said.employee_id ORDER BY said.since, said.id LIMIT 1) spared ON true
    WHERE a.id = %(id)s AND a.operator_id = %(employee)s"""  # noqa: S608 - our own words


def opened(appeal_id: int, *, by: Person) -> Opened:
    """Read an appeal of an operator as his page shows it.

    :raises NotFound: for others' appeals as for none.
    """
    db.session.flush()
    found = rows(_OPENED, id=appeal_id, employee=by.id, most=MOST_COUNTED)
    if not found:
        raise NotFound
    return _opened(found[0])


def _opened(found: tuple[Any, ...]) -> Opened:
    columns = iter(found)
    known = list(islice(columns, 22))
    account, address = Account(*_next(columns, Account)), Address(*_next(columns, Address))
    parts = [_known(kind, _next(columns, kind)) for kind in (Client, Queue, Topic, Task, Spared)]
    count, others = columns
    addresses = [Address(*other)._replace(cannot_since=_moment(other[5])) for other in others or ()]
    values: list[Any] = [*known, account, address, *parts, Count(*count), addresses or [address]]
    return Opened(*values)


def _next(columns: Iterator[Any], kind: Any) -> list[Any]:
    return list(islice(columns, len(kind._fields)))


def _known(kind: Any, values: list[Any]) -> Any:
    return kind(*values) if values[0] is not None else None


def _moment(said: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(said) if said else None
