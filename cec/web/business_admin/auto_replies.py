"""Administrator: what the centre answers by itself (guide 5.6)."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.channels import accounts
from cec.clients import languages, segments
from cec.platform import changes, durations, i18n
from cec.platform.db import db
from cec.platform.errors import Refusal
from cec.platform.i18n import gettext, ngettext
from cec.queues import calendar_directory
from cec.queues import queries as queues
from cec.replies import auto_replies, auto_reply_trials
from cec.replies.auto_replies import BY_TIME, DELAYED, EVENTS, KNOWN_FOR, PLACEHOLDERS, Event, Wanted
from cec.replies.models import AutoReply
from cec.staff.roles import Right
from cec.web import parts
from cec.web.business_admin import revisions
from cec.web.filling import Filled
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.reply_samples import preview, sample
from cec.web.session import current_employee

bp = Blueprint("auto_replies", __name__, url_prefix="/centre/auto-replies")

# What stands in an empty form.
AFTER = {Event.WAITS_LONG: dt.timedelta(minutes=10), Event.CLIENT_SILENT: dt.timedelta(hours=24)}
REPEAT = dt.timedelta(minutes=15)


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
    return preview(current_employee(), PLACEHOLDERS)


@bp.post("/<int:reply_id>/test")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_one)
def send_test(reply_id: int) -> Response:
    """Send it as a letter to an address that is typed, filled in with a sample."""
    reply, author, form = auto_replies.get(reply_id), current_employee(), request.form
    account_id, to = form.get("account_id", 0, type=int), form.get("to", "")
    account, letter = auto_reply_trials.prepare(reply, to, account_id, sample(author))
    by = author.key
    # A server may take a minute to answer: the database is not kept waiting meanwhile.
    db.session.expunge(account)
    db.session.rollback()
    outcome = auto_reply_trials.send(account, letter)
    auto_reply_trials.note(auto_replies.get(reply_id), letter, outcome, by=by)
    return redirect(url_for("auto_replies.show_one", reply_id=reply_id, tested=1, _anchor="test"), 303)


def _form(reply: AutoReply | None, error: Refusal | None) -> str:
    return render_template(
        "business_admin/auto_reply.html",
        error=error,
        reply=reply,
        sample=sample(current_employee()),
        seen=changes.mark_of(auto_replies.values(reply)) if reply else "",
        told=auto_replies.told(reply) if reply else [],
        tested=auto_replies.last_test(reply) if reply else None,
        mailboxes=[(str(box.id), f"{box.name} <{box.address}>") for box in accounts.list_active("email")],
        revisions=revisions.of(reply.key) if reply else [],
        **_choices(reply),
        **_spans(reply),
        **_words(),
    )


def _choices(reply: AutoReply | None) -> dict[str, Any]:
    every = ("", gettext("All"))
    open_now = {str(queue.id): queue.name for queue in queues.list_open()}
    its_own = {str(reply.queue.id): reply.queue.name} if reply and reply.queue else {}
    known = dict.fromkeys([*segments.list_all(), *([reply.segment] if reply and reply.segment else [])])
    kept = ("", gettext("The calendar of its queue"))
    return {
        "queues": [every, *(open_now | its_own).items()],
        "segments": [every, *((segment, segment) for segment in known)],
        "calendars": [kept, *((str(calendar.id), calendar.name) for calendar in calendar_directory.list_all())],
        "placeholders": PLACEHOLDERS,
        "known_for": {name: _events(events) for name, events in KNOWN_FOR.items()},
        "at_once": _events(DELAYED),
    }


def _events(events: Collection[Event]) -> str:
    """Name the events for which a part of the form is shown."""
    return "event=" + "|".join(event.value for event in EVENTS if event in events)


def _spans(reply: AutoReply | None) -> dict[str, str]:
    """Give the durations as the form shows them."""
    return {
        "delay": durations.write(reply.delay) if reply and reply.delay else "",
        "after": durations.write((reply and reply.after) or AFTER[Event.WAITS_LONG]),
        "repeat": durations.write((reply and reply.repeat) or REPEAT),
    }


def _wanted() -> Wanted:
    form, channels = Filled(), dict(parts.channels())
    channel, by_time = form.text("channel"), form.text("event") in BY_TIME
    wanted = Wanted(
        name=request.form.get("name", ""),
        event=form.text("event"),
        text=request.form.get("text", ""),
        channel=channel if channel in channels else "",
        queue_id=request.form.get("queue_id", type=int),
        segment=form.text("segment"),
        language=form.text("language"),
        calendar_id=request.form.get("calendar_id", type=int),
        is_active=form.tick("is_active"),
        begins_at=_maybe_moment(form, "begins_at"),
        ends_at=_maybe_moment(form, "ends_at"),
        most_a_day=form.maybe_number("most_a_day", 1, auto_replies.MOST_A_DAY) or Wanted.most_a_day,
        **(_waits(form) if by_time else {"delay": _maybe_span(form, "delay") or dt.timedelta()}),
    )
    form.done()
    return wanted


def _waits(form: Filled) -> dict[str, Any]:
    times = form.maybe_number("times", 1, auto_replies.MOST_TIMES) or 1
    repeat = _maybe_span(form, "repeat") if times > 1 else None
    return {"after": form.duration("after"), "times": times, "repeat": repeat}


def _maybe_span(form: Filled, name: str) -> dt.timedelta | None:
    return form.duration(name) if form.text(name) else None


def _maybe_moment(form: Filled, name: str) -> dt.datetime | None:
    return form.moment(name) if form.text(name) else None


def _when(reply: AutoReply) -> str:
    """Say what it answers, after how long and how often."""
    said = gettext(EVENTS[Event(reply.event)])
    if reply.after:
        said += ": " + gettext("after {span}").format(span=durations.write(reply.after))
    if reply.repeat:
        often = ngettext("{n} time, every {span}", "{n} times, every {span}", reply.times)
        said += ", " + often.format(n=reply.times, span=durations.write(reply.repeat))
    if reply.begins_at:
        said += ", " + gettext("from {when}").format(when=i18n.exact(reply.begins_at))
    if reply.ends_at:
        said += ", " + gettext("until {when}").format(when=i18n.exact(reply.ends_at))
    if reply.delay:
        said += ": " + gettext("{span} later").format(span=durations.write(reply.delay))
    return said


def _words() -> dict[str, Any]:
    return {
        "events": {event.value: gettext(words) for event, words in EVENTS.items()},
        "when": _when,
        "channels": {"": gettext("All"), **dict(parts.channels())},
        "languages": {"": gettext("Any"), **{code: gettext(name) for code, name in languages.NAMES.items()}},
    }
