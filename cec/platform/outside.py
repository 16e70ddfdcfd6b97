"""Asking servers outside by HTTP: never an address of our own network, no redirects, never longer or more than told.

A name is looked up once and the address that was looked at is the one that is asked, so that a name which changes its
address in between (rebinding) gains nothing (QUALITY, security: SSRF).
"""

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from flask import current_app

TIMEOUT = 15.0
LARGEST = 64 * 1024
_PIECE = 64 * 1024
_PORTS = {"http": 80, "https": 443}
# Networks that the standard library calls global or knows nothing of, and that lead back to us: translation prefixes,
# relays and carriers' own nets, the addresses at which clouds tell their secrets.
_OURS = [
    ipaddress.ip_network(net)
    for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "100.64.0.0/10", "192.0.0.0/24",
                "168.63.129.16/32", "fec0::/10", "::/96")
]  # fmt: skip


class NotThere(Exception):
    """This address is not asked: it has to begin with https:// or http:// and to lead out of our own network."""


class NoAnswer(Exception):
    """The server did not answer in time, or broke off; it may have heard what it was told."""


class NotReached(NoAnswer):
    """The server could not be reached: it has heard nothing."""


class TooMuch(Exception):
    """The answer is larger than what is taken."""


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(
    method: str,
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
    largest: int = LARGEST,
    inside: Collection[str] = (),
) -> Answer:
    """Ask a server once; seconds and bytes are those of the whole answer. `inside` names hosts of our own network.

    :raises NotThere: when the address leads into our own network, or is none.
    :raises NotReached: when the server has heard nothing.
    :raises NoAnswer: when nobody answers in time.
    :raises TooMuch: when the answer is too large.
    """
    where = split(url)
    until = time.monotonic() + timeout
    connection = _connection(where, _address(where, inside), timeout)
    try:
        _connect(connection)
        path = f"{where.path or '/'}?{where.query}" if where.query else where.path or "/"
        connection.request(method, path, body, {"User-Agent": "CEC", **(headers or {})})
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, told, _read(connection, answer, until, largest))
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise NoAnswer(f"{type(error).__name__}: {error}"[:300]) from error
    finally:
        with suppress(OSError):
            connection.close()


def _connect(connection: http.client.HTTPConnection) -> None:
    try:
        connection.connect()
    except (OSError, http.client.HTTPException) as error:
        raise NotReached(f"{type(error).__name__}: {error}"[:300]) from error


def trusted() -> list[str]:
    """Name the hosts of our own network to which this installation lets events and answers go (CEC_INSIDE_HOSTS)."""
    return [host.strip() for host in current_app.config["CEC"].inside_hosts.split(",") if host.strip()]


def split(url: str) -> SplitResult:
    """Take an address apart.

    :raises NotThere: when it is none that can be asked, whoever may be there.
    """
    try:
        where = urlsplit(url)
        is_good = where.scheme in _PORTS and bool(where.hostname) and where.username is None and where.port != 0
    except ValueError:
        is_good = False
    if not is_good or not url.isascii() or not url.isprintable() or " " in url:
        raise NotThere(url[:200])
    return where


def is_outside(address: str) -> bool:
    """Tell whether an IP address leads out of our own network."""
    known = ipaddress.ip_address(address.partition("%")[0])
    known = getattr(known, "ipv4_mapped", None) or known
    if any(known.version == net.version and known in net for net in _OURS):
        return False
    return known.is_global and not known.is_multicast and not known.is_reserved


def _address(where: SplitResult, inside: Collection[str]) -> str:
    host = where.hostname or ""
    port = where.port or _PORTS[where.scheme]
    try:
        found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise NotReached(f"{type(error).__name__}: {error}"[:300]) from error
    # All of them: a name with one good and one bad address is a trick.
    if host.lower() not in {one.lower() for one in inside} and not all(map(is_outside, found)):
        raise NotThere(where.geturl()[:200])
    return found[0]


def _connection(where: SplitResult, address: str, timeout: float) -> http.client.HTTPConnection:
    host, port = where.hostname or "", where.port or _PORTS[where.scheme]
    connection: http.client.HTTPConnection
    if where.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(host, port, timeout=timeout, context=context)
    else:
        connection = http.client.HTTPConnection(host, port, timeout=timeout)
    connection._create_connection = lambda _, *rest: socket.create_connection((address, port), *rest)  # type: ignore[attr-defined]  # noqa: SLF001 - the name stays for TLS and Host, the address is the one that was looked at
    return connection


def _read(
    connection: http.client.HTTPConnection, answer: http.client.HTTPResponse, until: float, largest: int
) -> bytes:
    """Read in pieces: whoever sends a byte a minute is left when the time is over."""
    said = answer.getheader("Content-Length") or ""
    if said.isdigit() and int(said) > largest:
        raise TooMuch
    pieces: list[bytes] = []
    size = 0
    while True:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        if connection.sock is not None:
            connection.sock.settimeout(left)
        piece = answer.read1(_PIECE)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
        size += len(piece)
        if size > largest:
            raise TooMuch
