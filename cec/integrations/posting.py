"""Events go out: signed, one after the other for each appeal, tried for a day, then told to the administrators.

At least once: an event whose answer was lost is sent again with the same id, by which its receiver knows the repeat.
"""

import datetime as dt
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Select, text

from cec.integrations.models import Event, EventState, Receiver
from cec.platform import clock, journal, keys, outside, signatures
from cec.platform.db import db, unit_of_work
from cec.platform.i18n import mark

TIMEOUT = 15.0
LEASE = dt.timedelta(seconds=60)
FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(seconds=5), dt.timedelta(hours=6)
GIVE_UP_AFTER = dt.timedelta(hours=24)
LONGEST_REST = dt.timedelta(minutes=5)
# So many at once to one receiver: one that keeps silent leaves room for the others.
AT_ONCE = 2
DONE = range(200, 300)
LONGEST_ANSWER = 2000

NOT_THERE = mark("Its address leads into our own network; the setting CEC_INSIDE_HOSTS can allow it.")

_CLAIM = text("""
    UPDATE event SET state = 'sending', due_at = :until, attempts = attempts + 1
    WHERE id = (
        SELECT e.id FROM event e JOIN receiver r ON r.id = e.receiver_id
        WHERE e.state IN ('waiting', 'sending') AND e.due_at <= :now
          AND r.is_active AND r.gave_up_at IS NULL AND (r.rest_until IS NULL OR r.rest_until <= :now)
          AND NOT EXISTS (SELECT 1 FROM event b WHERE b.receiver_id = e.receiver_id AND b.appeal_id = e.appeal_id
                          AND b.id < e.id AND b.state <> 'delivered')
          AND (SELECT count(*) FROM event s
               WHERE s.state = 'sending' AND s.receiver_id = e.receiver_id AND s.due_at > :now)
               < :at_once
        ORDER BY e.due_at, e.id LIMIT 1 FOR UPDATE OF e SKIP LOCKED)
    RETURNING id, receiver_id, attempts""")


class Heard(NamedTuple):
    """What came of telling an event: a status and the receiver's words, or ours for what went wrong on the way."""

    status: int | None
    words: str

    @property
    def is_done(self) -> bool:
        """Tell whether the receiver has it."""
        return self.status in DONE


def post_due(*, batch: int = 50) -> int:
    """Tell what is due; gives how many events were tried."""
    for done in range(batch):
        now = clock.now()
        with unit_of_work():
            claimed = db.session.execute(_CLAIM, {"now": now, "until": now + LEASE, "at_once": AT_ONCE}).first()
        if claimed is None:
            return done
        heard = _post(claimed.id)
        with unit_of_work():
            _settle(claimed.id, claimed.attempts, heard)
    return batch


def _post(event_id: int) -> Heard:
    """Tell an event outside any transaction."""
    with unit_of_work():
        event = db.session.get_one(Event, event_id)
        url, secret, body = event.receiver.url, keys.decrypt(event.receiver.secret), bytes_of(event)
        headers = {
            "Content-Type": "application/json",
            "X-CEC-Event": event.kind,
            "X-CEC-Event-Id": name_of(event),
            "X-CEC-Signature": signatures.sign(secret, body),
        }
    try:
        answer = outside.ask("POST", url, body=body, headers=headers, timeout=TIMEOUT, inside=outside.trusted())
    except outside.NotThere:
        return Heard(None, NOT_THERE)
    except (outside.NoAnswer, outside.TooMuch) as error:
        return Heard(None, str(error) or type(error).__name__)
    return Heard(answer.status, answer.body[:LONGEST_ANSWER].decode("utf-8", "replace").replace("\x00", ""))


def name_of(event: Event) -> str:
    """Name an event: the same at every try and at every replay."""
    return f"ev-{event.id}"


def bytes_of(event: Event) -> bytes:
    """Give the body as it goes out."""
    told: dict[str, Any] = {"id": name_of(event), "type": event.kind, "seq": event.seq, **event.body}
    return orjson.dumps(told)


def _settle(event_id: int, attempts: int, heard: Heard) -> None:
    event = db.session.get_one(Event, event_id, with_for_update={"of": Event}, populate_existing=True)
    if event.state != EventState.SENDING or event.attempts != attempts:
        return
    now = clock.now()
    event.status, event.answer = heard.status, heard.words
    receiver = db.session.get_one(Receiver, event.receiver_id, with_for_update={"of": Receiver}, populate_existing=True)
    if heard.is_done:
        event.state, event.delivered_at = EventState.DELIVERED, now
        if receiver.misses:
            receiver.misses, receiver.rest_until = 0, None
        return
    if heard.status is None:
        receiver.misses += 1
        receiver.rest_until = now + min(FIRST_PAUSE * 2 ** min(receiver.misses - 1, 10), LONGEST_REST)
    pause = min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
    if now + pause - event.begun_at > GIVE_UP_AFTER:
        _give_up(event, receiver, heard)
    else:
        event.state, event.due_at = EventState.WAITING, now + pause


def _give_up(event: Event, receiver: Receiver, heard: Heard) -> None:
    """Stop telling a receiver that would not hear for a day; what happens meanwhile waits for it in its order."""
    event.state = EventState.GIVEN_UP
    if receiver.gave_up_at is None:
        receiver.gave_up_at, receiver.gave_up_because = clock.now(), f"{heard.status or ''} {heard.words}".strip()[:500]
        journal.record(
            "receiver.gave_up", receiver.key, by="system", called=receiver.name, reason=receiver.gave_up_because
        )


def old(before: dt.datetime) -> Select[tuple[int]]:
    """Choose the events of before a moment, also those that wait for a receiver who hears nothing any more."""
    wanted: Select[tuple[int]] = db.select(Event.id)
    return wanted.where(Event.created_at < before, Event.state != EventState.SENDING)
