"""Visitor: the stream of his conversation, GET /live/webchat/<code>; server-sent events that carry what is new in it.

The id of an event names the state of the conversation: whoever comes back with it gets what he missed, and nothing if
that is nothing. Between events a stream holds no database connection.
"""

import random
import threading
from collections.abc import Iterator
from http import HTTPStatus

import orjson
from flask import Blueprint, Flask, Response, current_app, request

from cec.appeals import chatting
from cec.appeals.chatting import Line, Talk
from cec.channels.models import ChannelAccount
from cec.platform import listening
from cec.platform.db import db, unit_of_work
from cec.platform.errors import Refusal
from cec.platform.screens import Screen
from cec.platform.settings import PAGES
from cec.web import live
from cec.web.guards import allow
from cec.web.webchat import door, talking

bp = door.opened(Blueprint("webchat_stream", __name__))

# Streams of visitors in one process: operators must find room beside them; and of one visitor, in all his tabs.
MOST = 1000
MOST_OF_ONE = 6
# How many streams at once read what is new: after a resync all do.
_READS = threading.Semaphore(4)


class NoRoom(Refusal):
    """Many people write to us at this moment: your messages arrive all the same."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


@bp.get("/live/webchat/<code>", provide_automatic_options=False)
@allow.programs
def stream(code: str) -> Response:
    """Stream what is new in the visitor's conversation."""
    if current_app.config["CEC"].pool == PAGES:
        raise live.ServedElsewhere
    account = door.account(code)
    guest = door.guest(account)
    hub, subject = listening.hub(), chatting.subject(guest.address)
    if hub.count(chatting.SUBJECTS) >= MOST or hub.count(subject) >= MOST_OF_ONE:
        raise NoRoom
    screen = Screen({subject})
    hub.open(screen)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - outlives the request
    live.be_impatient()
    reader = Reader(app, account, guest.address, request.headers.get("Last-Event-ID", ""))
    response = Response(_events(screen, reader), mimetype="text/event-stream")
    response.headers.update({"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"})
    response.call_on_close(lambda: hub.leave(screen))
    return response


class Reader:
    """Reads a conversation again and again and gives what its widget does not have yet."""

    def __init__(self, app: Flask, account: ChannelAccount, address: str, version: str) -> None:
        self._app, self._account_id, self._code, self._address = app, account.id, account.code, address
        number = version.rpartition("-")[2]
        self._version, self._known = version, int(number) if number.isascii() and number.isdigit() else 0
        self._told: dict[int, Line] = {}

    def news(self) -> str:
        """Write an event with what is new; a heartbeat when nothing is."""
        with _READS, self._app.app_context(), unit_of_work():
            account = db.session.get_one(ChannelAccount, self._account_id)
            talk = chatting.read(account, self._address, known=self._known)
            return self._event(talk)

    def _event(self, talk: Talk) -> str:
        if talk.version == self._version:
            return ": nothing new\n\n"
        fresh = [line for line in talk.lines if self._told.get(line.id) != line]
        self._version, self._told = talk.version, {line.id: line for line in talk.lines}
        self._known = max(self._told, default=self._known)
        data = orjson.dumps(talking.facts(talk, self._code, fresh)).decode()
        return f"id: {talk.version}\ndata: {data}\n\n"


def _events(screen: Screen, reader: Reader) -> Iterator[str]:
    yield f"retry: {random.randint(*live.BACK_AFTER)}\n{reader.news()}"  # noqa: S311 - no secret
    while (notices := screen.next(live.HEARTBEAT)) is not None:
        names = {notice[0] for notice in notices}
        if chatting.WRITES in names:
            yield 'data: {"writing": true}\n\n'
        yield reader.news() if names - {chatting.WRITES} else ": heartbeat\n\n"
