"""Receivers of events: programs that are told at an address of their own; made, changed and switched by people."""

from collections.abc import Collection
from http import HTTPStatus

from cec.integrations import events
from cec.integrations.models import Event, EventState, Receiver
from cec.platform import clock, journal, keys, live, outside, signatures
from cec.platform.db import db
from cec.platform.errors import Invalid, NotFound, Refusal
from cec.platform.i18n import mark

LONGEST_NAME = 100
LONGEST_URL = 2000
PAGE = 50
# Kinds of events, and what people call them.
KINDS = {
    "message.created": mark("A message has come or is on its way out"),
    "message.status": mark("A message was sent, arrived, was read or failed"),
    "appeal.status": mark("An appeal has another status"),
    "appeal.closed": mark("An appeal is closed, with its resolution"),
    "rating.requested": mark("A client may say how an appeal was handled"),
}


class NameMissing(Invalid):
    """Give the receiver a name of its own: which program is told."""

    field = "name"


class WrongUrl(Invalid):
    """Enter an address that begins with https:// or http://, for example https://crm.example.org/events."""

    field = "url"


class NoEvents(Invalid):
    """Choose of which events it is told."""

    field = "events"


class NothingToSendAgain(Refusal):
    """This event is on its way already."""

    status = HTTPStatus.CONFLICT


def create(*, name: str, url: str, kinds: Collection[str], by: str) -> tuple[Receiver, str]:
    """Add a receiver; gives it and the secret with which its events are signed."""
    secret = signatures.new_secret()
    receiver = Receiver(secret=keys.encrypt(secret), misses=0, is_active=True)
    _fill(receiver, name, url, kinds)
    db.session.add(receiver)
    db.session.flush()
    events.begin_now()
    journal.record("receiver.created", receiver.key, by=by, called=receiver.name)
    return receiver, secret


def change(receiver: Receiver, *, name: str, url: str, kinds: Collection[str], is_active: bool, by: str) -> None:
    """Change a receiver; one that is switched off is told nothing of what happens meanwhile."""
    _fill(receiver, name, url, kinds)
    if is_active and not receiver.is_active:
        receiver.is_active = True
        db.session.flush()
        events.begin_now()
    receiver.is_active = is_active
    journal.record("receiver.changed", receiver.key, by=by, called=receiver.name)


def resume(receiver: Receiver, *, by: str) -> int:
    """Let a receiver that gave up hear again, all that waited for it and in its order; gives how many events."""
    receiver.gave_up_at = receiver.gave_up_because = receiver.rest_until = None
    receiver.misses = 0
    waiting = db.update(Event).where(
        Event.receiver_id == receiver.id, Event.state.in_([EventState.WAITING, EventState.GIVEN_UP])
    )
    again = waiting.values(state=EventState.WAITING, due_at=clock.now(), begun_at=clock.now(), attempts=0)
    count = len(db.session.execute(again.returning(Event.id)).all())
    journal.record("receiver.resumed", receiver.key, by=by, called=receiver.name, events=count)
    live.wake("events")
    return count


def send_again(event_id: int, *, by: str) -> Event:
    """Send one event again, whatever became of it: with the same id and number.

    :raises NothingToSendAgain: when it is on its way.
    """
    event = db.session.get(Event, event_id, with_for_update={"of": Event}, populate_existing=True)
    if event is None:
        raise NotFound
    if event.state in {EventState.WAITING, EventState.SENDING}:
        raise NothingToSendAgain
    event.state, event.due_at, event.begun_at, event.attempts = EventState.WAITING, clock.now(), clock.now(), 0
    journal.record("receiver.replayed", event.receiver.key, by=by, event_id=event.id)
    live.wake("events")
    return event


def get(receiver_id: int) -> Receiver:
    """Get a receiver.

    :raises NotFound: when there is none.
    """
    receiver = db.session.get(Receiver, receiver_id)
    if receiver is None:
        raise NotFound
    return receiver


def list_all() -> list[Receiver]:
    """List the receivers by name."""
    return list(db.session.scalars(db.select(Receiver).order_by(db.func.lower(Receiver.name))))


def log(receiver: Receiver, *, before: int | None = None) -> list[Event]:
    """Read a page of what a receiver was told, the newest first."""
    wanted = db.select(Event).where(Event.receiver_id == receiver.id).order_by(Event.id.desc()).limit(PAGE)
    return list(db.session.scalars(wanted.where(Event.id < before) if before else wanted))


def count_waiting() -> dict[int, int]:
    """Count what is not delivered yet, by receiver."""
    waiting = db.select(Event.receiver_id, db.func.count()).where(Event.state != EventState.DELIVERED)
    return {int(number): int(count) for number, count in db.session.execute(waiting.group_by(Event.receiver_id)).all()}


def _fill(receiver: Receiver, name: str, url: str, kinds: Collection[str]) -> None:
    name, url = name.strip(), url.strip()
    with db.session.no_autoflush:
        taken = db.session.scalar(db.select(Receiver.id).where(Receiver.name == name))
    if not 0 < len(name) <= LONGEST_NAME or taken not in {None, receiver.id}:
        raise NameMissing
    try:
        outside.split(url)
    except outside.NotThere:
        raise WrongUrl from None
    if len(url) > LONGEST_URL:
        raise WrongUrl
    known = [kind for kind in KINDS if kind in kinds]
    if not known:
        raise NoEvents
    receiver.name, receiver.url, receiver.events = name, url, known
