"""Messages between client and operator, and internal notes (guide 3.2.4)."""

import datetime as dt
import uuid
from typing import Any

from cec.appeals import carrying, chatting, drafts, lifecycle, queueing, recipients, replying, ways
from cec.appeals.drafts import LONGEST_TEXT
from cec.appeals.letters import Letter
from cec.appeals.models import Appeal, Direction, Draft, Message, MessageState, Status
from cec.appeals.ways import Way
from cec.channels.email import formatting
from cec.platform import clock, journal, live
from cec.platform.db import db
from cec.platform.errors import Invalid, NotFound, Refusal
from cec.replies import filling_in, using
from cec.staff.models import Employee

# A message that leaves in the same moment: nobody can take it back.
AT_ONCE = dt.timedelta()


class NothingToSend(Invalid):
    """Write something or attach a file first."""

    field = "text"


class TooLong(Invalid):
    """This is longer than {limit} characters: shorten it or attach it as a file."""

    field = "text"


class ClientWroteMeanwhile(Refusal):
    """The client wrote meanwhile: read the new message first."""


class ColleagueWroteMeanwhile(Refusal):
    """A colleague wrote to the client meanwhile: read the new message first."""


class NotInWork(Refusal):
    """Messages are sent from appeals in work: take this one back to work first."""


class TooLateToUndo(Refusal):
    """The message is already on its way."""


class NothingToRetry(Refusal):
    """This message needs no decision any more."""


def client_wrote_after(appeal: Appeal, message_id: int) -> bool:
    """Tell whether a newer message of the client waits for an answer."""
    return (appeal.last_client_message_id or 0) > message_id


def must_have_seen(appeal: Appeal, seen_message_id: int, *, by: Employee) -> None:
    """Refuse to act past a message that the person has not seen (CORE 2).

    :raises ClientWroteMeanwhile: when the client has written since.
    :raises ColleagueWroteMeanwhile: when somebody else has answered since.
    """
    if client_wrote_after(appeal, seen_message_id):
        raise ClientWroteMeanwhile
    if (appeal.last_message_id or 0) > seen_message_id and _colleague_wrote_after(appeal, seen_message_id, by):
        raise ColleagueWroteMeanwhile


def _colleague_wrote_after(appeal: Appeal, message_id: int, employee: Employee) -> bool:
    answers = db.select(Message.id).where(
        Message.appeal_id == appeal.id,
        Message.id > message_id,
        Message.direction == Direction.OUT,
        Message.state != MessageState.CANCELLED,
        Message.author_id != employee.id,
    )
    return db.session.scalar(db.select(answers.exists())) or False


def send(
    appeal: Appeal,
    *,
    by: Employee,
    letter: Letter,
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
    way, before = _way(appeal, letter)
    at_once = way.able().at_once
    if not confirmed and not at_once:
        must_have_seen(appeal, seen_message_id, by=by)
    draft = drafts.find(appeal, by, is_note=False, lock=True)
    # It goes out when it cannot be taken back any more.
    due_at = clock.now() + (AT_ONCE if at_once else undo)
    message = _written(appeal, by, letter, draft, client_uuid, way, due_at)
    ways.add(appeal, way.address_id, way.account)
    ways.note_change(appeal, before, way, by=by.key)
    _let_go(due_at)
    _settle(draft, message)
    replying.record(message, letter.templates, appeal, by=by)
    appeal.last_message_id = message.id
    appeal.first_reply_at = appeal.first_reply_at or clock.now()
    appeal.due_response = None
    journal.record("message.queued", appeal.key, by=by.key, message_id=message.id)
    live.announce("worklist", by.key)
    return message


def _way(appeal: Appeal, letter: Letter) -> tuple[Way, Way]:
    """Give by which way an answer goes, and by which one the last word came or went."""
    before = ways.usual(appeal)
    return (ways.chosen(appeal, letter.way) if letter.way else before), before


def _written(
    appeal: Appeal,
    by: Employee,
    letter: Letter,
    draft: Draft | None,
    client_uuid: uuid.UUID,
    way: Way,
    due_at: dt.datetime,
) -> Message:
    """Write an answer down as its channel carries it.

    :raises Invalid: at the field that the channel cannot carry.
    """
    text, html = checked(letter, draft, way)
    return _add(
        appeal,
        by,
        direction=Direction.OUT,
        state=MessageState.QUEUED,
        channel_account_id=way.account.id,
        address_id=way.address_id,
        client_uuid=client_uuid,
        subject=reply_subject(appeal) if way.is_letter else "",
        text=text,
        html=html,
        headers=_headers(appeal, letter, way),
        due_at=due_at,
    )


def checked(letter: Letter, draft: Draft | None, way: Way) -> tuple[str, str | None]:
    """Give text and HTML of what can go out by a way.

    :raises Invalid: when nothing is written, a placeholder is left, or the channel cannot carry it.
    """
    text, html = _harmless(letter, draft)
    filling_in.must_be_filled(text)
    able = way.able()
    carrying.check(able, text, draft.attachments if draft else [])
    return text, html if able.html else None


def _let_go(due_at: dt.datetime) -> None:
    """Wake who sends, if it may go out already."""
    if due_at <= clock.now():
        live.wake("delivery")


def find_sent(client_uuid: uuid.UUID, *, by: Employee) -> Message | None:
    """Find what a person has sent already under this name, wherever its appeal is by now."""
    wanted = db.select(Message).where(Message.client_uuid == client_uuid, Message.author_id == by.id)
    return db.session.scalars(wanted).one_or_none()


def write_note(appeal: Appeal, *, by: Employee, text: str, client_uuid: uuid.UUID) -> Message:
    """Keep an internal note; it can never be sent. A repeated request is one note."""
    appeal = lifecycle.lock(appeal.id)
    repeated = _already_there(appeal, client_uuid)
    if repeated:
        return repeated
    draft = drafts.find(appeal, by, is_note=True, lock=True)
    text, _ = _harmless(Letter(text), draft)
    message = _add(
        appeal,
        by,
        direction=Direction.NOTE,
        state=MessageState.KEPT,
        channel_account_id=appeal.channel_account_id,
        client_uuid=client_uuid,
        text=text,
    )
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
            db.or_(Message.direction == Direction.IN, Message.author_id.is_not(None)),
            Message.direction != Direction.NOTE,
            Message.state != MessageState.CANCELLED,
        )
    )
    queueing.expect_answer(appeal, message.created_at)
    _return_to_draft(message, drafts.get(appeal, by=by))
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
    journal.record("message.queued", f"appeal:{message.appeal_id}", by=by.key, message_id=message.id, again=True)
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


