"""One request, one transaction; the reader's language and zone; what every answer carries."""

import secrets
import threading
from contextlib import ExitStack
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, has_request_context, request
from flask.typing import ResponseReturnValue
from jinja2 import StrictUndefined
from werkzeug.routing import IntegerConverter, Map

from cec.platform import i18n, live
from cec.platform.db import LARGEST_ID, unit_of_work
from cec.web import filters, guards, protection, refusals, sections, session, templating

ZONE = "Europe/Moscow"
_MARK = "cec.mark"
# How many requests a process works at in the same moment; the others wait their turn. All at once they would only
# hold transactions open against each other, until no connection is left for anybody.
AT_ONCE = 16
_turns = threading.BoundedSemaphore(AT_ONCE)


class _Number(IntegerConverter):
    """The number of a thing, as far as tables count: what is larger names nothing."""

    def __init__(self, url_map: Map, *args: Any, **options: Any) -> None:
        super().__init__(url_map, *args, **{"max": LARGEST_ID, **options})


class Application(Flask):
    """Returning commits, raising rolls back."""

    jinja_environment = templating.Templates
    jinja_options = {  # noqa: RUF012 - Flask's own declaration
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "extensions": ["jinja2.ext.i18n"],
    }

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.url_map.converters["int"] = _Number
        filters.install(self)
        refusals.install(self)
        self.context_processor(_look)

    def full_dispatch_request(self) -> Response:
        """Answer in the reader's language, also when the answer is a no."""
        with ExitStack() as stack:
            request.environ["cec.stack"] = stack
            request.environ.setdefault("cec.request_id", secrets.token_hex(6))
            _speak(_language(), ZONE)
            return super().full_dispatch_request()

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view; inside Flask's own try, so that a failing commit reaches the error handlers too."""
        if request.endpoint == "static":
            return super().dispatch_request()
        protection.check_size()
        is_for_programs = guards.is_for_programs()
        if not is_for_programs:
            protection.check_origin()
            protection.check_form()
        with _turns, unit_of_work():
            if not is_for_programs:
                self._know_reader()
            answer = super().dispatch_request()
            request.environ[_MARK] = live.mark()
            return answer

    def _know_reader(self) -> None:
        if guards.is_for_clients():
            session.forget_reader()
            return
        reader = session.find_reader()
        if reader is not None:
            _speak(reader.language, reader.zone)

    def handle_exception(self, e: Exception) -> Response:
        """Say that something broke, in the language that was being spoken."""
        with i18n.reader(*request.environ.get("cec.spoken", (i18n.DEFAULT, ZONE))):
            return super().handle_exception(e)

    def process_response(self, response: Response) -> Response:
        """Add the headers that keep other sites out; an act says by which mark the page will hear of it."""
        if request.environ.get(_MARK) and response.status_code < HTTPStatus.BAD_REQUEST:
            response.headers["X-Live-Mark"] = request.environ[_MARK]
        return protection.add_headers(super().process_response(response))


def _speak(language: str, zone: str) -> None:
    request.environ["cec.spoken"] = (language, zone)
    request.environ["cec.stack"].enter_context(i18n.reader(language, zone))


def _language() -> str:
    """Before anybody signed in: what was asked for, spoken here last, or Russian; of programs and clients a header."""
    if guards.is_for_programs() or guards.is_for_clients():
        return request.accept_languages.best_match(list(i18n.LANGUAGES), i18n.DEFAULT)
    return request.args.get("language") or request.cookies.get(session.LANGUAGE) or i18n.DEFAULT


def _look() -> dict[str, object]:
    """Give every page the reader's theme and sections; asks nothing of the database, which may be away."""
    reader = request.environ.get("cec.reader") if has_request_context() else None
    return {
        "theme": reader.theme if reader else "system",
        "sections": sections.sections,
        "heartbeat": lambda: current_app.config["CEC"].heartbeat_seconds,
    }
