"""Operator: answers, notes, drafts and their files (guide 3.2.4)."""

import datetime as dt
import uuid
from typing import Any

from flask import Blueprint, current_app, render_template, request

from cec.appeals import conversation, drafts, recipients
from cec.appeals.letters import Letter
from cec.appeals.models import Attachment, Draft, Message
from cec.clients import addresses
from cec.platform.db import db
from cec.platform.errors import NotFound
from cec.staff.models import Employee
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.operator import drafting, drawing, own, pictures
from cec.web.session import current_employee, current_reader

bp = Blueprint("conversation", __name__, url_prefix="/operator")


# The version that a window tells which wants to write over a newer draft.
OVER = "over"


@bp.post("/appeals/<int:appeal_id>/messages")
@allow(Right.HANDLE_APPEALS)
def send(appeal_id: int) -> str | dict[str, int]:
    """Queue an answer; for a few seconds it can be taken back."""
    employee, client_uuid = current_employee(), _client_uuid()
    if _wants_facts() and (repeated := conversation.find_sent(client_uuid, by=employee)):
        return {"message_id": repeated.id}
    appeal = own.get(appeal_id, of=employee)
    message = conversation.send(
        appeal,
        by=employee,
        letter=_letter(),
        client_uuid=client_uuid,
        seen_message_id=request.form.get("seen_message_id", 0, type=int),
        undo=dt.timedelta(seconds=current_app.config["CEC"].undo_seconds),
        confirmed="confirmed" in request.form,
    )
    return {"message_id": message.id} if _wants_facts() else _redrawn(appeal.id, employee)


@bp.post("/appeals/<int:appeal_id>/notes")
@allow(Right.HANDLE_APPEALS)
def write_note(appeal_id: int) -> str | dict[str, int]:
    """Keep an internal note."""
    employee, client_uuid = current_employee(), _client_uuid()
    if _wants_facts() and (repeated := conversation.find_sent(client_uuid, by=employee)):
        return {"message_id": repeated.id}
    appeal = own.get(appeal_id, of=employee)
    note = conversation.write_note(appeal, by=employee, text=request.form.get("text", ""), client_uuid=client_uuid)
    return {"message_id": note.id} if _wants_facts() else _redrawn(appeal.id, employee)


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
    return _redrawn_of(message_id, **drawing.kept())


@bp.post("/messages/<int:message_id>/arrival")
@allow(Right.HANDLE_APPEALS)
def confirm_sent(message_id: int) -> str:
    """Settle that a message did arrive."""
    conversation.confirm_sent(message_id, by=current_employee())
    return _redrawn_of(message_id, **drawing.kept())


@bp.put("/appeals/<int:appeal_id>/draft")
@allow(Right.HANDLE_APPEALS)
def save_draft(appeal_id: int) -> dict[str, object]:
    """Keep what was typed; a window that knows an older draft does not write over a newer one."""
    reader = current_reader()
    draft = drafts.save(
        own.take(appeal_id, of=reader),
        by=reader,
        letter=_letter(),
        is_note="is_note" in request.form,
        window=_client_uuid(),
        known=None if request.form.get("version") == OVER else request.form.get("version", 0, type=int),
    )
    return {"version": draft.version if draft else 0, "words": drafting.saved(draft.saved_at if draft else None)}


@bp.get("/appeals/<int:appeal_id>/unreachable")
@allow(Right.HANDLE_APPEALS)
def warn(appeal_id: int) -> str:
    """Tell which of the other recipients mail does not reach."""
    appeal, wanted = own.get(appeal_id, of=current_employee()), recipients.typed(request.args).facts()
    others = {value for values in wanted.values() for value in values} - {appeal.address.value}
    return render_template("operator/unreachable.html", addresses=addresses.list_unreachable(appeal.channel, others))


@bp.post("/appeals/<int:appeal_id>/draft/attachments")
@allow(Right.HANDLE_APPEALS)
def attach(appeal_id: int) -> str:
    """Put files to the answer being written."""
    employee = current_employee()
    draft = drafts.get(own.get(appeal_id, of=employee), by=employee)
    return drafting.attach(draft)


@bp.post("/appeals/<int:appeal_id>/draft/pictures")
@allow(Right.HANDLE_APPEALS)
def attach_picture(appeal_id: int) -> dict[str, object]:
    """Put a picture into the text of the answer being written."""
    employee = current_employee()
    draft = drafts.get(own.get(appeal_id, of=employee), by=employee)
    return drafting.attach_picture(draft)


@bp.delete("/attachments/<int:attachment_id>")
@allow(Right.HANDLE_APPEALS)
def detach(attachment_id: int) -> str:
    """Take a file off the answer being written."""
    attachment = db.session.get(Attachment, attachment_id)
    draft = db.session.get(Draft, attachment.draft_id) if attachment and attachment.draft_id else None
    drafts.detach(attachment_id, by=current_employee())
    if draft is None:
        raise NotFound
    return drafting.files(draft)


def _client_uuid() -> uuid.UUID:
    try:
        return uuid.UUID(request.form.get("client_uuid", ""))
    except ValueError:
        raise drafting.NoSuchMark from None


def _wants_facts() -> bool:
    """Tell whether it was sent from what a browser had kept: it asks for facts, not for a page."""
    return request.accept_mimetypes.best == "application/json"


def _letter() -> Letter:
    form = request.form
    return Letter(
        text=form.get("text", ""),
        html=pictures.stored(form["html"]) if "html" in form else None,
        recipients=recipients.typed(form) if "to" in form else None,
        quotes="quotes" in form,
        way=form.get("way", ""),
        templates=drafting.templates(form.get("templates", "")),
    )


def _redrawn_of(message_id: int, **kept: Any) -> str:
    employee = current_employee()
    return _redrawn(db.session.get_one(Message, message_id).appeal_id, employee, **kept)


def _redrawn(appeal_id: int, employee: Employee, **kept: Any) -> str:
    return drawing.appeal_part(own.opened(appeal_id, of=employee), employee, **kept)["appeal"]
