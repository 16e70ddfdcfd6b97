"""The windows of a session: their heartbeats, and going on in a window that another one took over (guide 2.1, 2.6)."""

import datetime as dt

from flask import Blueprint, Response, current_app, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from cec.platform.errors import Refusal
from cec.staff import idling, links, signing_in
from cec.web import session
from cec.web.guards import allow

bp = Blueprint("heartbeats", __name__)

LONGEST = 86400


class SignInAgain(Refusal):
    """This session is over. Sign in in a new tab and press the button again: what you typed stays here."""


@bp.post("/heartbeat")
@allow.anyone
def beat() -> dict[str, str | int]:
    """Take a heartbeat; says what became of the session."""
    reader = session.find_reader()
    if reader is None:
        return {"session": "taken_over" if session.was_taken_over() else "ended"}
    untouched = min(max(request.form.get("untouched", default=LONGEST, type=int), 0), LONGEST)
    link = links.beat(reader.session_id, untouched=dt.timedelta(seconds=untouched))
    told = {"session": "open" if link else "ended", "link": str(link or ""), "person": reader.id}
    after = current_app.config["CEC"].idle_seconds
    left = idling.seconds_left(reader.session_id, dt.timedelta(seconds=after)) if 0 < after <= untouched else None
    return told if left is None else {**told, "idle": left}


@bp.post("/session")
@allow.anyone
def go_on() -> BaseResponse:
    """Go on in this window; the one that took over becomes read-only in its turn."""
    if session.find_reader() is None and not signing_in.take_back(session.token()):
        raise SignInAgain
    return Response(status=204) if request.headers.get("HX-Request") else redirect("/", 303)