def mark_seen(appeal: Appeal, *, by: Employee, message_id: int) -> None:
    """Remember how far the owner has read; kept on the server, so a reload or a second device agrees."""
    if appeal.operator_id == by.id and message_id > appeal.seen_message_id:
        appeal.seen_message_id = min(message_id, appeal.last_message_id or 0)
        live.announce("worklist", by.key)
        chatting.tell(appeal)


def reply_subject(appeal: Appeal) -> str:
    """Give the subject of an answer: with the number, so that a client without threading is understood too."""
    subject = appeal.subject.removeprefix("Re: ").strip()
    tag = f"[#{appeal.number}]"
    if appeal.last_client_message_id is None:
        return f"{subject} {tag}"
    return f"Re: {subject}" if tag in subject else f"Re: {subject} {tag}".replace("  ", " ")


def _headers(appeal: Appeal, letter: Letter, way: Way) -> dict[str, object]:
    if not way.is_letter:
        return {}
    last = recipients.last_incoming(appeal, way.account.channel)
    to = "" if way.address_id == appeal.address_id else way.address
    wanted = letter.recipients or recipients.reply_to_all(appeal, last, to=to)
    quoted = {"quotes": appeal.last_client_message_id} if letter.quotes and appeal.last_client_message_id else {}
    return recipients.check(wanted).facts() | quoted


def _already_there(appeal: Appeal, client_uuid: uuid.UUID) -> Message | None:
    number = drafts.sent_as(client_uuid)
    message = db.session.get(Message, number) if number else None
    if message is not None and message.appeal_id != appeal.id:
        raise NotFound
    return message


def _harmless(letter: Letter, draft: Draft | None) -> tuple[str, str | None]:
    files = draft.attachments if draft else []
    html = drafts.cleaned(letter.html, files) if letter.html is not None else None
    text = (letter.text if html is None else formatting.plain(html)).replace("\r\n", "\n").replace("\x00", "")
    if len(text) > LONGEST_TEXT or len(letter.html or "") > formatting.LONGEST:
        raise TooLong(limit=LONGEST_TEXT)
    shows = formatting.content_ids(html or "")
    if not text.strip() and not shows and all(file.content_id for file in files):
        raise NothingToSend
    return text.strip("\n"), html


def _add(appeal: Appeal, by: Employee, **facts: Any) -> Message:
    message = Message(appeal_id=appeal.id, author_id=by.id, **facts)
    db.session.add(message)
    db.session.flush()
    return message


def _settle(draft: Draft | None, message: Message) -> None:
    """Give the files of a draft to its message; a picture that was taken out of the text again goes."""
    if draft is None:
        return
    shows = formatting.content_ids(message.html or "")
    for attachment in list(draft.attachments):
        if attachment.content_id and attachment.content_id not in shows:
            db.session.delete(attachment)
        else:
            attachment.draft_id, attachment.message_id = None, message.id
    db.session.flush()
    db.session.expire(draft, ["attachments"])
    db.session.delete(draft)


def _return_to_draft(message: Message, draft: Draft) -> None:
    """Put an answer taken back before what was written since."""
    written = draft.html or (formatting.of_text(draft.text) if draft.text else "")
    if message.html is not None:
        draft.html = message.html + written
    elif draft.html is not None:
        draft.html = formatting.of_text(message.text) + draft.html
    draft.text = f"{message.text}\n{draft.text}".strip()
    draft.recipients = recipients.of(message.headers).facts()
    draft.channel_account_id, draft.address_id = message.channel_account_id, message.address_id
    draft.quotes = "quotes" in message.headers
    draft.templates = sorted({*draft.templates, *using.take_back(message.id)})
    draft.version, draft.saved_at = draft.version + 1, clock.now()
    for attachment in list(message.attachments):
        attachment.message_id, attachment.draft_id = None, draft.id


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
