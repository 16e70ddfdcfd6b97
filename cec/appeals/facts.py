"""The facts of an appeal that the tables judge: gathered where it enters a queue, and kept as they were (guide 5.2)."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import text

from cec.appeals import terms
from cec.appeals.models import Appeal, Status
from cec.channels.email import quoting
from cec.platform import clock
from cec.platform.db import db, unit
from cec.queues import calendars
from cec.queues import queries as queues
from cec.rulebook import inputs
from cec.topics import queries as topics

REPEAT_WITHIN = dt.timedelta(days=7)
# The client's past reaches so far back.
PAST_WITHIN = dt.timedelta(days=90)
# Words are looked for in this much of a message, its alphabet in that much.
LONGEST = 64_000
LOOKED_AT = 2_000
# By whose clock the hour is told where no calendar says otherwise.
ZONE = "Europe/Moscow"
# Read from where they stand: the words can be long, and addresses are kept once.
_NOT_KEPT = frozenset({"subject", "text", "address", "domain"})

_BEGINNING = text("""
    SELECT left(coalesce(m.fresh_text, m.text, ''), :longest) AS words,
           coalesce(CAST(m.headers ->> 'auto' AS boolean), false) AS auto,
           (SELECT count(*) FROM attachment f WHERE f.message_id = m.id AND f.content_id IS NULL) AS files,
           ad.normalised AS address
    FROM appeal a JOIN address ad ON ad.id = a.address_id
    LEFT JOIN LATERAL (SELECT id, fresh_text, text, headers FROM message
                       WHERE appeal_id = a.id AND direction = 'in' ORDER BY id LIMIT 1) m ON true
    WHERE a.id = :appeal""")
# Of the client's other appeals that are closed: who closed the last one and when, and what mark he gave last.
PAST = """
    SELECT (array_agg(operator_id ORDER BY closed_at DESC))[1] AS operator_id, max(closed_at) AS closed_at,
           (array_agg(mark ORDER BY closed_at DESC) FILTER (WHERE mark IS NOT NULL))[1] AS mark
    FROM appeal
    WHERE (address_id = :address OR client_id = :client) AND id <> :id
      AND status = 'closed' AND closed_at >= :closed_since"""
_PAST = text(PAST)


class Past(NamedTuple):
    """Who served this client last and when it was done, if ever; and the last mark that he gave."""

    operator_id: int | None
    closed_at: dt.datetime | None
    mark: int | None


class Beginning(NamedTuple):
    """What the first message of an appeal tells: its words, whether a machine sent it, its files, and from where."""

    words: str
    auto: bool
    files: int
    address: str


def know(appeal: Appeal, *, beginning: Beginning, past: Past) -> None:
    """Remember what is known of an appeal that opens in this transaction: nobody need read it again."""
    unit()[f"beginning of {appeal.id}"] = beginning._replace(words=beginning.words[:LONGEST])
    unit()[f"past of {appeal.id}"] = past


def gather(appeal: Appeal) -> dict[str, Any]:
    """Collect what the tables may look at, and keep it with the appeal; nothing in it changes while it waits."""
    found = _collect(appeal)
    appeal.facts = {**(appeal.facts or {}), **{name: found[name] for name in found if name not in _NOT_KEPT}}
    return {"queue_chosen": appeal.queue_id is not None, **found}


def kept(appeal: Appeal, table: str) -> dict[str, Any]:
    """Give the facts of an appeal that a table was given when it last entered a queue."""
    found = {**_collect(appeal), **(appeal.facts or {})}
    if table == "screening":
        found["text"] = f"{appeal.subject}\n{found['text']}"
    return inputs.only_known(table, found | at_hand(appeal))


def at_hand(appeal: Appeal) -> dict[str, Any]:
    """Give what changes while somebody has the appeal: only the table `escalation` looks at it."""
    return {
        "points": appeal.points,
        "status": appeal.status,
        "answered": appeal.first_reply_at is not None,
        "transfers": appeal.transfers,
    }


def past_of(appeal: Appeal) -> Past:
    """Read, once in a transaction, what is known of the client's closed appeals."""
    name = f"past of {appeal.id}"
    if name not in unit():
        who = {"id": appeal.id, "address": appeal.address_id, "client": appeal.client_id}
        unit()[name] = Past(*db.session.execute(_PAST, {**who, "closed_since": clock.now() - PAST_WITHIN}).one())
    past: Past = unit()[name]
    return past


def alphabet(words: str) -> str | None:
    """Tell in which letters most of a text is written; None when it has none."""
    counts = Counter(_letters(sign) for sign in words[:LOOKED_AT] if sign.isalpha())
    return max(terms.ALPHABETS, key=lambda name: counts[name]) if counts else None


def _collect(appeal: Appeal) -> dict[str, Any]:
    beginning, past, queue = _beginning(appeal), past_of(appeal), appeal.queue
    return {
        "channel": appeal.channel,
        "account": appeal.account.code,
        "kind": "private",
        "address": beginning.address,
        "domain": beginning.address.rpartition("@")[2],
        "subject": appeal.subject,
        "text": beginning.words,
        "alphabet": alphabet(f"{appeal.subject} {beginning.words}"),
        "attachments": beginning.files,
        "auto": beginning.auto,
        "segment": appeal.client.segment if appeal.client else None,
        **_history(past),
        "queue": queue.code if queue else None,
        "topic": topics.path_of(appeal.topic_id) if appeal.topic_id else None,
        "returned": appeal.status in {Status.WAITING, Status.POSTPONED},
        "transfers": appeal.transfers,
        **_time(appeal),
    }


def _history(past: Past) -> dict[str, Any]:
    ago = clock.now() - past.closed_at if past.closed_at else None
    return {
        "repeat": ago is not None and ago <= REPEAT_WITHIN,
        "days_since_closed": ago.days if ago is not None else None,
        "last_mark": past.mark,
    }


def _time(appeal: Appeal) -> Mapping[str, Any]:
    """Tell day and hour by the calendar of the queue, or of the centre while no queue is known."""
    now, queue = clock.now(), appeal.queue
    calendar = queue.calendar if queue else queues.calendar_of_centre()
    here = now.astimezone(ZoneInfo(calendar.zone if calendar else ZONE))
    return {
        "weekday": [*terms.WEEKDAYS][here.weekday()],
        "hour": here.hour,
        "working_time": calendar is None or calendars.is_open(calendar, now),
    }


def _beginning(appeal: Appeal) -> Beginning:
    name = f"beginning of {appeal.id}"
    if name not in unit():
        row = db.session.execute(_BEGINNING, {"appeal": appeal.id, "longest": LONGEST}).one()
        unit()[name] = Beginning(quoting.unsigned(row.words), row.auto, row.files, row.address)
    beginning: Beginning = unit()[name]
    return beginning


def _letters(sign: str) -> str:
    if "а" <= sign.lower() <= "я" or sign in "ёЁ":
        return "cyrillic"
    return "latin" if sign.isascii() else "other"
