"""Operator: files of a conversation, and letters shown as they were sent (guide 3.2.4)."""

import base64

from flask import Blueprint, Response, render_template, request, send_file

from cec.appeals import history, pictures, queries
from cec.appeals.models import Attachment, Draft, Message
from cec.channels.email import cleaning, forwarded
from cec.platform import audit, storage
from cec.platform.db import db
from cec.platform.errors import NotFound
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.session import current_employee

bp = Blueprint("letters", __name__, url_prefix="/operator")


@bp.get("/attachments/<int:attachment_id>")
@allow(Right.HANDLE_APPEALS)
def download(attachment_id: int) -> Response:
    """Give a file to be saved, never to be shown by the browser."""
    attachment = db.session.get(Attachment, attachment_id)
    if attachment is None:
        raise NotFound
    must_be_readable(attachment)
    return send_file(
        storage.path(attachment.sha256), "application/octet-stream", as_attachment=True, download_name=attachment.name
    )


@bp.get("/attachments/<int:attachment_id>/letter")
@allow(Right.HANDLE_APPEALS)
def show_inside(attachment_id: int) -> str:
    """Draw a letter that came inside another one as text."""
    attachment = db.session.get(Attachment, attachment_id)
    if attachment is None or not forwarded.is_letter(attachment.name, attachment.type):
        raise NotFound
    must_be_readable(attachment)
    return render_template("operator/forwarded.html", letter=forwarded.read(storage.get(attachment.sha256)))


def must_be_readable(attachment: Attachment) -> None:
    """Refuse a file of a conversation that is not open to the reader.

    :raises NotFound: as for a file that is not there.
    """
    if attachment.message_id:
        _readable(attachment.message_id)
        return
    draft, reader = db.session.get_one(Draft, attachment.draft_id), current_employee()
    if draft.appeal_id:
        queries.get_own(draft.appeal_id, of=reader)
    elif draft.employee_id != reader.id:
        raise NotFound


@bp.get("/messages/<int:message_id>/letter")
@allow(Right.HANDLE_APPEALS)
def show(message_id: int) -> str:
    """Draw the frame in which a letter is shown as it was sent."""
    message = _readable(message_id)
    return render_template(
        "operator/letter.html",
        message=message,
        pictures="pictures" in request.args,
        remote=cleaning.has_remote_pictures(message.html or ""),
    )


@bp.get("/messages/<int:message_id>/letter/content")
@allow(Right.HANDLE_APPEALS)
def show_content(message_id: int) -> Response:
    """Give the sanitised letter to its sandboxed frame; pictures from elsewhere only when asked for."""
    message, remote = _readable(message_id), "pictures" in request.args
    inside = {file.content_id: file for file in message.attachments if file.content_id and file.type in pictures.TYPES}
    shown = cleaning.with_pictures(
        message.html or "", lambda name: _as_data(inside[name]) if name in inside else None, remote=remote
    )
    response = Response(f'<!doctype html><meta charset="utf-8"><title></title>{shown}', mimetype="text/html")
    sources = "data: https: http:" if remote else "data:"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; img-src {sources}; style-src 'unsafe-inline'; frame-ancestors 'self';"
        " sandbox allow-popups allow-popups-to-escape-sandbox"
    )
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    # Whoever drew the picture need not learn where it was looked at.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _as_data(file: Attachment) -> str:
    return f"data:{file.type};base64,{base64.b64encode(storage.get(file.sha256)).decode()}"


def _readable(message_id: int) -> Message:
    message = db.session.get(Message, message_id)
    if message is None:
        raise NotFound
    employee = current_employee()
    appeal = history.get_readable(message.appeal_id, of=employee)
    if appeal.operator_id != employee.id:
        audit.opened(appeal.key, by=employee.key)
    return message
