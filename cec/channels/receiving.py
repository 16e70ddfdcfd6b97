"""What came in is kept raw before anything is made of it: a repeated one not twice, an unreadable one not lost."""

import datetime as dt
import hashlib
import threading
from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Select, Table, bindparam, inspect, text, update
from sqlalchemy.dialects.postgresql import insert

from cec.channels import channel as channels
from cec.channels.channel import Glance
from cec.channels.models import ChannelAccount, Inbound, InboundState
from cec.platform import clock, journal, live, storage, work
from cec.platform.db import db, rows_apart
from cec.platform.errors import NotFound, Refusal

PAGE = 50
# Up to so many bytes lie in the row: one commit keeps them, without a file beside it.
SMALL = 16 * 1024
TABLE: Table = Inbound.__table__  # type: ignore[assignment]
KEEP = insert(TABLE).on_conflict_do_nothing().returning(TABLE.c.id)
# A health figure need not be written with every mail: mails of one account would wait for each other's commit.
SELDOM = dt.timedelta(seconds=10)
_TOUCH = text("""
    UPDATE channel_account SET last_in_at = :now
    WHERE id = (SELECT id FROM channel_account WHERE id = :id
                AND (last_in_at IS NULL OR last_in_at < :before OR last_in_at > :now)
                FOR NO KEY UPDATE SKIP LOCKED)""")


class NotInQuarantine(Refusal):
    """This has left the quarantine already."""


class NoLongerKept(Refusal):
    """What came in was kept for its term and is gone: it cannot be put back."""


def receive(
    account: ChannelAccount,
    provider_event_id: str,
    raw: bytes,
    envelope: Mapping[str, Any],
    *,
    is_small: bool = False,
    is_real: bool = True,
    line: str | None = None,
) -> int | None:
    """Keep what came in and leave its taking in to the worker; gives its number, None when it is a repeat.

    Letters lie in files, each once for all mailboxes; `is_small` lets short ones lie in the row. What is not real is a
    probe of our own: nobody counts it as having come in. What names a line is taken in after all that came before it in
    the same line.
    """
    now = clock.now()
    row = {
        "channel_account_id": account.id,
        "provider_event_id": provider_event_id,
        **_kept(raw, is_small=is_small),
        "size": len(raw),
        "envelope": {**envelope, **({"line": line} if line else {})},
        "received_at": now,
        "state": InboundState.NEW.value,
    }
    number: int | None = db.session.execute(KEEP, row).scalar()
    if number is None:
        return None
    if is_real:
        _touch(account, now)
    if line is None:
        work.enqueue("inbound", inbound_id=number)
    else:
        work.enqueue("inbound_line", account_id=account.id, line=line)
    return number


# So many are kept by one process in the same moment: fewer than connections that stay open, and enough for the disk to
# write several at a time.
_turns = threading.BoundedSemaphore(8)
_AT_ONCE = f"""
    WITH account AS (
        SELECT id FROM channel_account WHERE id = %(account)s AND is_active AND config = CAST(%(config)s AS jsonb)
        AND secrets IS NOT DISTINCT FROM %(secrets)s),
    kept AS (
        INSERT INTO inbound (channel_account_id, provider_event_id, raw, body, size, envelope, received_at, state)
        SELECT id, %(event)s, %(raw)s, %(body)s, %(size)s, CAST(%(envelope)s AS jsonb), %(now)s, 'new' FROM account
        ON CONFLICT (channel_account_id, provider_event_id) DO NOTHING RETURNING id),
    queued AS ({work.ENQUEUE_KEPT})
    SELECT id, true FROM kept
    UNION ALL
    SELECT i.id, false FROM inbound i JOIN account ON account.id = i.channel_account_id
    WHERE i.provider_event_id = %(event)s"""  # noqa: S608 - our own words


def receive_at_once(
    account: ChannelAccount, provider_event_id: str, raw: bytes, envelope: Mapping[str, Any], line: str | None = None
) -> tuple[int, bool] | None:
    """Keep what came in by one statement that stands at once; gives its number and whether it is new.

    What names a line is taken in after all that came before it in the same line.
    None: the account is not any more what it was when it was read, or another request with the same name is being kept
    in this moment. Read the account anew, verify again, and ask again.
    """
    now = clock.now()
    facts = {
        **_kept(raw, is_small=True),
        "account": account.id,
        "config": orjson.dumps(account.config).decode(),
        "secrets": account.secrets,
        "event": provider_event_id,
        "size": len(raw),
        "envelope": orjson.dumps({**envelope, **({"line": line} if line else {})}).decode(),
        "now": now,
        "kind": "inbound_line" if line else "inbound",
        "payload": orjson.dumps({"account_id": account.id, "line": line}).decode() if line else None,
    }
    with _turns:
        found = rows_apart(_AT_ONCE, **facts)
    if not found:
        return None
    number, is_new = found[0]
    if is_new:
        _touch(account, now)
        live.wake_soon("work")
    return int(number), bool(is_new)


def _kept(raw: bytes, *, is_small: bool) -> dict[str, Any]:
    if is_small and len(raw) <= SMALL:
        return {"raw": hashlib.sha256(raw).hexdigest(), "body": raw}
    return {"raw": storage.put(raw), "body": None}


def find(account: ChannelAccount, provider_event_id: str) -> Inbound | None:
    """Find what came in under this name."""
    wanted = db.select(Inbound).where(
        Inbound.channel_account_id == account.id, Inbound.provider_event_id == provider_event_id
    )
    return db.session.scalars(wanted).one_or_none()


