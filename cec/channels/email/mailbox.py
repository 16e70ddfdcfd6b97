"""Mail fetched from mailboxes by IMAP: kept and committed first, marked as seen after; nothing is deleted."""

import datetime as dt
import imaplib
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Any

from imap_tools import MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxLoginError

from cec.channels import accounts, probing, receiving
from cec.channels.channel import Unreadable
from cec.channels.email import identity, oauth
from cec.channels.email import threading as signatures
from cec.channels.models import ChannelAccount
from cec.platform import clock, storage
from cec.platform.db import db, unit_of_work

TIMEOUT = 30
# Seconds: how long a server is trusted to tell of new mail; how often one is asked that does not tell.
IDLE, POLL = 25.0, 5.0
AT_ONCE = 0.5
# How many mails one fetch takes in, so that a full mailbox does not keep the others waiting.
BATCH = 500
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
NETWORK = (OSError, ImapToolsError, EOFError, imaplib.IMAP4.error)


class TooLarge(Unreadable):
    """The mail is too large to be taken in; it is still in the mailbox."""


class NotOurs(Exception):
    """Another node reads this mailbox now."""


class NotGiven(Unreadable):
    """The mail server has this mail and does not give it out; look at it in the mailbox."""


@dataclass
class _Place:
    """How far a mailbox is read."""

    # The server's numbering of mails; another one is another numbering.
    uidvalidity: int
    last_uid: int
    # Mails up to this number were there before we began with this numbering: of them only those that `old` finds.
    began_uid: int
    old: str
    # The day before the centre began to read this mailbox.
    since: str


def fetch(account_id: int) -> int:
    """Open a mailbox, take in what is new and tell how many mails that were.

    :raises OSError, ImapToolsError: as the network and the server have it.
    """
    with unit_of_work():
        account = accounts.get(account_id)
    if not account.config.get("imap"):
        return 0
    with connected(account) as box:
        return look(box, account_id)


def look(box: Any, account_id: int, *, by: str | None = None) -> int:
    """Take in what is new in an open mailbox and tell how many mails that were; `by` names the node that keeps it.

    :raises NotOurs: when another node has taken the mailbox over meanwhile.
    """
    with unit_of_work():
        account = accounts.get(account_id)
        db.session.refresh(account)
    place = _place(box, account.config["imap"], account.cursor)
    uids, highest = _new(box, place)
    taken = sum(_take(box, account, place, uid, by) for uid in uids[:BATCH])
    if len(uids) <= BATCH:
        place.last_uid = max(place.last_uid, highest)
    with unit_of_work():
        remember(account_id, by, cursor=asdict(place), looked_at=clock.now(), last_error=None, error_detail=None)
    return taken


def remember(account_id: int, by: str | None, **values: Any) -> None:
    """Note how a mailbox stands, unless another node has it meanwhile.

    :raises NotOurs: when it has.
    """
    known = db.update(ChannelAccount).where(ChannelAccount.id == account_id).values(**values)
    if by is not None:
        known = known.where(ChannelAccount.keeper == by)
    if db.session.execute(known.returning(ChannelAccount.id)).scalar() is None:
        raise NotOurs


def await_mail(box: Any, over: threading.Event) -> None:
    """Wait until the server tells of new mail or it is time to look anyway; `over` ends it within a second."""
    if "IDLE" not in box.client.capabilities:
        over.wait(POLL)
        box.client.noop()
        return
    box.idle.start()
    until = time.monotonic() + IDLE
    while not over.is_set() and time.monotonic() < until:
        began = time.monotonic()
        told = box.idle.poll(timeout=1)
        # Nothing, and at once: the connection has gone, and saying goodbye to IDLE finds that out.
        if any(b"EXISTS" in line for line in told) or (not told and time.monotonic() - began < AT_ONCE):
            break
    box.idle.stop()


def hang_up(box: Any) -> None:
    """Break the conversation off, from whatever thread."""
    with suppress(OSError, AttributeError):
        box.client.sock.shutdown(socket.SHUT_RDWR)


@contextmanager
def connected(account: ChannelAccount, *, timeout: float = TIMEOUT) -> Iterator[Any]:
    """Open a mailbox at its folder.

    :raises OSError, ImapToolsError: when the server cannot be reached or does not let us in.
    """
    server: Mapping[str, Any] = account.config["imap"]
    kind = {"tls": MailBox, "starttls": MailBoxStartTls, "none": MailBoxUnencrypted}[server.get("tls", "tls")]
    # imaplib on its own would trust any certificate.
    trust = {} if kind is MailBoxUnencrypted else {"ssl_context": ssl.create_default_context()}
    box = kind(str(server["host"]), int(server["port"]), timeout=timeout, **trust)
    try:
        token = oauth.token_for(account)
        if token:
            _sign_in(box, account, token)
        else:
            password = accounts.passwords_of(account).get("imap", "")
            box.login(str(server.get("user", "")), password, initial_folder=folder(server))
        box.client.capabilities = tuple(box.client.capability()[1][0].decode("ascii", "replace").upper().split())
        yield box
    finally:
        try:
            box.logout()
        except NETWORK:
            # Some servers have hung up by now; what went wrong before is what counts.
            with suppress(OSError):
                box.client.shutdown()


