"""Administrator: what the centre answers by itself (guide 5.6)."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.platform import changes
from cec.platform.errors import Refusal
from cec.platform.i18n import gettext, mark
from cec.queues import calendar_directory
from cec.queues import queries as queues
from cec.replies import auto_replies, filling_in
from cec.replies.auto_replies import EVENTS, Wanted
from cec.replies.models import AutoReply
from cec.staff.roles import Right
from cec.web import parts
from cec.web.business_admin import revisions
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.reply_samples import preview, sample
from cec.web.session import current_employee

bp = Blueprint("auto_replies", __name__, url_prefix="/centre/auto-replies")

PLACEHOLDERS = filling_in.PLACEHOLDERS | {"operator.first_name": mark("The operator’s first name")}


@bp.get("")
@allow(Right.MANAGE_CENTRE)
def show() -> str:
    """List them."""
    return render_template("business_admin/auto_replies.html", error=None, replies=auto_replies.list_all(), **_words())


@bp.get("/new")
@allow(Right.MANAGE_CENTRE)
def show_new(error: Refusal | None = None) -> str:
    """Draw an empty form."""
    return _form(None, error)


@bp.post("/new")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_new)
def add() -> Response:
    """Add one."""
    auto_replies.create(_wanted(), by=current_employee().key)
    return redirect(url_for("auto_replies.show", saved=1), 303)


@bp.get("/<int:reply_id>")
@allow(Right.MANAGE_CENTRE)
def show_one(reply_id: int, error: Refusal | None = None) -> str:
    """Draw the form of one, what became of it lately, and its history."""
    return _form(auto_replies.get(reply_id), error)


@bp.post("/<int:reply_id>")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_one)
def change(reply_id: int) -> Response:
    """Change one, or take it out of use."""
    reply, seen = auto_replies.get(reply_id), request.form.get("seen", "")
    auto_replies.change(reply, _wanted(), by=current_employee().key, seen=seen)
    return redirect(url_for("auto_replies.show", saved=1), 303)


@bp.post("/preview")
@allow(Right.MANAGE_CENTRE)
def show_filled() -> str:
    """Draw what is typed as it would stand in an answer to a sample appeal."""
    return preview(current_employee())


def _form(reply: AutoReply | None, error: Refusal | None) -> str:
    every = ("", gettext("All"))
    open_now = {str(queue.id): queue.name for queue in queues.list_open()}
    its_own = {str(reply.queue.id): reply.queue.name} if reply and reply.queue else {}
    kept = ("", gettext("The calendar of its queue"))
    return render_template(
        "business_admin/auto_reply.html",
        error=error,
        reply=reply,
        queues=[every, *(open_now | its_own).items()],
        calendars=[kept, *((str(calendar.id), calendar.name) for calendar in calendar_directory.list_all())],
        placeholders=PLACEHOLDERS,
        sample=sample(current_employee()),
        seen=changes.mark_of(auto_replies.values(reply)) if reply else "",
        told=auto_replies.told(reply) if reply else [],
        revisions=revisions.of(reply.key) if reply else [],
        **_words(),
    )


def _wanted() -> Wanted:
    form, channels = request.form, dict(parts.channels())
    return Wanted(
        name=form.get("name", ""),
        event=form.get("event", ""),
        text=form.get("text", ""),
        channel=form["channel"] if form.get("channel") in channels else "",
        queue_id=form.get("queue_id", type=int),
        calendar_id=form.get("calendar_id", type=int),
        is_active="is_active" in form,
    )


def _words() -> dict[str, Any]:
    return {
        "events": {event.value: gettext(words) for event, words in EVENTS.items()},
        "channels": {"": gettext("All"), **dict(parts.channels())},
    }
