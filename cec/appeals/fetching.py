"""Files that come as an address are fetched by the worker, outside any transaction; their message is there already.

What cannot be fetched for good is told at the message; nothing of our own network is ever asked for (QUALITY, SSRF).
"""

import datetime as dt
import logging
from collections.abc import Iterable

from sqlalchemy import text

from cec.appeals import lifecycle, pictures, refusing
from cec.appeals.models import Attachment, AwaitedFile, Message
from cec.channels.channel import IncomingFile, RefusedFile
from cec.platform import clock, journal, live, outside, storage
from cec.platform.db import db, unit_of_work
from cec.platform.i18n import mark

log = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=2)
TIMEOUT = 60.0
ATTEMPTS = 6
OK = 200
RETRYABLE = frozenset({408, 425, 429, *range(500, 600)})

NOT_OUTSIDE = mark("Its address is none from which files are fetched.")
TOO_LARGE = mark("It is larger than the centre takes.")
NOT_GIVEN = mark("Its server does not give it out.")
NO_ANSWER = mark("Its server does not answer.")


_CLAIM = text("""
    UPDATE awaited_file SET due_at = :until, attempts = attempts + 1
    WHERE id = (SELECT id FROM awaited_file WHERE due_at <= :now ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, url, message_id, attempts""")


def await_files(message: Message, files: Iterable[IncomingFile]) -> None:
    """Leave the fetching of the files of a message to the worker."""
    for file in files:
        if file.url:
            db.session.flush()
            db.session.add(
                AwaitedFile(message_id=message.id, name=file.name, type=file.type, url=file.url, due_at=clock.now())
            )
            live.wake("files")


def fetch_due(*, batch: int = 10) -> int:
    """Fetch what is due, one after the other."""
    for done in range(batch):
        now = clock.now()
        with unit_of_work():
            claimed = db.session.execute(_CLAIM, {"now": now, "until": now + LEASE}).first()
        if claimed is None:
            return done
        content, reason = _fetch(claimed.url, _inside(claimed.message_id), is_last=claimed.attempts >= ATTEMPTS)
        with unit_of_work():
            _settle(claimed.id, claimed.attempts, content, reason)
    return batch


def _inside(message_id: int) -> list[str]:
    """Name the hosts of our own network from which an administrator lets this account fetch."""
    with unit_of_work():
        return list(db.session.get_one(Message, message_id).account.config.get("files_from") or [])


def _fetch(url: str, inside: list[str], *, is_last: bool) -> tuple[bytes | None, str]:
    """Give the bytes, or why there never will be any; neither: try again."""
    try:
        answer = outside.ask("GET", url, timeout=TIMEOUT, largest=storage.largest(), inside=inside)
    except outside.NotThere:
        return None, NOT_OUTSIDE
    except outside.TooMuch:
        return None, TOO_LARGE
    except outside.NoAnswer:
        return None, NO_ANSWER if is_last else ""
    if answer.status == OK:
        return answer.body, ""
    return None, NOT_GIVEN if is_last or answer.status not in RETRYABLE else ""


def _settle(file_id: int, attempts: int, content: bytes | None, reason: str) -> None:
    awaited = db.session.get(AwaitedFile, file_id)
    if awaited is None or awaited.attempts != attempts:
        return
    if content is None and not reason:
        awaited.due_at = clock.now() + dt.timedelta(seconds=4**attempts)
        return
    appeal_id = db.session.get_one(Message, awaited.message_id).appeal_id
    appeal = lifecycle.lock(appeal_id)
    message = db.session.get_one(Message, awaited.message_id, with_for_update={"of": Message}, populate_existing=True)
    db.session.delete(awaited)
    if content is None:
        refusing.note(message, appeal, [RefusedFile(awaited.name, reason)])
        return
    message.attachments.append(_attachment(awaited, content))
    journal.record("message.file_came", appeal.key, by="system", message_id=message.id, file=awaited.name)


def _attachment(awaited: AwaitedFile, content: bytes) -> Attachment:
    return Attachment(
        name=awaited.name,
        type=pictures.kind_of(content, said=awaited.type),
        size=len(content),
        sha256=storage.put(content),
    )
