"""A conversation as the visitor of a web chat sees it, and who tells his open widgets of it (SPEC 1C, web chat).

He sees his own words and the answers that are out; notes, events, letters and answers still on their way he does not.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from cec.appeals import ratings
from cec.appeals.models import Appeal, AppealWay, Status
from cec.channels.models import ChannelAccount
from cec.channels.webchat import writing
from cec.clients.models import Address
from cec.platform import clock, journal, live
from cec.platform.db import LARGEST_ID, db, rows

# Messages at a time; whoever was away for longer gets all that came since.
TAIL = 50
MOST = 500
# A notice that something in the conversation changed, and one that the operator is writing.
CHANGED, WRITES = "chat", "chat.writing"
# How the subjects of these notices begin.
SUBJECTS = "chat:"


class File(NamedTuple):
    """A file of a message."""

    id: int
    name: str
    type: str
    size: int


class Line(NamedTuple):
    """A message of a conversation."""

    id: int
    # His own; then by which name his browser sent it.
    mine: bool
    name: str
    text: str
    at: dt.datetime
    # Of his own: received or seen; of ours: sent, delivered or read.
    state: str
    author: str
    files: Sequence[File]


class Talk(NamedTuple):
    """What a widget shows."""

    lines: list[Line]
    # Whether there is more above.
    has_older: bool
    # Of his latest appeal: its number, whether it is being worked at and by whom, how he rated it, if he may.
    number: str = ""
    is_open: bool = False
    operator: str = ""
    mark: int | None = None
    ratable: bool = False

    @property
    def version(self) -> str:
        """Name this state of the conversation: it ends with the number of its last message."""
        known = [(line.id, line.state, line.text, [file.id for file in line.files]) for line in self.lines]
        digest = hashlib.sha256(repr((known, *self[1:])).encode()).hexdigest()[:16]
        return f"{digest}-{self.lines[-1].id if self.lines else 0}"


# The visitor's address, and his conversations: those that he began here, and those that were gone on with here.
_ADDRESS = "(SELECT id FROM address WHERE type = %(kind)s AND normalised = %(address)s)"
_MINE = f"""
    SELECT id FROM appeal WHERE address_id = {_ADDRESS} AND channel_account_id = %(account)s
    UNION SELECT appeal_id FROM appeal_way WHERE address_id = {_ADDRESS} AND channel_account_id = %(account)s"""  # noqa: S608 - our own words
_LINES = f"""
    SELECT m.id, m.direction = 'in', split_part(coalesce(m.provider_event_id, ''), '/', 2), m.text, m.created_at,
           CASE WHEN m.direction = 'out' THEN m.state WHEN m.id <= a.seen_message_id THEN 'seen' ELSE 'received' END,
           CASE WHEN m.direction = 'out' THEN coalesce(nullif(q.sender_name, ''), split_part(e.name, ' ', 1), '')
                ELSE '' END,
           (SELECT json_agg(json_build_array(f.id, f.name, f.type, f.size) ORDER BY f.id)
            FROM attachment f WHERE f.message_id = m.id)
    FROM appeal a JOIN message m ON m.appeal_id = a.id
    LEFT JOIN employee e ON e.id = m.author_id LEFT JOIN queue q ON q.id = a.queue_id
    WHERE a.id IN ({_MINE}) AND m.channel_account_id = %(account)s AND m.about_id IS NULL
      AND coalesce(m.address_id, a.address_id) = {_ADDRESS}
      AND (m.direction = 'in' OR m.direction = 'out' AND m.state IN ('sent', 'delivered', 'read'))
      AND m.id < %(before)s
    ORDER BY m.id DESC LIMIT %(most)s"""  # noqa: S608 - our own words
_LATEST = f"""
    SELECT a.number, a.status NOT IN ('closed', 'spam', 'blocked'),
           CASE WHEN a.status IN ('in_work', 'waiting_for_client', 'postponed')
                THEN coalesce(nullif(q.sender_name, ''), split_part(e.name, ' ', 1), '') ELSE '' END,
           a.mark, a.status = 'closed' AND a.closed_at > %(rated_since)s AND a.first_reply_at IS NOT NULL
    FROM appeal a LEFT JOIN employee e ON e.id = a.operator_id LEFT JOIN queue q ON q.id = a.queue_id
    WHERE a.id IN ({_MINE})
    ORDER BY a.id DESC LIMIT 1"""  # noqa: S608 - our own words


def read(account: ChannelAccount, address: str, *, known: int = 0, before: int | None = None) -> Talk:
    """Read a conversation: its tail, with all that came after a message that is known, or a page before one."""
    db.session.flush()
    asked: dict[str, Any] = {"kind": writing.KIND, "address": address, "account": account.id}
    most = MOST if known else TAIL
    found = rows(_LINES, **asked, before=before or LARGEST_ID, most=most + 1)
    kept = [row for place, row in enumerate(found[:most]) if place < TAIL or row[0] > known]
    lines = [_line(row) for row in reversed(kept)]
    latest = rows(_LATEST, **asked, rated_since=clock.now() - ratings.WITHIN)
    return Talk(lines, len(found) > len(kept), *(latest[0] if latest else ()))


def _line(row: tuple[Any, ...]) -> Line:
    values: list[Any] = list(row)
    values[-1] = [File(*file) for file in values[-1] or ()]
    return Line(*values)


def subject(address: str) -> str:
    """Name a conversation for those who hear of it."""
    return SUBJECTS + address


def tell(appeal: Appeal, name: str = CHANGED) -> None:
    """Tell the widgets of an appeal's client, if it is a chat or is gone on with in one."""
    if appeal.channel == writing.KIND:
        live.announce(name, subject(appeal.address.value))
    if appeal.has_ways:
        others = db.select(Address.value).join(AppealWay, AppealWay.address_id == Address.id)
        for value in db.session.scalars(others.where(AppealWay.appeal_id == appeal.id, Address.type == writing.KIND)):
            live.announce(name, subject(value))


@journal.on(
    "message.received", "message.sent", "message.delivered", "message.read", "message.edited", "message.deleted",
    "appeal.accepted", "appeal.transferred", "appeal.returned", "appeal.closed", "appeal.reopened", "appeal.rated",
)  # fmt: skip
def _follow(entry: journal.Entry) -> None:
    kind, _, number = entry.subject.partition(":")
    appeal = db.session.get(Appeal, int(number)) if kind == "appeal" else None
    if appeal is not None:
        tell(appeal)


def find_latest(account: ChannelAccount, address: str) -> Appeal | None:
    """Find the latest appeal of a visitor that is not kept out."""
    asked = {"kind": writing.KIND, "address": address, "account": account.id}
    wanted = db.select(Appeal).where(
        db.text(f"appeal.id IN ({_named(_MINE)})"), Appeal.status.not_in([Status.SPAM, Status.BLOCKED])
    )
    return db.session.scalars(wanted.order_by(Appeal.id.desc()).limit(1), asked).first()


def _named(statement: str) -> str:
    """Write the places of a statement as SQLAlchemy names them."""
    return re.sub(r"%\((\w+)\)s", r":\1", statement)
