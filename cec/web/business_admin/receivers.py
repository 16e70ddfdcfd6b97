"""Administrator: receivers of events, what each was told and answered, and sending it again."""

import orjson
from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.integrations import posting, receivers
from cec.integrations.models import Event, EventState, Receiver
from cec.platform.errors import NotFound, Refusal
from cec.platform.i18n import gettext, mark
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("receivers", __name__)

STATES = {
    EventState.WAITING: mark("Waiting"),
    EventState.SENDING: mark("Sending…"),
    EventState.DELIVERED: mark("Delivered"),
    EventState.GIVEN_UP: mark("Given up"),
}


@bp.get("/centre/receivers")
@allow(Right.MANAGE_CENTRE)
def show(error: Refusal | None = None) -> str:
    """Draw the list of receivers and the form that adds one."""
    return render_template(
        "business_admin/receivers.html",
        error=error,
        receivers=receivers.list_all(),
        waiting=receivers.count_waiting(),
        kinds=_kinds(),
    )


@bp.post("/centre/receivers")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def add() -> str:
    """Add a receiver and show the secret of its events, this once."""
    form = request.form
    receiver, secret = receivers.create(
        name=form.get("name", ""), url=form.get("url", ""), kinds=form.getlist("events"), by=current_employee().key
    )
    return _draw(receiver, secret=secret)


@bp.get("/centre/receivers/<int:receiver_id>")
@allow(Right.MANAGE_CENTRE)
def show_receiver(receiver_id: int, error: Refusal | None = None) -> str:
    """Draw one receiver with its log."""
    return _draw(receivers.get(receiver_id), error=error)


def _draw(receiver: Receiver, *, error: Refusal | None = None, secret: str = "") -> str:
    before = request.args.get("before", type=int)
    events = receivers.log(receiver, before=before)
    return render_template(
        "business_admin/receiver.html",
        error=error,
        receiver=receiver,
        secret=secret,
        events=events,
        older=events[-1].id if len(events) == receivers.PAGE else None,
        kinds=_kinds(),
        waiting=receivers.count_waiting().get(receiver.id, 0),
        states={state.value: gettext(words) for state, words in STATES.items()},
        body_of=_body,
    )


@bp.post("/centre/receivers/<int:receiver_id>")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_receiver)
def change(receiver_id: int) -> Response:
    """Change a receiver."""
    form = request.form
    receivers.change(
        receivers.get(receiver_id),
        name=form.get("name", ""),
        url=form.get("url", ""),
        kinds=form.getlist("events"),
        is_active="is_active" in form,
        by=current_employee().key,
    )
    return _back(receiver_id)


@bp.post("/centre/receivers/<int:receiver_id>/resumption")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_receiver)
def resume(receiver_id: int) -> Response:
    """Tell a receiver again all that waits for it."""
    receivers.resume(receivers.get(receiver_id), by=current_employee().key)
    return _back(receiver_id)


@bp.post("/centre/receivers/<int:receiver_id>/events/<int:event_id>/replay")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(lambda error, receiver_id, event_id: show_receiver(receiver_id, error))  # noqa: ARG005
def replay(receiver_id: int, event_id: int) -> Response:
    """Send one event again."""
    event = receivers.send_again(event_id, by=current_employee().key)
    if event.receiver_id != receiver_id:
        raise NotFound
    return _back(receiver_id)


def _back(receiver_id: int) -> Response:
    return redirect(url_for("receivers.show_receiver", receiver_id=receiver_id, saved=1), 303)


def _body(event: Event) -> str:
    return orjson.dumps(orjson.loads(posting.bytes_of(event)), option=orjson.OPT_INDENT_2).decode()


def _kinds() -> list[tuple[str, str]]:
    return [(kind, f"{gettext(words)} ({kind})") for kind, words in receivers.KINDS.items()]
