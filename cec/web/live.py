"""The stream of live events: GET /live.

Server-sent events, each a JSON list of [name, subject] pairs and an id to go on from; ["resync", "*"] asks the browser
to redraw everything. Names and subjects only, never content. An open stream holds no database connection.
"""

from collections.abc import Callable, Iterator

import orjson
from flask import Blueprint, Flask, Response, current_app, request

from cec.appeals import queries
from cec.platform import listening
from cec.platform.db import db, unit_of_work
from cec.platform.errors import NotFound
from cec.platform.listening import Hub, Screen
from cec.platform.live import RESYNC, Notices
from cec.staff import roles
from cec.staff.models import Employee, Session
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.session import current_session

bp = Blueprint("live", __name__)

HEARTBEAT = 15.0
# What a right lets a person hear about, by the beginning of the subject; everybody hears about himself.
AUDIBLE = {
    Right.SEE_APPEALS: ("appeal:",),
    Right.SEE_QUARANTINE: ("inbound:",),
    Right.MANAGE_CENTRE: ("queue:", "account:", "employee:"),
}
MOST_WATCHED = 20


@bp.get("/live")
@allow(*Right)
def stream() -> Response:
    """Stream what concerns the person who asks, beginning with what he missed since Last-Event-ID."""
    session = current_session()
    screen = Screen(_audible(session.employee, session.role or ""))
    hub = listening.hub()
    hub.open(screen)
    try:
        first = _missed(screen, request.headers.get("Last-Event-ID"), session.employee.key)
    except BaseException:
        hub.leave(screen)
        raise
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - outlives the request
    is_over = _end_of(app, session.id, session.employee.key)
    response = Response(_events(hub, screen, first, is_over, session.employee.key), mimetype="text/event-stream")
    response.headers.update({"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"})
    response.call_on_close(lambda: hub.leave(screen))
    return response


def _audible(employee: Employee, role: str) -> Callable[[str, str], bool]:
    """Decide now what may be heard, so that later no notice costs a query."""
    mine = {employee.key, *_watched(employee, role)}
    beginnings = tuple(begin for right, begins in AUDIBLE.items() if roles.may(role, [right]) for begin in begins)
    return lambda _name, subject: subject in mine or subject.startswith(beginnings)


def _watched(employee: Employee, role: str) -> Iterator[str]:
    if not roles.may(role, [Right.HANDLE_APPEALS]):
        return
    for subject in request.args.getlist("watch")[:MOST_WATCHED]:
        number = subject.removeprefix("appeal:")
        if not (subject.startswith("appeal:") and number.isascii() and number.isdigit()):
            continue
        try:
            yield queries.get_own(int(number), of=employee).key
        except NotFound:
            continue


def _missed(screen: Screen, last: str | None, own: str) -> Notices:
    """Tell what was missed; with it the own worklist, whose changes are not facts of their own."""
    if not last:
        facts: Notices | None = listening.missed_lately()
    else:
        facts = listening.missed_since(int(last)) if last.isascii() and last.isdigit() else None
    if facts is None:
        return RESYNC
    return [["worklist", own], *(pair for pair in facts if screen.wants(*pair))] if facts else []


def _end_of(app: Flask, session_id: int, own: str) -> Callable[[Notices], bool]:
    """Tell by the notices whether the session behind a stream has ended; only its own person's costs a look."""

    def is_over(notices: Notices) -> bool:
        if ["session.ended", own] not in notices and notices != RESYNC:
            return False
        with app.app_context(), unit_of_work():
            session = db.session.get(Session, session_id)
            return session is None or session.ended_at is not None

    return is_over


def _events(hub: Hub, screen: Screen, first: Notices, is_over: Callable[[Notices], bool], own: str) -> Iterator[str]:
    yield _event(first, hub.horizon())
    while (notices := screen.next(HEARTBEAT)) is not None:
        if notices and is_over(notices):
            yield _event([["session.ended", own]], None)
            return
        yield _event(notices, hub.horizon())


def _event(notices: Notices, horizon: int | None) -> str:
    """Write an event; without notices it is a heartbeat, which moves the id on."""
    number = f"id: {horizon}\n" if horizon is not None else ""
    data = f"data: {orjson.dumps(notices).decode()}\n" if notices else ": heartbeat\n"
    return f"{number}{data}\n"
