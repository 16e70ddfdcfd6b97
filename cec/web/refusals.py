"""How a no looks: a page, a part of a page or JSON, with the right status and in the product's words."""

import datetime as dt
import errno
import logging
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote

from flask import Flask, Response, current_app, jsonify, make_response, redirect, render_template, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from cec.platform.errors import Invalid, NotAllowed, NotFound, Refusal
from cec.platform.i18n import gettext, mark
from cec.web import guards, problems, session
from cec.web.guards import ChooseRoleFirst, GoElsewhere, SignInFirst, TakenOver

log = logging.getLogger(__name__)

View = TypeVar("View", bound=Callable[..., Any])

_WORDS = {
    HTTPStatus.BAD_REQUEST: mark("This request cannot be understood."),
    HTTPStatus.NOT_FOUND: mark("There is no such page."),
    HTTPStatus.METHOD_NOT_ALLOWED: mark("This cannot be done here."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: mark("This form holds too much."),
}
_TOO_LARGE = mark("This is too much: up to {limit} MB can be sent at once.")
_BROKEN = mark("Something broke on our side. Nothing was changed.")
_NO_ROOM = mark("There is no room left on the centre’s disk. Nothing was stored; tell your administrator.")
_NO_DATABASE = mark("The database does not answer. What was saved is safe; try again in a minute.")


MEGABYTE = 2**20
# Codes of PostgreSQL: a full disk; too many connections, and a server that goes down or comes up.
_DISK_FULL = "53100"
_GOES = ("533", "57P")


def redrawn_by(page: Callable[..., Any]) -> Callable[[View], View]:
    """Draw the page of the form again, with what was typed, when the act is refused.

    The page gets the refusal as `error` and the arguments of the route; the transaction is rolled back by then.
    """

    def mark_view(view: View) -> View:
        view.redrawn_by = page  # type: ignore[attr-defined]
        return view

    return mark_view


def install(app: Flask) -> None:
    """Let an application say no in these ways."""
    app.register_error_handler(Refusal, _say_refusal)
    app.register_error_handler(HTTPException, _say_http)
    app.register_error_handler(DBAPIError, _say_database)
    app.register_error_handler(NoConnection, _say_away)
    app.register_error_handler(OSError, _say_disk)
    app.register_error_handler(HTTPStatus.INTERNAL_SERVER_ERROR, _say_broken)


def _say_refusal(refusal: Refusal) -> BaseResponse:
    # The endpoint, not the path: a path is whatever a stranger wrote, line ends included.
    log.info("refused %s %s: %s %s", request.method, request.endpoint, int(refusal.status), type(refusal).__name__)
    if isinstance(refusal, GoElsewhere) and not _wants_json():
        return _lead(refusal)
    page = getattr(current_app.view_functions.get(request.endpoint or ""), "redrawn_by", None)
    if page is not None and not (_wants_json() or _is_part() or isinstance(refusal, NotAllowed | NotFound)):
        return _redraw(page, refusal)
    return _say_plainly(refusal)


def _redraw(page: Callable[..., Any], refusal: Refusal) -> BaseResponse:
    try:
        return make_response(page(error=refusal, **(request.view_args or {})), refusal.status)
    except Refusal as another:
        # What the form was about is gone meanwhile.
        return _say_plainly(another)


def _say_plainly(refusal: Refusal) -> BaseResponse:
    fields = refusal.fields() if isinstance(refusal, Invalid) else {}
    answer = _say(
        HTTPStatus(refusal.status),
        refusal.sentence(),
        fields,
        name=type(refusal).__name__,
        way_on=getattr(refusal, "way_on", None),
        moment_on=getattr(refusal, "moment_on", None),
    )
    if hasattr(refusal, "retry_after"):
        answer.headers["Retry-After"] = str(refusal.retry_after)
    return answer


def _lead(refusal: GoElsewhere) -> BaseResponse:
    where = refusal.where
    if isinstance(refusal, SignInFirst | ChooseRoleFirst) and request.method == "GET" and not _is_part():
        where += "?next=" + quote(request.full_path.rstrip("?"))
    if _is_part():
        # What another window took over stays where it is, read-only: the browser sees to it (takeover.js).
        headers = {} if isinstance(refusal, TakenOver) else {"HX-Redirect": where}
        return Response(status=refusal.status, headers=headers)
    return redirect(where, HTTPStatus.SEE_OTHER)


def _say_http(error: HTTPException) -> BaseResponse:
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    status = HTTPStatus(error.code)
    response = _say(status, _words(status), {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or []))
    return response


def _words(status: HTTPStatus) -> str:
    limit = request.max_content_length
    # Of a body that comes in pieces nobody knows the size: it is refused where the limit is.
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and limit and (request.content_length or sys.maxsize) > limit:
        return gettext(_TOO_LARGE).format(limit=limit // MEGABYTE)
    return gettext(_WORDS.get(status, _WORDS[HTTPStatus.BAD_REQUEST]))


def _say_database(error: DBAPIError) -> BaseResponse:
    # A server that is away has no error code of its own; everything else is a bug.
    code = getattr(error.orig, "pgcode", None)
    if code == _DISK_FULL:
        return _say_no_room(error)
    if code is None or code.startswith(_GOES) or error.connection_invalidated:
        return _say_away(error)
    raise error


def _say_disk(error: OSError) -> BaseResponse:
    if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        raise error
    return _say_no_room(error)


def _say_no_room(error: Exception) -> BaseResponse:
    log.error("no room: %s", error)
    session.forget_reader()
    return _say(HTTPStatus.INSUFFICIENT_STORAGE, gettext(_NO_ROOM), {})


def _say_away(error: Exception) -> BaseResponse:
    log.error("no database: %s", error)
    session.forget_reader()
    response = _say(HTTPStatus.SERVICE_UNAVAILABLE, gettext(_NO_DATABASE), {})
    response.headers["Retry-After"] = "30"
    return response


def _say_broken(_error: Exception) -> BaseResponse:
    return _say(HTTPStatus.INTERNAL_SERVER_ERROR, gettext(_BROKEN), {})


def _say(
    status: HTTPStatus,
    sentence: str,
    fields: dict[str, str],
    *,
    name: str = "",
    way_on: tuple[str, str] | None = None,
    moment_on: dt.datetime | None = None,
) -> BaseResponse:
    if guards.is_for_programs():
        return problems.say(status, sentence, fields, name=name)
    if _wants_json():
        response = jsonify({"error": sentence, "fields": fields})
        response.status = f"{status.value} {status.phrase}"
        return response
    template = "parts/refusal.html" if _is_part() else "refusal.html"
    request_id = request.environ.get("cec.request_id", "") if status >= HTTPStatus.INTERNAL_SERVER_ERROR else ""
    facts = {"status": status, "sentence": sentence, "fields": fields, "request_id": request_id}
    facts["has_home"] = not guards.is_for_clients()
    page = render_template(template, **facts, name=name, way_on=way_on, moment_on=moment_on)
    return make_response(page, status)


def _wants_json() -> bool:
    accepted = request.accept_mimetypes
    return request.is_json or accepted["application/json"] > accepted["text/html"]


def _is_part() -> bool:
    return request.headers.get("HX-Request") == "true"
