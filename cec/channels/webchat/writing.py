"""What a visitor's browser sends, as it is kept and as the centre understands it (SPEC 1C, web chat).

The door has checked the visitor by then; what is kept says who he is, so that it can be read again later.
"""

import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from cec.channels.channel import InboundEvent, IncomingFile, Unreadable
from cec.channels.models import Visitor
from cec.channels.webchat import visitors
from cec.channels.webchat.tokens import Guest
from cec.channels.webchat.visitors import Place
from cec.platform import i18n, keys, storage
from cec.platform.errors import Invalid, InvalidFields
from cec.platform.i18n import gettext, mark

KIND = "webchat"
LONGEST_TEXT = 4000
MOST_FILES = 10
NOTHING_WRITTEN = mark("Write something or attach a file.")
TOO_LONG = mark("A message may have {limit} characters: send the rest with the next one.")
TOO_MANY_FILES = mark("A message takes {limit} files: send the others with the next one.")
NOT_READABLE = mark("This is no message of a web chat")


class NoName(Invalid):
    """This message has no name of its own: reload the page and send it again."""

    field = "id"


class NotThatFile(Invalid):
    """This file is not here any more: attach it again."""

    field = "files"


class Kept(NamedTuple):
    """A file that waits at the centre for its message."""

    name: str
    type: str
    size: int
    sha256: str

    def ref(self, guest: Guest) -> dict[str, object]:
        """Give what the browser of this visitor sends back with the message."""
        return {**self._asdict(), "signature": keys.sign(self._signed(guest.key))}

    def _signed(self, key: str) -> str:
        return f"webchat file {key} {self.sha256} {self.size} {self.type} {self.name}"

    def is_of(self, guest: Guest, signature: object) -> bool:
        """Tell whether this visitor put it here."""
        return isinstance(signature, str) and signature.isascii() and keys.is_signed(self._signed(guest.key), signature)


class Written(NamedTuple):
    """A message as a visitor's browser sends it, checked."""

    id: uuid.UUID
    text: str
    files: list[Kept]
    where: Place
    # In which language his widget speaks; none: it does not say.
    language: str | None

    def event_id(self, guest: Guest) -> str:
        """Name it: another visitor's message of the same name is another one."""
        return f"{guest.key}/{self.id}"


def check(said: Mapping[str, Any], guest: Guest) -> Written:
    """Read a message.

    :raises Invalid: at the field that is wrong.
    """
    try:
        name = uuid.UUID(str(said.get("id", "")))
    except ValueError:
        raise NoName from None
    text = said.get("text")
    text = _legible(text) if isinstance(text, str) else ""
    files = said.get("files") or []
    if len(text) > LONGEST_TEXT:
        raise InvalidFields({"text": gettext(TOO_LONG).format(limit=LONGEST_TEXT)})
    if not isinstance(files, list) or len(files) > MOST_FILES:
        raise InvalidFields({"files": gettext(TOO_MANY_FILES).format(limit=MOST_FILES)})
    if not text.strip() and not files:
        raise InvalidFields({"text": gettext(NOTHING_WRITTEN)})
    where = visitors.place(said.get("page"), said.get("title"))
    return Written(name, text, [_file(file, guest) for file in files], where, i18n.known(said.get("language")))


def raw(written: Written, guest: Guest, visitor: Visitor) -> bytes:
    """Write down a message with who sent it."""
    told = {about: value for about in ("email", "phone") if (value := getattr(visitor, about))}
    return orjson.dumps(
        {
            "id": str(written.id),
            "visitor": guest.key,
            "person": guest.person,
            "name": visitors.name_of(visitor),
            "told": told,
            "text": written.text,
            "files": [file._asdict() for file in written.files],
            "page": written.where.page,
            "title": written.where.title,
            "language": written.language,
        }
    )


def parse(code: str, body: bytes) -> InboundEvent:
    """Understand what was kept.

    :raises Unreadable: when that is nothing of ours.
    """
    try:
        said = orjson.loads(body)
        guest = Guest(code, said["visitor"], said["person"])
        files = [Kept(**file) for file in said["files"]]
        meta = {name: said[name] for name in ("page", "title") if said[name]} | said["told"]
        return InboundEvent(
            provider_event_id=f"{guest.key}/{said['id']}",
            kind_of_address=KIND,
            address=guest.address,
            profile=said["name"],
            # What came before languages were told names none.
            language=i18n.known(said.get("language")),
            text=said["text"],
            attachments=[IncomingFile(file.name, file.type, storage.get(file.sha256)) for file in files],
            meta=meta,
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, FileNotFoundError) as wrong:
        raise Unreadable(f"{type(wrong).__name__}: {wrong}") from None


def _file(said: object, guest: Guest) -> Kept:
    if not isinstance(said, dict):
        raise NotThatFile
    try:
        kept = Kept(*(said[name] for name in Kept._fields))
    except KeyError:
        raise NotThatFile from None
    if not kept.is_of(guest, said.get("signature")):
        raise NotThatFile
    return kept


def _legible(text: str) -> str:
    """Keep lines and what can be seen or shapes it; no control signs, and nothing that is half a sign."""
    text = text.replace("\r\n", "\n").encode("utf-8", "replace").decode()
    return "".join(sign for sign in text if sign in "\n\t" or sign >= " ").replace("\x7f", "")
