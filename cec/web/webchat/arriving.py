"""Visitor: the widget's own files, how this chat looks and what it says, and a token for who has none yet."""

import functools
from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify, request

from cec.channels.models import ChannelAccount
from cec.channels.webchat import adapting, looks, tokens, writing
from cec.channels.webchat.looks import Looks
from cec.platform import clock, i18n
from cec.platform.db import db
from cec.platform.errors import NotFound
from cec.queues import calendars
from cec.queues.models import Queue
from cec.web.guards import allow
from cec.web.webchat import door, texts

bp = door.opened(Blueprint("webchat_arriving", __name__, url_prefix=door.PREFIX))

WIDGET = Path(__file__).parent.parent.parent / "static" / "webchat"
# For how long a browser keeps the widget, in seconds.
KEPT = 300


@bp.get("/<name>.js", provide_automatic_options=False)
@allow.programs
def show_widget(code: str, name: str) -> Response:
    """Give a module of the widget, to sites that may show this chat."""
    door.account(code)
    source = _modules().get(name)
    if source is None:
        raise NotFound
    response = Response(source, mimetype="text/javascript")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = f"public, max-age={KEPT}"
    response.add_etag()
    response.make_conditional(request)
    return response


@functools.cache
def _modules() -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in WIDGET.glob("*.js")}


@bp.get("/settings", provide_automatic_options=False)
@allow.programs
def show_settings(code: str) -> Response:
    """Tell the widget how this chat looks, what it says and asks, and whether somebody is here."""
    account = door.account(code)
    response = jsonify(settings_of(account, looks.read(account.config), request.args.get("language", "")))
    response.headers["Cache-Control"] = "no-cache"
    return response


def settings_of(account: ChannelAccount, wanted: Looks, language: str) -> dict[str, object]:
    """Gather what the widget is told of a chat, in the language that is spoken there."""
    language = wanted.speaks(language)
    with i18n.reader(language, i18n.zone()):
        said = texts.texts()
    own = wanted.said(language)
    own_texts = {name: getattr(own, name) or said[name] for name in ("title", "greeting", "closed")}
    return {
        "language": language,
        "name": account.name,
        "color": wanted.color,
        "on_color": wanted.on_color,
        "side": wanted.side,
        "theme": wanted.theme,
        "asks": dict(wanted.asks),
        "consent": own.consent or wanted.any_consent,
        "privacy_url": wanted.privacy_url,
        "texts": said | own_texts,
        "limits": {"text": writing.LONGEST_TEXT, "files": writing.MOST_FILES, "bytes": adapting.largest_files()},
        "beat": current_app.config["CEC"].visitor_gone_seconds / 4,
        "opens_at": _opens_at(wanted),
    }


def _opens_at(wanted: Looks) -> str | None:
    """Tell when the queue of a chat works next; None when it does now, or has no hours."""
    queues = db.select(Queue).where(Queue.is_active, (Queue.code == wanted.queue) | Queue.is_default)
    queue = db.session.scalars(queues.order_by((Queue.code == wanted.queue).desc()).limit(1)).first()
    calendar, now = queue.calendar if queue else None, clock.now()
    if calendar is None or not calendars.has_hours(calendar) or calendars.is_open(calendar, now):
        return None
    return calendars.opens_at(calendar, now).isoformat()


@bp.post("/visitors", provide_automatic_options=False)
@allow.programs
def welcome(code: str) -> dict[str, str]:
    """Give a token to a visitor who has none; of whom the site names and signs it says who he is."""
    account = door.account(code)
    identity = door.said().get("identity")
    identity = identity if isinstance(identity, dict) else {}
    person, signature = (str(identity.get(name) or "") for name in ("user_id", "hmac_sha256"))
    return {"token": tokens.welcome(account, person, signature).token}
