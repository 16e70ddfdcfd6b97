"""What an operator has typed and not yet sent: kept on the server, with its files and pictures (guide 3.2.4)."""

import uuid
from collections.abc import Iterable

from sqlalchemy.dialects.postgresql import insert

from cec.appeals import lifecycle, ways
from cec.appeals.letters import Letter
from cec.appeals.models import Appeal, Attachment, Draft, Message
from cec.appeals.pictures import kind_of, picture_type
from cec.appeals.ways import Way
from cec.channels.email import formatting
from cec.platform import clock, storage
from cec.platform.db import PLANNED_ONCE, db
from cec.platform.errors import Invalid, NotFound, Refusal
from cec.staff.readers import Person

LONGEST_TEXT = 100_000


class ChangedElsewhere(Refusal):
    """This answer was changed in another window, and the newer one is kept; what you typed here is still here."""


class FileTooLarge(Invalid):
    """The file “{name}” is larger than {limit} MB: send a link or a smaller file."""

    field = "file"


class NotAPicture(Invalid):
    """“{name}” cannot be shown inside a letter: pictures are PNG, JPEG, GIF or WebP. Attach it as a file."""

    field = "file"


def find(appeal: Appeal, by: Person, *, is_note: bool, lock: bool = False) -> Draft | None:
    """Find a draft."""
    asked = {"appeal": appeal.id, "employee": by.id, "is_note": is_note}
    return db.session.scalars(_TAKEN if lock else _FOUND, asked).one_or_none()


_FOUND = (
    db.select(Draft)
    .where(
        Draft.appeal_id == db.bindparam("appeal"),
        Draft.employee_id == db.bindparam("employee"),
        Draft.is_note == db.bindparam("is_note"),
    )
    .execution_options(**PLANNED_ONCE)
)
_TAKEN = _FOUND.with_for_update()


def sent_as(window: uuid.UUID) -> int | None:
    """Give the number of the message that a window has sent under this name, if it has."""
    number: int | None = db.session.scalar(_BY_NAME, {"name": window})
    return number


# Nearly always there is none: as little as possible is asked.
_BY_NAME = db.select(Message.id).where(Message.client_uuid == db.bindparam("name")).execution_options(**PLANNED_ONCE)


def get(appeal: Appeal, *, by: Person, is_note: bool = False) -> Draft:
    """Get a draft, an empty one if there was none."""
    return find(appeal, by, is_note=is_note) or _add(appeal, by, is_note=is_note)


def save(
    appeal: Appeal,
    *,
    by: Person,
    letter: Letter,
    is_note: bool,
    window: uuid.UUID | None = None,
    known: int | None = None,
) -> Draft | None:
    """Keep what was typed, per appeal, operator and kind; None when it has been sent meanwhile.

    `known` is the version that the window has seen last, 0 for none; None writes over whatever is there.

    :raises ChangedElsewhere: when another window of his has saved since this one knew the draft.
    """
    # In turn with sending: what is being sent in this moment does not come back as a draft.
    lifecycle.lock(appeal.id)
    if window and sent_as(window):
        return None
    draft = find(appeal, by, is_note=is_note, lock=True)
    if known is not None and (draft.version if draft else 0) != known and (draft is None or draft.saved_in != window):
        raise ChangedElsewhere
    if draft is None:
        draft = _add(appeal, by, is_note=is_note)
    draft.version += 1
    draft.saved_in, draft.saved_at = window, clock.now()
    fill(draft, letter)
    if letter.way and not is_note:
        _choose(draft, ways.chosen(appeal, letter.way))
    db.session.flush()
    return draft


def go(appeal: Appeal, way: Way, *, by: Person) -> Draft:
    """Let an answer being written go out by another way; what the channel there cannot show becomes plain.

    Pictures inside a text that has no formatting any more are files beside it.
    """
    lifecycle.lock(appeal.id)
    draft = find(appeal, by, is_note=False, lock=True) or _add(appeal, by, is_note=False)
    draft.version, draft.saved_in, draft.saved_at = draft.version + 1, None, clock.now()
    if not way.able().html and draft.html is not None:
        draft.text, draft.html = formatting.plain(draft.html), None
        for file in draft.attachments:
            file.content_id = None
    # Whom a letter goes to is said anew for each address.
    draft.recipients = {}
    _choose(draft, way)
    db.session.flush()
    return draft


def _choose(draft: Draft, way: Way) -> None:
    draft.channel_account_id, draft.address_id = way.account.id, way.address_id


def attach(draft: Draft, *, name: str, kind: str, content: bytes, limit_megabytes: int) -> Attachment:
    """Put a file to a draft.

    :raises FileTooLarge: names the limit.
    """
    if len(content) > limit_megabytes * 2**20:
        raise FileTooLarge(name=name, limit=limit_megabytes)
    attachment = Attachment(
        draft_id=draft.id,
        name=name,
        type=kind_of(content, said=kind),
        size=len(content),
        sha256=storage.put(content),
        content_id=None,
    )
    db.session.add(attachment)
    db.session.flush()
    return attachment


def attach_picture(draft: Draft, *, name: str, content: bytes, limit_megabytes: int) -> Attachment:
    """Put a picture into the text of a draft; what it is its bytes say, not its name.

    :raises Invalid: when it is too large, or no picture.
    """
    kind = picture_type(content)
    if kind is None:
        raise NotAPicture(name=name)
    attachment = attach(draft, name=name, kind=kind, content=content, limit_megabytes=limit_megabytes)
    attachment.content_id = f"picture.{attachment.id}@cec"
    return attachment


def detach(attachment_id: int, *, by: Person) -> None:
    """Take a file off one's own draft."""
    attachment = db.session.get(Attachment, attachment_id)
    draft = db.session.get(Draft, attachment.draft_id) if attachment and attachment.draft_id else None
    if draft is None or draft.employee_id != by.id:
        raise NotFound
    db.session.delete(attachment)


def cleaned(html: str, attachments: Iterable[Attachment]) -> str:
    """Make harmless what was written; only pictures that wait at its draft stay."""
    known = {f"cid:{file.content_id}": file.content_id for file in attachments if file.content_id}
    return formatting.clean(html, known.get)


def _add(appeal: Appeal, by: Person, *, is_note: bool) -> Draft:
    # Before the row, as everybody takes it: a draft being added needs its appeal, and who has that needs the draft.
    lifecycle.lock(appeal.id)
    key = {"appeal_id": appeal.id, "employee_id": by.id, "is_note": is_note}
    # What only holds a file so far is no version of the words.
    empty = {"text": "", "recipients": {}, "quotes": True, "templates": [], "version": 0, "saved_at": clock.now()}
    # Two windows may begin at once: the second one finds what the first one has added.
    db.session.execute(insert(Draft).values(**key, **empty).on_conflict_do_nothing())
    draft = find(appeal, by, is_note=is_note, lock=True)
    assert draft is not None, "it has just been added"
    return draft


def fill(draft: Draft, letter: Letter) -> None:
    """Write into a draft what came from a window; what is harmful in it goes."""
    draft.html = None if letter.html is None else cleaned(letter.html, draft.attachments)
    text = letter.text if draft.html is None else formatting.plain(draft.html)
    draft.text = text.replace("\x00", "")[:LONGEST_TEXT]
    draft.recipients = letter.recipients.facts() if letter.recipients else {}
    draft.quotes = letter.quotes
    draft.templates = list(letter.templates)
