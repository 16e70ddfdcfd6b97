"""Messages between client and operator, internal notes and drafts (guide 3.2.4)."""

import datetime as dt
import uuid

from sqlalchemy.dialects.postgresql import insert

from cec.appeals import lifecycle, queueing
from cec.appeals.models import Appeal, Attachment, Direction, Draft, Message, MessageState, Status
from cec.platform import clock, journal, live, storage
from cec.platform.db import db
from cec.platform.errors import Invalid, NotFound, Refusal
from cec.staff.models import Employee


class NothingToSend(Invalid):
    """Write something or attach a file first."""

    field = "text"


class TooLong(Invalid):
    """This is longer than {limit} characters: shorten it or attach it as a file."""

    field = "text"


class FileTooLarge(Invalid):
    """The file “{name}” is larger than {limit} MB: send a link or a smaller file."""

    field = "file"


class ClientWroteMeanwhile(Refusal):
    """The client wrote meanwhile: read the new message first."""


class NotInWork(Refusal):
    """Messages are sent from appeals in work: take this one back to work first."""


class TooLateToUndo(Refusal):
    """The message is already on its way."""


class NothingToRetry(Refusal):
    """This message needs no decision any more."""


LONGEST_TEXT = 100_000


def must_have_seen(appeal: Appeal, seen_message_id: int) -> None:
    """Refuse to act past a message that the person has not seen (CORE 2).

    :raises ClientWroteMeanwhile: when the client has written since.
    """
    if (appeal.last_client_message_id or 0) > seen_message_id:
        raise ClientWroteMeanwhile


def send(
    appeal: Appeal,
    *,
    by: Employee,
    text: str,
    client_uuid: uuid.UUID,
    seen_message_id: int,
    undo: dt.timedelta,
    confirmed: bool = False,
) -> Message:
    """Queue an answer to the client; for a few seconds it can be taken back. A repeated request is one message."""
    appeal = lifecycle.lock(appeal.id)
    repeated = _already_there(appeal, client_uuid)
    if repeated:
        return repeated
    if appeal.status != Status.IN_WORK:
        raise NotInWork
    if not confirmed:
        must_have_seen(appeal, seen_message_id)
    draft = _draft_of(appeal, by, is_note=False)
    text = _checked(text, draft)
    message = _add(appeal, by, Direction.OUT, MessageState.QUEUED, text, client_uuid)
    message.due_at = clock.now() + undo
    message.headers = _recipients(appeal)
    message.subject = reply_subject(appeal)
    _settle(draft, message)
    appeal.last_message_id = message.id
    appeal.first_reply_at = appeal.first_reply_at or clock.now()
    appeal.due_response = None
    journal.record("message.queued", appeal.key, by=by.key, message_id=message.id)
    live.announce("worklist", by.key)
    return message


def write_note(appeal: Appeal, *, by: Employee, text: str, client_uuid: uuid.UUID) -> Message:
    """Keep an internal note; it can never be sent."""
    repeated = _already_there(appeal, client_uuid)
    if repeated:
        return repeated
    draft = _draft_of(appeal, by, is_note=True)
    message = _add(appeal, by, Direction.NOTE, MessageState.KEPT, _checked(text, draft), client_uuid)
    _settle(draft, message)
    journal.record("note.written", appeal.key, by=by.key, message_id=message.id)
    return message


def undo(message_id: int, *, by: Employee) -> str:
    """Take an answer back before it leaves; its text and files go back to the draft.

    :raises TooLateToUndo: when it is on its way.
    """
    message = _own(message_id, by)
    if message.state != MessageState.QUEUED or message.attempts:
        raise TooLateToUndo
    message.state = MessageState.CANCELLED
    appeal = db.session.get_one(Appeal, message.appeal_id)
    appeal.last_message_id = db.session.scalar(
        db.select(db.func.max(Message.id)).where(
            Message.appeal_id == appeal.id,
            Message.direction != Direction.NOTE,
            Message.state != MessageState.CANCELLED,
        )
    )
    queueing.expect_answer(appeal, message.created_at)
    draft = save_draft(appeal, by=by, text=message.text, is_note=False)
    for attachment in list(message.attachments):
        attachment.message_id, attachment.draft_id = None, draft.id
    journal.record("message.cancelled", appeal.key, by=by.key, message_id=message.id)
    live.announce("worklist", by.key)
    return message.text


def retry(message_id: int, *, by: Employee) -> Message:
    """Try again what failed, or what nobody knows to have arrived: a person decides."""
    message = _own(message_id, by)
    if message.state not in {MessageState.FAILED, MessageState.UNKNOWN}:
        raise NothingToRetry
    message.state, message.due_at, message.attempts, message.error = MessageState.QUEUED, clock.now(), 0, None
    message.undelivered, message.sent_at = {}, None
    journal.record("message.queued", f"appeal:{message.appeal_id}", by=by.key, message_id=message.id)
    live.wake("delivery")
    return message


