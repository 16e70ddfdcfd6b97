"""Operator: answers, notes, drafts and their files (guide 3.2.4)."""

import datetime as dt
import uuid

from flask import Blueprint, current_app, render_template, request

from cec.appeals import conversation, queries
from cec.appeals.models import Appeal, Attachment, Draft, Message
from cec.channels.email.bodies import file_name
from cec.platform.db import db
from cec.platform.errors import Invalid, NotFound
from cec.staff.models import Employee
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.operator import drawing
from cec.web.session import current_employee

bp = Blueprint("conversation", __name__, url_prefix="/operator")


class NoSuchMark(Invalid):
    """The page is out of date: reload it."""

    field = "text"


@bp.post("/appeals/<int:appeal_id>/messages")
@allow(Right.HANDLE_APPEALS)
def send(appeal_id: int) -> str:
    """Queue an answer; for a few seconds it can be taken back."""
    employee = current_employee()
    appeal = queries.get_own(appeal_id, of=employee)
    conversation.send(
        appeal,
        by=employee,
        text=request.form.get("text", ""),
        client_uuid=_client_uuid(),
        seen_message_id=request.form.get("seen_message_id", 0, type=int),
        undo=dt.timedelta(seconds=current_app.config["CEC"].undo_seconds),
        confirmed="confirmed" in request.form,
    )
    return _redrawn(appeal, employee)


@bp.post("/appeals/<int:appeal_id>/notes")
@allow(Right.HANDLE_APPEALS)
def write_note(appeal_id: int) -> str:
    """Keep an internal note."""
    employee = current_employee()
    appeal = queries.get_own(appeal_id, of=employee)
    conversation.write_note(appeal, by=employee, text=request.form.get("text", ""), client_uuid=_client_uuid())
    return _redrawn(appeal, employee)


@bp.delete("/messages/<int:message_id>")
@allow(Right.HANDLE_APPEALS)
def undo(message_id: int) -> str:
    """Take an answer back before it leaves: its text returns to the composer."""
    conversation.undo(message_id, by=current_employee())
    return _redrawn_of(message_id)


@bp.post("/messages/<int:message_id>/retry")
@allow(Right.HANDLE_APPEALS)
def retry(message_id: int) -> str:
    """Send again what failed."""
    conversation.retry(message_id, by=current_employee())
    return _redrawn_of(message_id)


@bp.post("/messages/<int:message_id>/arrival")
@allow(Right.HANDLE_APPEALS)
def confirm_sent(message_id: int) -> str:
    """Settle that a message did arrive."""
    conversation.confirm_sent(message_id, by=current_employee())
    return _redrawn_of(message_id)


@bp.put("/appeals/<int:appeal_id>/draft")
@allow(Right.HANDLE_APPEALS)
def save_draft(appeal_id: int) -> str:
    """Keep what was typed."""
    draft = _draft(appeal_id, text=request.form.get("text", ""), is_note="is_note" in request.form)
    return render_template("operator/draft_state.html", draft=draft)


@bp.post("/appeals/<int:appeal_id>/draft/attachments")
@allow(Right.HANDLE_APPEALS)
def attach(appeal_id: int) -> str:
    """Put files to the answer being written."""
    draft = _draft(appeal_id, text=request.form.get("text", ""), is_note=False)
    for file in request.files.getlist("file"):
        conversation.attach(
            draft,
            name=file_name(file.filename or ""),
            kind=file.mimetype or "application/octet-stream",
            content=file.read(),
            limit_megabytes=current_app.config["CEC"].max_megabytes,
        )
    return _files(draft)


@bp.delete("/attachments/<int:attachment_id>")
@allow(Right.HANDLE_APPEALS)
def detach(attachment_id: int) -> str:
    """Take a file off the answer being written."""
    attachment = db.session.get(Attachment, attachment_id)
    draft = db.session.get(Draft, attachment.draft_id) if attachment and attachment.draft_id else None
    conversation.detach(attachment_id, by=current_employee())
    if draft is None:
        raise NotFound
    return _files(draft)


def _client_uuid() -> uuid.UUID:
    try:
        return uuid.UUID(request.form.get("client_uuid", ""))
    except ValueError:
        raise NoSuchMark from None


def _draft(appeal_id: int, *, text: str, is_note: bool) -> Draft:
    employee = current_employee()
    return conversation.save_draft(
        queries.get_own(appeal_id, of=employee), by=employee, text=text[: conversation.LONGEST_TEXT], is_note=is_note
    )


def _files(draft: Draft) -> str:
    db.session.flush()
    db.session.expire(draft, ["attachments"])
    return render_template("operator/draft_files.html", draft=draft)


def _redrawn_of(message_id: int) -> str:
    employee = current_employee()
    return _redrawn(queries.get_own(db.session.get_one(Message, message_id).appeal_id, of=employee), employee)


def _redrawn(appeal: Appeal, employee: Employee) -> str:
    db.session.flush()
    return drawing.appeal_part(appeal, employee)["appeal"]
