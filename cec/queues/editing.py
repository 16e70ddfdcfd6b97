"""Create, copy and change queues (guide 5.1)."""

import re
from dataclasses import fields, replace
from typing import Any

from sqlalchemy.orm import selectinload

from cec.channels.models import ChannelAccount
from cec.platform import changes, journal
from cec.platform.db import db
from cec.platform.errors import Invalid, InvalidFields, NotFound, Refusal
from cec.queues import terms as terms_of_queues
from cec.queues.models import Queue, queue_group
from cec.queues.terms import LONGEST_SENDER, Terms
from cec.staff.models import OperatorGroup

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


class CodeUnfit(Invalid):
    """A code has small Latin letters, digits and underscores and begins with a letter."""

    field = "code"


class CodeTaken(Invalid):
    """There is a queue with this code already."""

    field = "code"


class NameTaken(Invalid):
    """There is a queue with this name already."""

    field = "name"


class NotOurMailbox(Invalid):
    """Choose one of our mailboxes that can send."""

    field = "sender_account_id"


class StaysDefault(Refusal):
    """One queue has to take what no other can: tick it at another queue, then this one is free."""


def list_all() -> list[Queue]:
    """List all queues, the open ones first."""
    return list(
        db.session.scalars(
            db.select(Queue).options(selectinload(Queue.groups)).order_by(Queue.is_active.desc(), Queue.name)
        )
    )


def get(queue_id: int) -> Queue:
    """Get a queue.

    :raises NotFound: when there is none.
    """
    queue = db.session.get(Queue, queue_id)
    if queue is None:
        raise NotFound
    return queue


def check_code(code: str) -> None:
    """Refuse a code that cannot be used or is in use.

    :raises Invalid: at the field of the code.
    """
    if not _CODE.fullmatch(code):
        raise CodeUnfit
    if db.session.scalar(db.select(db.exists().where(Queue.code == code))):
        raise CodeTaken


def levels_of(queue: Queue) -> dict[int, int]:
    """Tell which groups serve a queue, by number, and at which level."""
    wanted = db.select(queue_group.c.group_id, queue_group.c.level).where(queue_group.c.queue_id == queue.id)
    return dict(iter(db.session.execute(wanted)))


def terms_of(queue: Queue) -> Terms:
    """Tell what is decided about a queue."""
    return Terms(
        **{item.name: getattr(queue, item.name) for item in fields(Terms) if item.name != "levels"},
        levels=levels_of(queue),
    )


def sample_of(queue: Queue) -> Terms:
    """Give what a queue made after this one begins with: all but its name, and it takes only what is its own."""
    return replace(terms_of(queue), name="", is_default=False, is_active=True)


def values(queue: Queue) -> dict[str, Any]:
    """Give what is decided about a queue, to compare and to write down; groups by their codes."""
    terms = terms_of(queue)
    codes = dict(iter(db.session.execute(db.select(OperatorGroup.id, OperatorGroup.code))))
    told = {item.name: getattr(terms, item.name) for item in fields(Terms) if item.name != "levels"}
    return {**told, "groups": {codes[group]: level for group, level in sorted(terms.levels.items())}}


def create(*, code: str, terms: Terms, by: str) -> Queue:
    """Create a queue; the first one takes what no other can.

    :raises Invalid: at the fields that cannot be.
    """
    check_code(code)
    terms = _checked(terms, None)
    first = not db.session.scalar(db.select(db.exists().select_from(Queue)))
    queue = Queue(code=code, name=terms.name)
    db.session.add(queue)
    _write(queue, replace(terms, is_default=first or terms.is_default), by)
    added = changes.difference({}, values(queue))
    journal.record("queue.changed", f"queue:{queue.id}", by=by, code=code, changed=added)
    return queue


def change(queue: Queue, terms: Terms, *, by: str, seen: str = "") -> None:
    """Change what is decided about a queue; its code stays, because tables and diagrams name it.

    :raises Invalid: at the fields that cannot be.
    :raises StaysDefault: when nothing would take what no other queue can.
    :raises ChangedMeanwhile: when it is not any more as the person saw it.
    """
    db.session.refresh(queue, with_for_update={"key_share": True})
    before = values(queue)
    changes.check(before, seen)
    terms = _checked(terms, queue)
    if queue.is_default and not (terms.is_default and terms.is_active):
        raise StaysDefault
    _write(queue, terms, by)
    changed = changes.difference(before, values(queue))
    if changed:
        journal.record("queue.changed", f"queue:{queue.id}", by=by, code=queue.code, changed=changed)


def _write(queue: Queue, terms: Terms, by: str) -> None:
    with db.session.no_autoflush:
        for item in fields(Terms):
            if item.name not in {"levels", "is_default"}:
                setattr(queue, item.name, getattr(terms, item.name))
        queue.widening = [dict(step) for step in terms.widening]
        queue.channel_units = dict(terms.channel_units)
        queue.idle_minutes = dict(terms.idle_minutes)
        queue.groups = list(db.session.scalars(db.select(OperatorGroup).where(OperatorGroup.id.in_(terms.levels))))
    db.session.flush()
    for group_id, level in terms.levels.items():
        here = (queue_group.c.queue_id == queue.id) & (queue_group.c.group_id == group_id)
        db.session.execute(queue_group.update().where(here).values(level=level))
    if terms.is_default and not queue.is_default:
        _make_default(queue, by)


def _make_default(queue: Queue, by: str) -> None:
    """Let a queue take what no other can, instead of the one that did."""
    was = db.session.scalars(db.select(Queue).where(Queue.is_default).with_for_update(key_share=True)).one_or_none()
    if was is not None:
        was.is_default = False
        db.session.flush()
        given_up = {"is_default": [True, False]}
        journal.record("queue.changed", f"queue:{was.id}", by=by, code=was.code, changed=given_up)
    queue.is_default = True
    db.session.flush()


def mailboxes(queue: Queue | None = None) -> list[ChannelAccount]:
    """List the mailboxes that answers of a queue can come from: those that send, and the one that it has now."""
    wanted = db.select(ChannelAccount).where(ChannelAccount.channel == "email").order_by(ChannelAccount.address)
    now = queue.sender_account_id if queue else None
    return [box for box in db.session.scalars(wanted) if box.id == now or (box.is_active and box.config.get("smtp"))]


def _checked(terms: Terms, queue: Queue | None) -> Terms:
    """Give the terms as they are kept.

    :raises InvalidFields: with a sentence for each field that cannot be.
    """
    own = queue.id if queue else None
    terms = replace(
        terms,
        name=" ".join(terms.name.split()),
        description=terms.description.replace("\r\n", "\n").strip(),
        signature=terms.signature.replace("\r\n", "\n").strip(),
        sender_name=" ".join(terms.sender_name.split())[:LONGEST_SENDER],
    )
    wrong = terms_of_queues.faults(terms, own)
    with db.session.no_autoflush:
        same = db.session.scalar(db.select(Queue.id).where(Queue.name == terms.name))
    if same not in {None, own}:
        wrong.setdefault("name", NameTaken().sentence())
    if terms.sender_account_id is not None and terms.sender_account_id not in {box.id for box in mailboxes(queue)}:
        wrong.setdefault(NotOurMailbox.field, NotOurMailbox().sentence())
    if wrong:
        raise InvalidFields(wrong)
    return terms
