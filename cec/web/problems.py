"""How a no looks to a program: application/problem+json (RFC 9457), each wrong field by its path, in its language."""

from http import HTTPStatus

import orjson
from flask import Response, request


def say(status: HTTPStatus, sentence: str, fields: dict[str, str], *, name: str = "") -> Response:
    """Say what is wrong: `code` is for programs and stays, `detail` and the messages are for people."""
    told = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": sentence,
        "code": name or status.name.lower(),
        "request_id": request.environ.get("cec.request_id", ""),
    }
    if fields:
        told["errors"] = [{"path": path, "message": message} for path, message in fields.items()]
    response = Response(orjson.dumps(told), status.value, mimetype="application/problem+json")
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
