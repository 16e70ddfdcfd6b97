"""What all doors of a web chat ask: which chat, which site, which visitor; and what other sites may read of them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import orjson
from flask import Blueprint, Response, request

from cec.channels import webhooks
from cec.channels.models import ChannelAccount
from cec.channels.webchat import looks, tokens
from cec.channels.webchat.founding import CHANNEL
from cec.channels.webchat.tokens import Guest
from cec.platform.errors import NotAllowed, NotFound
from cec.web.guards import allow

PREFIX = "/webchat/<code>"
_ORIGIN = "cec.origin"
# For how long a browser need not ask again whether a site may call; in seconds.
REMEMBERED = 7200
# Bodies of JSON are small; files come otherwise.
LARGEST = 64 * 1024
BEARER = "Bearer "

bp = Blueprint("webchat_door", __name__)


class NoSuchChat(NotFound):
    """There is no such chat here."""


class ForeignSite(NotAllowed):
    """This chat may not be shown on this site."""


class NotJson(NotAllowed):
    """This request cannot be understood."""

    status = HTTPStatus.BAD_REQUEST


def account(code: str) -> ChannelAccount:
    """Get the chat that a request is for; the site that asks must be on its list, or be the centre itself.

    :raises NoSuchChat: also of accounts of other channels.
    :raises ForeignSite: browsers say from which site a request comes.
    """
    try:
        found = webhooks.account(code)
    except webhooks.UnknownAccount:
        raise NoSuchChat from None
    if found.channel != CHANNEL:
        raise NoSuchChat
    _check_origin(found)
    return found


def _check_origin(account: ChannelAccount) -> None:
    origin = request.headers.get("Origin")
    if origin is None:
        return
    if origin not in looks.read(account.config).origins and urlsplit(origin).netloc != request.host:
        raise ForeignSite
    request.environ[_ORIGIN] = origin


def guest(account: ChannelAccount) -> Guest:
    """Get the visitor who asks.

    :raises NotThatVisitor: when his token is none of ours.
    """
    token = request.headers.get("Authorization", "")
    return tokens.read(account, token.removeprefix(BEARER) if token.startswith(BEARER) else "")


def said() -> Mapping[str, Any]:
    """Read the body of a request: an object of JSON, and a small one.

    :raises NotJson: when it is none.
    """
    if (request.content_length or 0) > LARGEST:
        raise NotJson
    try:
        found = orjson.loads(request.get_data())
    except orjson.JSONDecodeError:
        raise NotJson from None
    if not isinstance(found, dict):
        raise NotJson
    return found


def opened(part: Blueprint) -> Blueprint:
    """Let other sites read what these doors answer."""
    part.after_request(_let_read)
    return part


def _let_read(response: Response) -> Response:
    """Name the one site that asked and may; a shared cache must not give its answer to another one."""
    response.headers.add("Vary", "Origin")
    origin = request.environ.get(_ORIGIN)
    if origin is not None:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = "ETag, Retry-After"
    return response


@bp.route(f"{PREFIX}/<path:_rest>", methods=["OPTIONS"], provide_automatic_options=False)
@bp.route("/live/webchat/<code>", defaults={"_rest": ""}, methods=["OPTIONS"], provide_automatic_options=False)
@allow.programs
def ask_first(code: str, _rest: str) -> Response:
    """Tell a browser whether a site may call these doors."""
    account(code)
    response = Response(status=HTTPStatus.NO_CONTENT)
    response.headers["Access-Control-Allow-Methods"] = "GET, POST"
    response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, If-None-Match, Last-Event-ID"
    response.headers["Access-Control-Max-Age"] = str(REMEMBERED)
    return response


opened(bp)
