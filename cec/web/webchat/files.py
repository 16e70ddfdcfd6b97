"""Visitor: files that he attaches, and those of his conversation, at addresses that only he is told."""

from http import HTTPStatus

from flask import Blueprint, Response, request, send_file

from cec.appeals import chatting, pictures
from cec.appeals.models import Attachment, Message
from cec.channels.email.bodies import file_name
from cec.channels.models import ChannelAccount
from cec.channels.webchat import adapting, uploads, visitors
from cec.channels.webchat.looks import ABOUT
from cec.platform import keys, storage
from cec.platform.db import db
from cec.platform.errors import Invalid, NotFound
from cec.web.guards import allow
from cec.web.webchat import door

bp = door.opened(Blueprint("webchat_files", __name__, url_prefix=f"{door.PREFIX}/files"))


class NoFile(Invalid):
    """Choose a file first."""

    field = "files"


class FileTooLarge(Invalid):
    """“{name}” is larger than {limit} MB: send a smaller file or a link."""

    field = "files"


@bp.post("", provide_automatic_options=False)
@allow.programs
def attach(code: str) -> tuple[dict[str, object], int]:
    """Keep a file until its message comes; what the browser gets for it is good for this visitor alone."""
    account = door.account(code)
    guest, file = door.guest(account), request.files.get("file")
    if file is None:
        raise NoFile
    told = {**{about: request.form.get(about, "") for about in ABOUT}, "agreed": request.form.get("agreed") == "1"}
    visitors.count(visitors.arrive(account, guest, told=told, network=request.remote_addr or ""))
    name, content, most = file_name(file.filename or ""), file.read(), adapting.largest_files()
    if len(content) > most:
        raise FileTooLarge(name=name, limit=most // 2**20)
    kind = pictures.kind_of(content, said=_kind(file.mimetype))
    return uploads.lay_aside(name, kind, content).ref(guest), HTTPStatus.CREATED


@bp.get("/<int:attachment_id>/<signature>", provide_automatic_options=False)
@allow.programs
def download(code: str, attachment_id: int, signature: str) -> Response:
    """Give a file of the conversation; pictures are shown, all else is saved. The address itself is the permission."""
    if not signature.isascii() or not keys.is_signed(_signed(code, attachment_id), signature):
        raise NotFound
    attachment = db.session.get(Attachment, attachment_id)
    if attachment is None or attachment.message_id is None or not _is_of(code, attachment.message_id):
        raise NotFound
    is_picture = pictures.picture_type(storage.get(attachment.sha256)) == attachment.type
    kind = attachment.type if is_picture else "application/octet-stream"
    path = storage.path(attachment.sha256)
    response = send_file(path, kind, as_attachment=not is_picture, download_name=attachment.name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def facts(file: chatting.File, code: str) -> dict[str, object]:
    """Tell a widget of a file."""
    return {
        "name": file.name,
        "size": file.size,
        "picture": file.type in pictures.TYPES,
        "url": f"/webchat/{code}/files/{file.id}/{keys.sign(_signed(code, file.id))}",
    }


def _signed(code: str, attachment_id: int) -> str:
    return f"webchat shows {code} {attachment_id}"


def _is_of(code: str, message_id: int) -> bool:
    wanted = db.select(ChannelAccount.code).join(Message, Message.channel_account_id == ChannelAccount.id)
    found: str | None = db.session.scalar(wanted.where(Message.id == message_id))
    return found == code


def _kind(said: str | None) -> str:
    return (said or "application/octet-stream").encode("ascii", "ignore").decode()[:100]