def confirm_sent(message_id: int, *, by: Employee) -> Message:
    """Settle that a message whose fate was unknown did arrive."""
    message = _own(message_id, by)
    if message.state != MessageState.UNKNOWN:
        raise NothingToRetry
    message.state, message.sent_at, message.error = MessageState.SENT, clock.now(), None
    journal.record("message.sent", f"appeal:{message.appeal_id}", by=by.key, message_id=message.id)
    return message


def save_draft(appeal: Appeal, *, by: Employee, text: str, is_note: bool) -> Draft:
    """Keep what was typed, per appeal, operator and kind."""
    wanted = insert(Draft).values(
        appeal_id=appeal.id, employee_id=by.id, is_note=is_note, text=text, saved_at=clock.now()
    )
    kept = wanted.on_conflict_do_update(
        index_elements=["appeal_id", "employee_id", "is_note"],
        set_={"text": wanted.excluded.text, "saved_at": wanted.excluded.saved_at},
    ).returning(Draft)
    return db.session.scalars(kept, execution_options={"populate_existing": True}).one()


def attach(draft: Draft, *, name: str, kind: str, content: bytes, limit_megabytes: int) -> Attachment:
    """Put a file to a draft.

    :raises FileTooLarge: names the limit.
    """
    if len(content) > limit_megabytes * 2**20:
        raise FileTooLarge(name=name, limit=limit_megabytes)
    attachment = Attachment(
        draft_id=draft.id, name=name, type=kind, size=len(content), sha256=storage.put(content), content_id=None
    )
    db.session.add(attachment)
    db.session.flush()
    return attachment


def detach(attachment_id: int, *, by: Employee) -> None:
    """Take a file off one's own draft."""
    attachment = db.session.get(Attachment, attachment_id)
    draft = db.session.get(Draft, attachment.draft_id) if attachment and attachment.draft_id else None
    if draft is None or draft.employee_id != by.id:
        raise NotFound
    db.session.delete(attachment)


def mark_seen(appeal: Appeal, *, by: Employee, message_id: int) -> None:
    """Remember how far the owner has read; kept on the server, so a reload or a second device agrees."""
    if appeal.operator_id == by.id and message_id > appeal.seen_message_id:
        appeal.seen_message_id = min(message_id, appeal.last_message_id or 0)
        live.announce("worklist", by.key)


def reply_subject(appeal: Appeal) -> str:
    """Give the subject of an answer: with the number, so that a client without threading is understood too."""
    subject = appeal.subject.removeprefix("Re: ").strip()
    tag = f"[#{appeal.number}]"
    return f"Re: {subject}" if tag in subject else f"Re: {subject} {tag}".replace("  ", " ")


def _recipients(appeal: Appeal) -> dict[str, object]:
    return {"to": [appeal.address.value]}


def _already_there(appeal: Appeal, client_uuid: uuid.UUID) -> Message | None:
    message = db.session.scalars(db.select(Message).where(Message.client_uuid == client_uuid)).one_or_none()
    if message is not None and message.appeal_id != appeal.id:
        raise NotFound
    return message


def _draft_of(appeal: Appeal, by: Employee, *, is_note: bool) -> Draft | None:
    return db.session.scalars(
        db.select(Draft).where(Draft.appeal_id == appeal.id, Draft.employee_id == by.id, Draft.is_note == is_note)
    ).one_or_none()


def _checked(text: str, draft: Draft | None) -> str:
    if not text.strip() and not (draft and draft.attachments):
        raise NothingToSend
    if len(text) > LONGEST_TEXT:
        raise TooLong(limit=LONGEST_TEXT)
    return text.replace("\r\n", "\n").replace("\x00", "").strip("\n")


def _add(
    appeal: Appeal, by: Employee, direction: Direction, state: MessageState, text: str, client_uuid: uuid.UUID
) -> Message:
    message = Message(
        appeal_id=appeal.id,
        direction=direction,
        state=state,
        channel_account_id=appeal.channel_account_id,
        client_uuid=client_uuid,
        author_id=by.id,
        text=text,
    )
    db.session.add(message)
    db.session.flush()
    return message


def _settle(draft: Draft | None, message: Message) -> None:
    if draft is None:
        return
    for attachment in list(draft.attachments):
        attachment.draft_id, attachment.message_id = None, message.id
    db.session.flush()
    db.session.expire(draft, ["attachments"])
    db.session.delete(draft)


def _own(message_id: int, by: Employee) -> Message:
    """Lock the appeal, then the message: as everybody does."""
    appeal_id = db.session.scalar(db.select(Message.appeal_id).where(Message.id == message_id))
    if appeal_id is None:
        raise NotFound
    appeal = lifecycle.lock(appeal_id)
    message = db.session.get_one(Message, message_id, with_for_update={"of": Message}, populate_existing=True)
    if by.id not in {appeal.operator_id, message.author_id}:
        raise NotFound
    return message
