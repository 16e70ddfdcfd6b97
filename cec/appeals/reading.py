"""Reading a conversation: its messages as pages show them, without what only their delivery needs (guide 2.2.3)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from cec.appeals.models import Appeal
from cec.appeals.opening import Opened
from cec.platform.db import LARGEST_ID, db, rows

NEWEST = 200
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class File(NamedTuple):
    """A file of a message."""

    id: int
    name: str
    type: str
    size: int
    # What the letter shows in its text under this name.
    content_id: str | None


class Said(NamedTuple):
    """A message or note as a conversation shows it."""

    id: int
    direction: str
    state: str
    created_at: dt.datetime
    text: str = ""
    # What is new in it, without what it quotes.
    fresh_text: str | None = None
    # The formatting of an answer; of what came in only whether there is a letter to open.
    html: str | None = None
    has_letter: bool = False
    # Of what came in: who wrote, to whom, what became of it since; of an answer the signs that the client put to it.
    headers: Mapping[str, Any] = _NOTHING
    author_id: int | None = None
    author_name: str | None = None
    client_uuid: str | None = None
    due_at: dt.datetime | None = None
    attempts: int = 0
    error: str | None = None
    undelivered: Mapping[str, Any] = _NOTHING
    about_id: int | None = None
    # By which way it came or went: channel, account of ours, address of the client if it is known.
    channel: str = ""
    account_id: int = 0
    address_id: int | None = None
    attachments: Sequence[File] = ()


_MESSAGES = """
    SELECT m.id, m.direction, m.state, m.created_at, m.text, m.fresh_text,
           CASE WHEN m.direction = 'out' THEN m.html END, m.html <> '' AND m.direction <> 'out',
           CASE m.direction WHEN 'in' THEN m.headers
               WHEN 'out' THEN nullif(jsonb_strip_nulls(jsonb_build_object(
                   'signs', m.headers -> 'signs', 'removed_files', m.headers -> 'removed_files')), '{}') END,
           m.author_id, e.name, m.client_uuid::text, m.due_at, m.attempts, m.error, nullif(m.undelivered, '{}'),
           m.about_id, ca.channel, m.channel_account_id, m.address_id,
           (SELECT json_agg(json_build_array(f.id, f.name, f.type, f.size, f.content_id) ORDER BY f.id)
            FROM attachment f WHERE f.message_id = m.id)
    FROM message m JOIN channel_account ca ON ca.id = m.channel_account_id LEFT JOIN employee e ON e.id = m.author_id
    WHERE m.appeal_id = %(appeal)s AND m.state <> 'cancelled' AND m.id >= %(since)s AND m.id < %(before)s
    ORDER BY m.id DESC LIMIT %(most)s"""


def messages(appeal: Appeal | Opened, *, since: int | None = None, before: int | None = None) -> list[Said]:
    """Read the newest messages and notes of an appeal with their files, oldest first: one statement.

    `since` keeps those from a message on that a page shows already, `before` gives the ones above it.
    """
    db.session.flush()
    most = NEWEST if since is None else 2 * NEWEST
    newest = rows(_MESSAGES, appeal=appeal.id, since=since or 0, before=before or LARGEST_ID, most=most)
    return [_said(row) for row in reversed(newest)]


def _said(row: tuple[Any, ...]) -> Said:
    values: list[Any] = list(row)
    for place in (_HEADERS, _UNDELIVERED):
        values[place] = values[place] or _NOTHING
    values[_FILES] = tuple(File(*file) for file in values[_FILES] or ())
    return Said(*values)


_HEADERS, _UNDELIVERED, _FILES = (Said._fields.index(name) for name in ("headers", "undelivered", "attachments"))


def has_older(messages: Sequence[Said]) -> bool:
    """Tell whether there may be more messages above these."""
    return len(messages) >= NEWEST