def _sign_in(box: Any, account: ChannelAccount, token: str) -> None:
    server = account.config["imap"]
    try:
        box.xoauth2(str(server.get("user", "")), token, initial_folder=folder(server))
    except imaplib.IMAP4.error as error:
        oauth.forget(account)
        raise MailboxLoginError(("NO", [str(error).encode()]), "OK") from error


def folder(server: Mapping[str, Any]) -> str:
    """Tell which folder is read."""
    return str(server.get("folder") or "INBOX")


def _place(box: Any, server: Mapping[str, Any], cursor: Mapping[str, Any]) -> _Place:
    """Remember how far the mailbox is read.

    A new mailbox begins with what nobody has read. One that the server numbers anew is looked through from the day we
    began; what was taken in already is known by its Message-ID.
    """
    validity = int(box.folder.status(folder(server), ["UIDVALIDITY"])["UIDVALIDITY"])
    if cursor and cursor["uidvalidity"] == validity:
        return _Place(**cursor)
    since = cursor["since"] if cursor else f"{clock.now() - dt.timedelta(days=1):%d-%b-%Y}"
    old = f"SINCE {since}" if cursor else "UNSEEN"
    return _Place(validity, last_uid=0, began_uid=max(_uids(box, "ALL"), default=0), old=old, since=since)


def _new(box: Any, place: _Place) -> tuple[list[int], int]:
    """Find mails that were not taken in yet, oldest first, and the highest number there is."""
    # "n:*" always finds the last mail, also one below n.
    there = [uid for uid in _uids(box, f"UID {place.last_uid + 1}:* UNDELETED") if uid > place.last_uid]
    if place.last_uid < place.began_uid:
        old = set(_uids(box, f"{place.old} UNDELETED"))
        return [uid for uid in there if uid > place.began_uid or uid in old], max(there, default=0)
    return there, max(there, default=0)


def _uids(box: Any, criteria: str) -> list[int]:
    return sorted(int(uid) for uid in box.uids(criteria))


def _take(box: Any, account: ChannelAccount, place: _Place, uid: int, by: str | None) -> int:
    """Keep one mail, commit, and only then mark it as seen: a crash in between fetches it again, as a repeat."""
    given = _given(box, uid)
    place.last_uid = max(place.last_uid, uid)
    with unit_of_work():
        is_kept = _keep(account, place, uid, given) if given else False
        remember(account.id, by, cursor=asdict(place))
    if given:
        # A mail to ourselves, to see that mail comes through, is not left lying about.
        is_trial = bool(given[0]) and signatures.is_trial(identity.event_id(given[0]))
        box.client.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen \Deleted)" if is_trial else r"(\Seen)")
    return is_kept


def _keep(account: ChannelAccount, place: _Place, uid: int, given: tuple[bytes, type[Unreadable] | None]) -> bool:
    raw, trouble = given
    event_id = identity.event_id(raw) if raw else f"imap:{place.uidvalidity}:{uid}"
    if signatures.is_trial(event_id):
        probing.came_back(account.id)
        return False
    number = receiving.receive(account, event_id, raw, {"uid": uid, "rcpt_tos": [account.address]})
    if number is not None and trouble:
        receiving.quarantine(receiving.get(number), trouble.template())
    return number is not None


def _given(box: Any, uid: int) -> tuple[bytes, type[Unreadable] | None] | None:
    """Read a mail without marking it, and say what is wrong with it; None when it has gone meanwhile."""
    is_given, told = _fetched(box, uid, "(RFC822.SIZE)")
    size = _SIZE.search(b" ".join(piece for piece in told if isinstance(piece, bytes)))
    is_whole = size is None or int(size[1]) <= storage.largest()
    is_given, told = _fetched(box, uid, "(BODY.PEEK[])" if is_whole else "(BODY.PEEK[HEADER])")
    if not is_given:
        return b"", NotGiven
    raw = next((piece[1] for piece in told if isinstance(piece, tuple)), None)
    return None if raw is None else (raw, None if is_whole else TooLarge)


def _fetched(box: Any, uid: int, what: str) -> tuple[bool, list[Any]]:
    try:
        answer, told = box.client.uid("FETCH", str(uid), what)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:  # the server stumbles over this mail: it must not keep us from the others
        return False, []
    return answer == "OK", told or []
