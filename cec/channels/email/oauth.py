"""Signing in with a token instead of a password (OAuth 2, XOAUTH2): Google, Microsoft, Yandex, Mail.ru.

The refresh token of a mailbox is kept encrypted; the access token that it gives lives in memory until shortly before
it ends. Some providers give a new refresh token each time: it takes the place of the old one at once.
"""

import base64
import datetime as dt
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from cec.channels import accounts
from cec.channels.models import ChannelAccount
from cec.platform import clock
from cec.platform.db import unit_of_work

TIMEOUT = 15.0
LARGEST = 64 * 1024
# A token that ends within this time is renewed before it is used.
MARGIN = dt.timedelta(minutes=2)
SHORTEST, USUAL = 60, 3600
OK = 200
_known: dict[int, tuple[bytes | None, str, dt.datetime]] = {}
_lock = threading.Lock()


class NoToken(Exception):
    """The provider gives no access: somebody has to consent to it again."""


class BadEndpoint(Exception):
    """The address that gives tokens is no place to ask: https only, and no address of this machine's own network."""


def token_for(account: ChannelAccount) -> str | None:
    """Give the access token of a mailbox, renewed if it ends soon; None when it signs in with a password.

    :raises NoToken, BadEndpoint, OSError: when there is none to be had.
    """
    asked = account.config.get("oauth")
    if not asked:
        return None
    with _lock:
        secrets, token, until = _known.get(account.id, (None, "", clock.now()))
        if token and secrets == account.secrets and until - MARGIN > clock.now():
            return token
        known = accounts.passwords_of(account)
        given = _ask(asked, known.get("oauth_secret", ""), known.get("refresh_token", ""))
        token = str(given["access_token"])
        _keep_newer(account, known, given)
        lasts = dt.timedelta(seconds=max(SHORTEST, int(given.get("expires_in") or USUAL)))
        _known[account.id] = (account.secrets, token, clock.now() + lasts)
    return token


def forget(account: ChannelAccount) -> None:
    """Forget the access token of a mailbox whose server did not take it."""
    _known.pop(account.id, None)


def sasl(user: str, token: str) -> str:
    """Write what the mechanism XOAUTH2 says."""
    return f"user={user}\1auth=Bearer {token}\1\1"


def encoded(user: str, token: str) -> str:
    """Write the same in base64, for POP3."""
    return base64.b64encode(sasl(user, token).encode()).decode()


def _keep_newer(account: ChannelAccount, known: Mapping[str, str], given: Mapping[str, Any]) -> None:
    newer = given.get("refresh_token")
    if newer and newer != known.get("refresh_token"):
        with unit_of_work():
            kept = accounts.get(account.id)
            accounts.keep_passwords(kept, {"refresh_token": str(newer)})
            account.secrets = kept.secrets


def _ask(asked: Mapping[str, Any], secret: str, refresh_token: str) -> dict[str, Any]:
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": str(asked["client_id"])}
    form |= {"client_secret": secret} if secret else {}
    form |= {"scope": str(asked["scope"])} if asked.get("scope") else {}
    status, body = _post(str(asked["token_url"]), urlencode(form))
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        told = {}
    if status != OK or not isinstance(told, dict) or not told.get("access_token"):
        reason = told.get("error") if isinstance(told, dict) else ""
        raise NoToken(f"{status} {str(reason or '')[:100]}".strip())
    return told


def _post(url: str, form: str) -> tuple[int, bytes]:
    """Ask once: no redirect is followed, and no more is read than a token needs."""
    where = urlsplit(url)
    host, port = where.hostname or "", where.port or 443
    address = _address(host, port)
    if where.scheme == "https":
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, port, timeout=TIMEOUT, context=ssl.create_default_context()
        )
    elif where.scheme == "http" and ipaddress.ip_address(address).is_loopback:
        connection = http.client.HTTPConnection(host, where.port or 80, timeout=TIMEOUT)
    else:
        raise BadEndpoint(url[:200])
    # The address that was looked at is the one that is asked, whatever the name says a moment later.
    connection._create_connection = lambda _, *rest: socket.create_connection((address, connection.port), *rest)  # type: ignore[attr-defined]  # noqa: SLF001
    try:
        path = f"{where.path or '/'}?{where.query}" if where.query else where.path or "/"
        connection.request("POST", path, form, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        return answer.status, answer.read(LARGEST)
    except http.client.HTTPException as error:
        raise NoToken(type(error).__name__) from error
    finally:
        connection.close()


def _address(host: str, port: int) -> str:
    """Find the address of a host; a machine of ours that tells secrets to whoever asks (169.254...) is never asked."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0]
    known = ipaddress.ip_address(str(found).partition("%")[0])
    known = getattr(known, "ipv4_mapped", None) or known
    if known.is_link_local or known.is_multicast or known.is_unspecified or known.is_reserved:
        raise BadEndpoint(host[:200])
    return str(found)