def _touch(account: ChannelAccount, now: dt.datetime) -> None:
    """Note that something came in; what the account was when it was read tells whether that is worth a statement."""
    if account.last_in_at is None or not dt.timedelta() <= now - account.last_in_at < SELDOM:
        db.session.execute(_TOUCH, {"id": account.id, "now": now, "before": now - SELDOM})
        if inspect(account).detached:  # remembered by a door: it knows now as well
            account.last_in_at = now


def get(inbound_id: int) -> Inbound:
    """Get one thing that came in.

    :raises NotFound: when there is none.
    """
    inbound = db.session.get(Inbound, inbound_id)
    if inbound is None:
        raise NotFound
    return inbound


def raw(inbound: Inbound) -> bytes:
    """Give the bytes as they came."""
    return inbound.body if inbound.body is not None else storage.get(inbound.raw)


_TAKEN = update(TABLE).where(TABLE.c.id == bindparam("which"))


def taken(inbound: Inbound, state: InboundState = InboundState.DONE) -> None:
    """Note that something has become a message, or that there is nothing in it for us."""
    values = {"which": inbound.id, "handled_at": clock.now(), "state": state.value}
    db.session.connection().execute(_TAKEN, values)


def quarantine(inbound: Inbound, reason: str, detail: str = "") -> None:
    """Set aside what cannot be read, with the reason, for a person to look at; the rest goes on."""
    inbound.state, inbound.handled_at = InboundState.QUARANTINED, clock.now()
    inbound.reason, inbound.detail = reason, _storable(detail)
    seen = glance(inbound)
    inbound.envelope = {**inbound.envelope, "sender": _storable(seen.sender), "subject": _storable(seen.subject)}
    journal.record("inbound.quarantined", f"inbound:{inbound.id}", by="system", reason=reason)


def glance(inbound: Inbound) -> Glance:
    """Tell what can be told of something that could not be read."""
    return channels.get(inbound.account.channel).glance(raw(inbound))


def count_new() -> dict[int, int]:
    """Count what has come in and is not taken in yet, by account."""
    waiting = db.select(Inbound.channel_account_id, db.func.count()).where(text("state = 'new'"))
    counted = db.session.execute(waiting.group_by(Inbound.channel_account_id)).all()
    return {int(account): int(count) for account, count in counted}


def count_ignored(since: dt.datetime) -> dict[int, int]:
    """Count what came in since a moment and the centre had no use for, by account."""
    ignored = db.select(Inbound.channel_account_id, db.func.count()).where(
        Inbound.received_at >= since, Inbound.state == InboundState.IGNORED
    )
    counted = db.session.execute(ignored.group_by(Inbound.channel_account_id)).all()
    return {int(account): int(count) for account, count in counted}


def list_quarantined(page: int = 1, *, size: int = PAGE) -> list[Inbound]:
    """List what is in quarantine, newest first."""
    wanted = _quarantined().order_by(Inbound.id.desc()).limit(size).offset((max(page, 1) - 1) * size)
    return list(db.session.scalars(wanted))


def count_quarantined() -> int:
    """Count what is in quarantine."""
    return db.session.scalar(db.select(db.func.count()).select_from(_quarantined().subquery())) or 0


def retry(inbound_id: int, *, by: str, sender: str = "") -> Inbound:
    """Take something out of quarantine and try to read it again; who wrote it can be told, if it does not say.

    :raises NotInQuarantine: when somebody was faster.
    """
    inbound = _lock(inbound_id, InboundState.QUARANTINED)
    inbound.state, inbound.reason, inbound.detail, inbound.handled_at = InboundState.NEW, None, None, None
    if sender:
        inbound.envelope = {**inbound.envelope, "named": sender}
    work.enqueue("inbound", inbound_id=inbound.id)
    journal.record("inbound.retried", f"inbound:{inbound.id}", by=by)
    return inbound


def discard(inbound_id: int, *, by: str) -> Inbound:
    """Decide that nothing is to be made of something in quarantine; it is kept and can be put back.

    :raises NotInQuarantine: when somebody was faster.
    """
    inbound = _lock(inbound_id, InboundState.QUARANTINED)
    inbound.state = InboundState.DISCARDED
    journal.record("inbound.discarded", f"inbound:{inbound.id}", by=by)
    return inbound


def put_back(inbound_id: int, *, by: str) -> Inbound:
    """Put something back into quarantine that was discarded.

    :raises NotInQuarantine: when it was not.
    :raises NoLongerKept: when its bytes are gone.
    """
    inbound = _lock(inbound_id, InboundState.DISCARDED)
    if not inbound.raw:
        raise NoLongerKept
    inbound.state = InboundState.QUARANTINED
    journal.record("inbound.quarantined", f"inbound:{inbound.id}", by=by, reason=inbound.reason)
    return inbound


def _lock(inbound_id: int, state: InboundState) -> Inbound:
    wanted = db.select(Inbound).where(Inbound.id == inbound_id).with_for_update()
    inbound: Inbound | None = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if inbound is None:
        raise NotFound
    if inbound.state != state:
        raise NotInQuarantine
    return inbound


def _quarantined() -> Select[Any]:
    # The predicate is literal so that the partial index serves it.
    wanted: Select[Any] = db.select(Inbound).where(text("state = 'quarantined'"))
    return wanted


def _storable(detail: str) -> str:
    return detail.replace("\x00", "").encode("utf-8", "replace").decode()[:2000]
