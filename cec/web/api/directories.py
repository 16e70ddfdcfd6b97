"""What programs have to know beside appeals: resolutions and topics to close with, files of messages, who they are."""

from typing import Any

from flask import Blueprint, Response

from cec.appeals.models import Appeal, Attachment, Message, Resolution
from cec.channels.email.bodies import file_name
from cec.integrations.models import Scope
from cec.platform import storage
from cec.platform.db import LARGEST_ID, db
from cec.platform.errors import NotFound
from cec.topics import queries as topics
from cec.web.api import callers
from cec.web.api.callers import needs

bp = Blueprint("api_directories", __name__, url_prefix="/api/v1")


@bp.get("/resolutions")
@needs(Scope.READ_APPEALS)
def list_resolutions() -> dict[str, Any]:
    """List the resolutions with which an appeal can be closed."""
    wanted = db.select(Resolution).where(Resolution.is_active).order_by(Resolution.id)
    found = db.session.scalars(wanted)
    told = [{"code": one.code, "name": one.name, "comment_required": one.comment_required} for one in found]
    return {"data": told, "next": None}


@bp.get("/topics")
@needs(Scope.READ_APPEALS)
def list_topics() -> dict[str, Any]:
    """List the topics that an appeal can have."""
    return {"data": [{"id": topic.id, "name": topic.path} for topic in topics.list_leaves()], "next": None}


@bp.get("/attachments/<int:attachment_id>")
@needs(Scope.READ_APPEALS)
def download(attachment_id: int) -> Response:
    """Hand over a file of a message; never to be shown by a browser."""
    wanted = (
        db.select(Attachment)
        .join(Message, Message.id == Attachment.message_id)
        .join(Appeal, Appeal.id == Message.appeal_id)
        .where(Attachment.id == min(attachment_id, LARGEST_ID), Message.direction != "note")
    )
    only = callers.only_account()
    found = db.session.scalars(wanted if only is None else wanted.where(Appeal.channel_account_id == only)).first()
    if found is None:
        raise NotFound
    response = Response(storage.get(found.sha256), mimetype="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=file_name(found.name))
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
