"""The stream of live events: GET /live.

Server-sent events, each a JSON list of [name, subject] or [name, subject, mark of the transaction], and an id to go on
from; ["resync", "*"] asks the browser to redraw everything, ["many", "appeal:*"] what it shows of appeals. Names and
subjects only, never content. An open stream holds no database connection.
"""

import random
import socket
import threading
from collections.abc import Callable, Iterator
from http import HTTPStatus

import orjson
from flask import Blueprint, Flask, Response, current_app, request

from cec.appeals import queries
from cec.platform import listening
from cec.platform.db import db, unit_of_work
from cec.platform.errors import NotFound, Refusal
from cec.platform.listening import Hub
from cec.platform.live import RESYNC, SESSION_ENDED, Notices
from cec.platform.screens import Screen
from cec.platform.settings import PAGES
from cec.staff import roles
from cec.staff.models import Employee, Session
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.session import current_session

bp = Blueprint("live", __name__)

HEARTBEAT = 15.0
# Seconds in which a client has to take a piece of the stream; longer, and he is taken for gone.
PATIENCE = 20.0
# Bytes that may be on their way to him.
ON_THE_WAY = 65536
# After a stream broke, browsers wait for between so many milliseconds, so that they do not all come back at once.
BACK_AFTER = (500, 3000)
# What a right lets a person hear about, by the kind of subject; everybody hears about himself, and he alone about his
# list, his offers and his bell.
AUDIBLE = {
    Right.SEE_APPEALS: ("appeal",),
    Right.SEE_QUARANTINE: ("inbound",),
    Right.MANAGE_CENTRE: ("queue", "account", "employee", "rules"),
}
MOST_WATCHED = 20
# How many streams at once may look whether their sessions live: after a resync all do.
_LOOKS = threading.Semaphore(4)


class ServedElsewhere(Refusal):
    """Live events have processes of their own here: the server in front has to send /live to them."""

    status = HTTPStatus.MISDIRECTED_REQUEST


@bp.get("/live")
@allow(*Right)
def stream() -> Response:
    """Stream what concerns the person who asks, beginning with what he missed since the id he tells."""
    if current_app.config["CEC"].pool == PAGES:
        raise ServedElsewhere
    session = current_session()
    screen = _screen(session)
    hub = listening.hub()
    hub.open(screen)
    try:
        first = hub.untold(screen) if "goes_on" in request.args else []
        first += _missed(screen, _last(), session.employee.key)
    except BaseException:
        hub.leave(screen)
        raise
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - outlives the request
    is_over = _end_of(app, session.id, session.employee.key)
    be_impatient()
    response = Response(_events(hub, screen, first, is_over, session.employee.key), mimetype="text/event-stream")
    response.headers.update({"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"})
    response.call_on_close(lambda: hub.leave(screen))
    return response


def _last() -> str | None:
    """Tell where the browser left off: it says so itself when its stream broke, the page when it opens another one."""
    return request.headers.get("Last-Event-ID") or request.args.get("since")


def be_impatient() -> None:
    """Give a client that reads nothing up after a while: what is written to him would wait for ever."""
    connection = request.environ.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(PATIENCE)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ON_THE_WAY)


def _screen(session: Session) -> Screen:
    """Decide now what may be heard, so that later no notice costs a query."""
    employee, role = session.employee, session.role or ""
    kinds = {kind for right, kinds in AUDIBLE.items() if roles.may(role, [right]) for kind in kinds}
    return Screen({employee.key, *_watched(employee, role)}, kinds, session_id=session.id)


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
    """Tell what was missed; with it the own worklist, whose changes are not facts of their own.

    A page whose stream goes on as another one, because another appeal was opened, has heard all but what waits at the
    former stream, and what others did to that appeal while it was drawn.
    """
    if "goes_on" in request.args:
        return [pair for pair in listening.missed_lately(but_by=own) if pair[1] != own and screen.wants(*pair)]
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
        if not any(notice[:2] in ([SESSION_ENDED, own], *RESYNC) for notice in notices):
            return False
        with _LOOKS, app.app_context(), unit_of_work():
            session = db.session.get(Session, session_id)
            return session is None or session.ended_at is not None

    return is_over


def _events(hub: Hub, screen: Screen, first: Notices, is_over: Callable[[Notices], bool], own: str) -> Iterator[str]:
    yield f"retry: {random.randint(*BACK_AFTER)}\n{_event(first, hub.horizon())}"  # noqa: S311 - no secret
    while (notices := screen.next(HEARTBEAT)) is not None:
        if notices and is_over(notices):
            yield _event([[SESSION_ENDED, own]], None)
            return
        yield _event(notices, hub.horizon())


def _event(notices: Notices, horizon: int | None) -> str:
    """Write an event; without notices it is a heartbeat, which moves the id on."""
    number = f"id: {horizon}\n" if horizon is not None else ""
    data = f"data: {orjson.dumps(notices).decode()}\n" if notices else ": heartbeat\n"
    return f"{number}{data}\n"
