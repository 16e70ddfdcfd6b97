"""Create and change queues (guide 5.1)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import selectinload

from cec.channels.models import ChannelAccount
from cec.platform import journal
from cec.platform.db import db
from cec.platform.errors import Invalid, NotFound
from cec.queues.models import Queue
from cec.staff.models import OperatorGroup

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


class CodeUnfit(Invalid):
    """A code has small Latin letters, digits and underscores and begins with a letter."""

    field = "code"


class CodeTaken(Invalid):
    """There is a queue with this code already."""

    field = "code"


class NameMissing(Invalid):
    """Write the name."""

    field = "name"


class NameTaken(Invalid):
    """There is a queue with this name already."""

    field = "name"


class GroupsMissing(Invalid):
    """Choose at least one group that serves the queue."""

    field = "groups"


class NotOurMailbox(Invalid):
    """Choose one of our mailboxes that can send."""

    field = "sender"


class SignatureTooLong(Invalid):
    """A signature has {limit} characters at most."""

    field = "signature"


LONGEST_SIGNATURE = 2000
LONGEST_SENDER = 100


@dataclass(frozen=True)
class Voice:
    """How a queue speaks: what stands below its answers, whose name and which mailbox they come from."""

    signature: str = ""
    sender_name: str = ""
    sender_account_id: int | None = None


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


def create(*, code: str, name: str, groups: Sequence[OperatorGroup], topic_required: bool, by: str) -> Queue:
    """Create a queue that groups serve; the first one takes what no other can.

    :raises Invalid: when code or name cannot be used, or nobody would serve it.
    """
    check_code(code)
    first = not db.session.scalar(db.select(db.exists().select_from(Queue)))
    queue = Queue(code=code, name=_checked(name, None), is_default=first, topic_required=topic_required)
    queue.groups = _some(groups)
    db.session.add(queue)
    db.session.flush()
    journal.record("queue.changed", f"queue:{queue.id}", by=by, code=code)
    return queue


def change(queue: Queue, *, name: str, groups: Sequence[OperatorGroup], topic_required: bool, by: str) -> None:
    """Change the name of a queue and who serves it; its code stays, because tables and diagrams name it."""
    queue.name, queue.groups, queue.topic_required = _checked(name, queue.id), _some(groups), topic_required
    db.session.flush()
    journal.record("queue.changed", f"queue:{queue.id}", by=by)


def speak(queue: Queue, voice: Voice, *, by: str) -> None:
    """Change how a queue speaks to clients.

    :raises Invalid: when the signature is too long, or the mailbox is none of ours.
    """
    if len(voice.signature) > LONGEST_SIGNATURE:
        raise SignatureTooLong(limit=LONGEST_SIGNATURE)
    if voice.sender_account_id is not None and voice.sender_account_id not in {box.id for box in mailboxes(queue)}:
        raise NotOurMailbox
    queue.signature = voice.signature.replace("\r\n", "\n").strip()
    queue.sender_name = " ".join(voice.sender_name.split())[:LONGEST_SENDER]
    queue.sender_account_id = voice.sender_account_id
    db.session.flush()
    journal.record("queue.changed", f"queue:{queue.id}", by=by)


def mailboxes(queue: Queue) -> list[ChannelAccount]:
    """List the mailboxes that answers of a queue can come from: those that send, and the one that it has now."""
    wanted = db.select(ChannelAccount).where(ChannelAccount.channel == "email").order_by(ChannelAccount.address)
    return [
        box
        for box in db.session.scalars(wanted)
        if box.id == queue.sender_account_id or (box.is_active and box.config.get("smtp"))
    ]


def _checked(name: str, own: int | None) -> str:
    name = " ".join(name.split())
    if not name:
        raise NameMissing
    with db.session.no_autoflush:
        same = db.session.scalar(db.select(Queue.id).where(Queue.name == name))
    if same not in {None, own}:
        raise NameTaken
    return name


def _some(groups: Sequence[OperatorGroup]) -> list[OperatorGroup]:
    if not groups:
        raise GroupsMissing
    return list(groups)
