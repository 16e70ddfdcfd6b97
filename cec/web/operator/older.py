"""Operator: the older messages of a long conversation, a page at a time (guide 2.2.3)."""

from flask import Blueprint, render_template, request

from cec.appeals import queries, reading
from cec.appeals.models import Message
from cec.platform.db import db
from cec.platform.errors import NotFound
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.operator import feed, own, talk
from cec.web.session import current_employee

bp = Blueprint("older", __name__, url_prefix="/operator")


@bp.get("/appeals/<int:appeal_id>/older")
@allow(Right.HANDLE_APPEALS)
def show(appeal_id: int) -> str:
    """Draw the messages above one that a page shows already."""
    employee = current_employee()
    appeal = own.get(appeal_id, of=employee)
    behind = db.session.get(Message, request.args.get("before", 0, type=int))
    if behind is None or behind.appeal_id != appeal.id:
        raise NotFound
    messages = reading.messages(appeal, before=behind.id)
    oldest = messages[0] if reading.has_older(messages) else None
    told = feed.between(queries.events(appeal), oldest, behind)
    drawn = talk.drawn(feed.lines(appeal, messages, told, reader=employee, new_from=None), marked=False)
    return render_template(
        "operator/older.html", appeal=appeal, conversation=drawn, oldest=oldest.id if oldest else None
    )
