"""Mail fetched from mailboxes by POP3, for servers without IMAP: kept and committed first; nothing is deleted.

POP3 knows no "read" and no order that lasts: which mails were taken is remembered by the names that the server gives
them (UIDL), for as long as they are there. Of a mailbox that is new to us the mails of the last day are taken.
"""

import contextlib
import datetime as dt
import poplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from cec.channels import accounts, probing, receiving
from cec.channels.channel import Unreadable
from cec.channels.email import headers, identity, mailbox, oauth, parts
from cec.channels.email import threading as signatures
from cec.channels.models import ChannelAccount
from cec.platform import clock, storage
from cec.platform.db import db, unit_of_work

# Seconds between two looks: the mailbox is locked for everybody else while it is open.
POLL = 20.0
# Of a mailbox that is new to us so many of the last mails are looked at for their date.
LOOKED_AT = 200
NEW_IS = dt.timedelta(days=1)
_LONGEST_LINE = 2**20
NETWORK = (OSError, EOFError, poplib.error_proto)


class NoNames(Exception):
    """The server does not name its mails (UIDL)."""


class NotLetIn(Exception):
    """The server did not accept the name or password."""


class _Lenient:
    """poplib itself gives a mail up for a line of more than 2,048 characters."""

    file: Any

    def _getline(self) -> tuple[bytes, int]:
        line = self.file.readline(_LONGEST_LINE)
        if not line:
            raise poplib.error_proto("-ERR EOF")
        return line.removesuffix(b"\n").removesuffix(b"\r"), len(line)


class _Plain(_Lenient, poplib.POP3):
    pass


class _Secure(_Lenient, poplib.POP3_SSL):
    pass


def fetch(account_id: int, *, by: str | None = None) -> int:
    """Open a mailbox, take in what is new and tell how many mails that were; `by` names the node that keeps it.

    :raises OSError, poplib.error_proto, NotLetIn, NoNames, NotOurs: as the network, the server and the nodes have it.
    """
    with unit_of_work():
        account = accounts.get(account_id)
        db.session.refresh(account)
        server, cursor = account.config["pop3"], account.cursor
    with connected(account) as box:
        names, sizes = _names(box), _sizes(box)
        known = set(cursor["uidls"]) if cursor.get("uidls") is not None else _old(box, names)
        new = [number for number, name in names.items() if name not in known]
        taken = 0
        for number in new[: mailbox.BATCH]:
            given = _given(box, number, sizes.get(number, 0))
            taken += _keep(account, given, f"pop3:{server['host']}:{names[number]}")
            known.add(names[number])
    kept = {"uidls": sorted(known.intersection(names.values()))}
    with unit_of_work():
        mailbox.remember(account_id, by, cursor=kept, looked_at=clock.now(), last_error=None, error_detail=None)
    return taken


@contextmanager
def connected(account: ChannelAccount, *, timeout: float = mailbox.TIMEOUT) -> Iterator[poplib.POP3]:
    """Open a mailbox.

    :raises OSError, poplib.error_proto, NotLetIn: when the server cannot be reached or does not let us in.
    """
    server: Mapping[str, Any] = account.config["pop3"]
    host, port, tls = str(server["host"]), int(server["port"]), server.get("tls", "tls")
    trust = ssl.create_default_context()
    box: poplib.POP3 = (
        _Secure(host, port, timeout=timeout, context=trust) if tls == "tls" else _Plain(host, port, timeout=timeout)
    )
    try:
        if tls == "starttls":
            box.stls(trust)
        _sign_in(box, account, str(server.get("user", "")))
        yield box
        box.quit()
    finally:
        with contextlib.suppress(*NETWORK):
            box.close()


def _sign_in(box: poplib.POP3, account: ChannelAccount, user: str) -> None:
    token = oauth.token_for(account)
    try:
        if token:
            box._shortcmd(f"AUTH XOAUTH2 {oauth.encoded(user, token)}")  # type: ignore[attr-defined]  # noqa: SLF001
        else:
            box.user(user)
            box.pass_(accounts.passwords_of(account).get("pop3", ""))
    except poplib.error_proto as error:
        oauth.forget(account)
        raise NotLetIn(str(error)) from error


def _names(box: poplib.POP3) -> dict[int, str]:
    """Give the names of all mails by their numbers, oldest first."""
    try:
        lines = box.uidl()[1]
    except poplib.error_proto as error:
        raise NoNames(str(error)) from error
    pairs = (line.decode("ascii", "replace").split(None, 1) for line in lines)
    return {int(pair[0]): pair[1] for pair in pairs if len(pair) > 1}


def _sizes(box: poplib.POP3) -> dict[int, int]:
    pairs = (line.split()[:2] for line in box.list()[1])
    return {int(number): int(size) for number, size in pairs}


def _old(box: poplib.POP3, names: Mapping[int, str]) -> set[str]:
    """Find what was there before we came: everything but the mails of the last day."""
    since = clock.now() - NEW_IS
    new = {number for number in list(names)[-LOOKED_AT:] if _is_recent(box, number, since)}
    return {name for number, name in names.items() if number not in new}


def _is_recent(box: poplib.POP3, number: int, since: dt.datetime) -> bool:
    """Tell whether a mail was written since a moment; one that does not say is better read than missed."""
    try:
        head = b"\r\n".join(box.top(number, 0)[1])
    except poplib.error_proto:  # a server without TOP
        return False
    written = headers.moment(parts.read(head + b"\r\n\r\n").headers.raw("date"))
    return written is None or written > since


def _keep(account: ChannelAccount, given: tuple[bytes, type[Unreadable] | None], called: str) -> int:
    """Keep one mail and commit; what the server does not give out, or is too large, is in quarantine."""
    raw, trouble = given
    event_id = identity.event_id(raw) if raw else called
    if signatures.is_trial(event_id):
        with unit_of_work():
            probing.came_back(account.id)
        return 0
    with unit_of_work():
        kept = receiving.receive(account, event_id, raw, {"rcpt_tos": [account.address]})
        if kept is not None and trouble:
            receiving.quarantine(receiving.get(kept), trouble.template())
    return kept is not None


def _given(box: poplib.POP3, number: int, size: int) -> tuple[bytes, type[Unreadable] | None]:
    is_whole = size <= storage.largest()
    try:
        lines = (box.retr(number) if is_whole else box.top(number, 0))[1]
    except poplib.error_proto:
        return b"", mailbox.NotGiven
    return b"\r\n".join(lines) + b"\r\n", None if is_whole else mailbox.TooLarge
