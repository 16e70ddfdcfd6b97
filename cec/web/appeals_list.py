"""A read-only list of appeals for those who do not answer them: supervisor, administrator, marketer."""

import uuid
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.appeals import conversation, queries, reading
from cec.appeals.models import Appeal, Status
from cec.distribution import explaining
from cec.distribution import queries as distribution
from cec.distribution.waiting import why_waiting
from cec.platform import audit
from cec.platform.db import db
from cec.platform.errors import Invalid, NotAllowed, NotFound, Refusal
from cec.queues import editing
from cec.staff.roles import Right, Role
from cec.web import parts
from cec.web.guards import allow
from cec.web.operator import drawing, feed, talk
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee, current_reader

bp = Blueprint("appeals_list", __name__)

LONGEST_WORDS = 200


class NoSuchMark(Invalid):
    """The page is out of date: reload it."""

    field = "text"


@bp.get("/appeals")
@allow(Right.SEE_APPEALS)
def show() -> str:
    """Draw a page of the list, newest first."""
    filters, scope = _filters(), _scope()
    found = queries.list_appeals(filters, queue_ids=scope)
    page, more = found[: queries.PAGE], len(found) > queries.PAGE
    kept = {name: value for name, value in request.args.items() if value and name in {"status", "queue", "words"}}
    context = {
        "appeals": page,
        "last": queries.last_messages(page),
        "kept": kept,
        "here": "?".join(filter(None, ["/appeals", urlencode(kept | _before(filters))])),
    }
    if drawing.is_part():
        return _redrawn({"appeals": "list", "fresh": "fresh"}, **context)
    return render_template(
        "appeals_list/show.html",
        filters=filters,
        statuses=[(status.value, parts.status(status).word) for status in Status],
        queues=[queue for queue in editing.list_all() if scope is None or queue.id in scope],
        older="?" + urlencode({**kept, "before": page[-1].id}) if more else None,
        **context,
    )


def _before(filters: queries.Filters) -> dict[str, str]:
    return {"before": str(filters.before)} if filters.before else {}


def _redrawn(names: dict[str, str], **context: Any) -> str:
    """Draw parts of a page anew, by id and template; the first one is the one that was asked for."""
    drawn = {at: render_template(f"appeals_list/{name}.html", **context) for at, name in names.items()}
    return drawing.together(next(iter(names)), drawn)


def _filters() -> queries.Filters:
    asked = request.args
    return queries.Filters(
        status=asked["status"] if asked.get("status") in set(Status) else "",
        queue_id=_id("queue"),
        words=asked.get("words", "").replace("\x00", "").strip()[:LONGEST_WORDS],
        before=_id("before"),
    )


def _id(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004 - fits in int4


def _scope() -> list[int] | None:
    """Tell which queues the reader sees: a supervisor his own, the other roles all."""
    if current_reader().role != Role.SUPERVISOR:
        return None
    return queries.queues_of_supervisor(current_employee())


@bp.get("/appeals/<int:appeal_id>")
@allow(Right.SEE_APPEALS)
def show_appeal(appeal_id: int, error: Refusal | None = None) -> str:
    """Draw one appeal, to read; a supervisor may leave a note for its operator."""
    appeal = _seen(appeal_id)
    lines = feed.lines(
        appeal, reading.messages(appeal), queries.events(appeal), reader=current_employee(), new_from=None
    )
    context = {
        "appeal": appeal,
        "lines": lines,
        "undelivered": talk.undelivered,
        "waiting": why_waiting(appeal),
        "why": explaining.sentences(distribution.why(appeal)) if appeal.operator_id else [],
    }
    if error is None and not drawing.is_part():
        audit.opened(appeal.key, by=current_reader().key)
    if drawing.is_part() and error is None:
        return _redrawn({"reading": "reading", "reading-status": "status", "talk": "talk"}, **context)
    return render_template(
        "appeals_list/appeal.html",
        **context,
        name=feed.name_of(appeal),
        error=error,
        may_note=current_reader().role == Role.SUPERVISOR,
        note_uuid=uuid.uuid4(),
    )


@bp.post("/appeals/<int:appeal_id>/notes")
@allow(Right.SEE_APPEALS)
@redrawn_by(show_appeal)
def write_note(appeal_id: int) -> Response:
    """Leave a note for the operator of an appeal."""
    if current_reader().role != Role.SUPERVISOR:
        raise NotAllowed
    try:
        mark = uuid.UUID(request.form.get("client_uuid", ""))
    except ValueError:
        raise NoSuchMark from None
    conversation.write_note(
        _seen(appeal_id), by=current_employee(), text=request.form.get("text", ""), client_uuid=mark
    )
    return redirect(url_for("appeals_list.show_appeal", appeal_id=appeal_id), 303)


def _seen(appeal_id: int) -> Appeal:
    appeal, scope = db.session.get(Appeal, appeal_id), _scope()
    if appeal is None or (scope is not None and appeal.queue_id not in scope):
        raise NotFound
    return appeal
