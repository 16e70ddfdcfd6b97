"""What keeps other sites out: no foreign acts, no foreign scripts, no frames around us."""

import sys
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Response, g, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from cec.platform.errors import NotAllowed
from cec.web import guards

_SAFE = {"GET", "HEAD", "OPTIONS"}
_FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}

_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_WITH_STYLES = f"{_POLICY}; style-src-attr 'unsafe-inline'"

_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


# What programs are answered is no page: nothing of it is ever run or framed.
_FOR_PROGRAMS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


class ForeignRequest(NotAllowed):
    """This came from another site and was not done."""


def check_size() -> None:
    """Refuse what says of itself that it is too large, before any of it is read; the rest is cut off on the way."""
    if (request.content_length or 0) > (request.max_content_length or sys.maxsize):
        raise RequestEntityTooLarge


def check_origin() -> None:
    """Refuse an act that a page of another site sent with our person's cookie.

    Browsers say where a request comes from; programs that say nothing carry no cookie of ours either.
    """
    if request.method in _SAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        ours = site in {"same-origin", "none"}
    else:
        ours = origin is None or urlsplit(origin).netloc == request.host
    if not ours:
        raise ForeignRequest


def check_form() -> None:
    """Refuse a body that is no form, and what no keyboard types and no table keeps: a NUL in a field."""
    has_body = request.content_length or "Transfer-Encoding" in request.headers
    if has_body and request.method not in _SAFE and request.mimetype not in _FORMS:
        raise BadRequest
    if any("\0" in value for _name, value in request.form.items(multi=True)):
        raise BadRequest


def allow_style_attributes() -> None:
    """Let the page that is being answered hold style attributes: dmn-js writes them where it draws a decision."""
    g.has_styles = True


def add_headers(response: Response) -> Response:
    """Add what a view did not set itself; a page with somebody's data is not kept by the browser."""
    if g.get("has_styles"):
        response.headers.setdefault("Content-Security-Policy", _WITH_STYLES)
    for header, value in (_FOR_PROGRAMS if guards.is_for_programs() else _HEADERS).items():
        response.headers.setdefault(header, value)
    response.headers["X-Request-Id"] = request.environ.get("cec.request_id", "")
    if request.endpoint != "static" and response.status_code != HTTPStatus.NOT_MODIFIED:
        response.headers.setdefault("Cache-Control", "no-store")
    return response
