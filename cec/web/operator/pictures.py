"""Operator: pictures of a conversation, at addresses of our own (guide 3.2.4)."""

import re

from flask import Blueprint, Response

from cec.appeals.models import Attachment
from cec.appeals.pictures import picture_type
from cec.platform import storage
from cec.platform.db import db
from cec.platform.errors import NotFound
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.operator import letters

bp = Blueprint("pictures", __name__, url_prefix="/operator")

_AT_HOME = re.compile(r'src="(?:https?://[^/"]+)?/operator/attachments/(\d{1,18})/picture"')
_IN_LETTER = re.compile(r'src="cid:picture\.(\d{1,18})@cec"')


@bp.get("/attachments/<int:attachment_id>/picture")
@allow(Right.HANDLE_APPEALS)
def show(attachment_id: int) -> Response:
    """Give a picture to be shown; what its bytes do not begin as one is none."""
    attachment = db.session.get(Attachment, attachment_id)
    if attachment is None:
        raise NotFound
    letters.must_be_readable(attachment)
    content = storage.get(attachment.sha256)
    kind = picture_type(content)
    if kind is None:
        raise NotFound
    response = Response(content, mimetype=kind)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    # The bytes of an attachment never change; its reader may.
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def address(attachment_id: int) -> str:
    """Give the address of a picture."""
    return f"/operator/attachments/{attachment_id}/picture"


def stored(html: str) -> str:
    """Give what an editor wrote with its pictures named as in a letter."""
    return _AT_HOME.sub(r'src="cid:picture.\1@cec"', html)


def shown(html: str) -> str:
    """Give a letter with its pictures at our addresses."""
    return _IN_LETTER.sub(r'src="/operator/attachments/\1/picture"', html)
