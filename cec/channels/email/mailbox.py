"""Mail fetched from mailboxes by IMAP: kept and committed first, marked as seen after; nothing is deleted."""

import datetime as dt
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from imap_tools import MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError
from sqlalchemy.exc import SQLAlchemyError

from cec.channels import accounts, receiving
from cec.channels.channel import Unreadable
from cec.channels.email import identity
from cec.channels.models import ChannelAccount
from cec.platform import clock
from cec.platform.db import db, unit_of_work

log = logging.getLogger(__name__)

TIMEOUT = 30
# How many mails one fetch takes in, so that a full mailbox does not keep the others waiting.
BATCH = 500
LARGEST = 25 * 1024 * 1024
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_NETWORK = (OSError, ImapToolsError, EOFError)


class TooLarge(Unreadable):
    """The mail is too large to be taken in; it is still in the mailbox."""


class WrongAnswer(ImapToolsError):
    """The mail server answers what nobody asked."""


@dataclass
class _Place:
    """How far a mailbox is read: which numbering of mails, the last number, since when it is read at all."""

    uidvalidity: int
    last: int
    since: str

    def cursor(self) -> dict[str, Any]:
        return {"uidvalidity": self.uidvalidity, "last_uid": self.last, "since": self.since}


def fetch_all() -> int:
    """Fetch all mailboxes; one that fails says so in its account and keeps nobody else from his mail."""
    with unit_of_work():
        wanted = [account.id for account in accounts.list_active("email") if account.config.get("imap")]
    return sum(_attempt(account_id) for account_id in wanted)


def _attempt(account_id: int) -> int:
    try:
        return fetch(account_id)
    except SQLAlchemyError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a foreign server provokes, the others are fetched
        log.warning("mailbox %s: %s", account_id, type(error).__name__)
        with unit_of_work():
            accounts.get(account_id).last_error = f"{type(error).__name__}: {error}"[:500].replace("\x00", "")
        return 0


def fetch(account_id: int) -> int:
    """Fetch the new mail of one mailbox and tell how many mails were taken in.

    :raises OSError, ImapToolsError: as the network and the server have it.
    """
    with unit_of_work():
        account = accounts.get(account_id)
        server, password = account.config.get("imap"), accounts.passwords_of(account).get("imap", "")
    if not server:
        return 0
    with connected(server, password) as box:
        place, uids = _new(box, server, account)
        taken = sum(_take(box, account, place, uid) for uid in uids[:BATCH])
    with unit_of_work():
        known = accounts.get(account_id)
        known.last_error, known.cursor = None, place.cursor()
    return taken


@contextmanager
def connected(server: Mapping[str, Any], password: str, *, timeout: float = TIMEOUT) -> Iterator[Any]:
    """Open a mailbox at its folder.

    :raises OSError, ImapToolsError: when the server cannot be reached or does not let us in.
    """
    kind = {"tls": MailBox, "starttls": MailBoxStartTls, "none": MailBoxUnencrypted}[server.get("tls", "tls")]
    box = kind(str(server["host"]), int(server["port"]), timeout=timeout)
    try:
        yield box.login(str(server.get("user", "")), password, initial_folder=folder(server))
    finally:
        try:
            box.logout()
        except _NETWORK:
            # Some servers have hung up by now; what went wrong before is what counts.
            with suppress(OSError):
                box.client.shutdown()


def folder(server: Mapping[str, Any]) -> str:
    """Tell which folder is read."""
    return str(server.get("folder") or "INBOX")


def _new(box: Any, server: Mapping[str, Any], account: ChannelAccount) -> tuple[_Place, list[int]]:
    """Find mails that were not taken in yet, oldest first.

    A new mailbox: what nobody has read. Numbered anew by the server: everything since we began; what is known is
    known by its Message-ID.
    """
    validity = int(box.folder.status(folder(server), ["UIDVALIDITY"])["UIDVALIDITY"])
    known = account.cursor
    since = known.get("since") or f"{clock.now() - dt.timedelta(days=1):%d-%b-%Y}"
    if not known:
        return _Place(validity, _highest(box), since), _uids(box, "UNSEEN UNDELETED")
    if known.get("uidvalidity") != validity:
        return _Place(validity, 0, since), _uids(box, f"SINCE {since} UNDELETED")
    last = int(known.get("last_uid", 0))
    # "n:*" always finds the last mail, also one below n.
    return _Place(validity, last, since), [uid for uid in _uids(box, f"UID {last + 1}:* UNDELETED") if uid > last]


def _highest(box: Any) -> int:
    return max(_uids(box, "ALL"), default=0)


def _uids(box: Any, criteria: str) -> list[int]:
    return sorted(int(uid) for uid in box.uids(criteria))


def _take(box: Any, account: ChannelAccount, place: _Place, uid: int) -> int:
    """Keep one mail, commit, and only then mark it as seen: a crash in between fetches it again, as a repeat."""
    raw, is_whole = _raw(box, uid)
    with unit_of_work():
        place.last = max(place.last, uid)
        inbound = receiving.receive(
            account, identity.event_id(raw), raw, {"folder": "imap", "uid": uid, "to": [account.address]}
        )
        if inbound is not None and not is_whole:
            receiving.quarantine(inbound, TooLarge().reason)
        db.session.execute(
            db.update(ChannelAccount).where(ChannelAccount.id == account.id).values(cursor=place.cursor())
        )
    box.client.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)")
    return inbound is not None


def _raw(box: Any, uid: int) -> tuple[bytes, bool]:
    """Read a mail without marking it; of one that is too large the headers only."""
    sizes = _SIZE.search(b" ".join(_pieces(box, uid, "(RFC822.SIZE)")))
    is_whole = sizes is None or int(sizes[1]) <= LARGEST
    pieces = _pieces(box, uid, "(BODY.PEEK[])" if is_whole else "(BODY.PEEK[HEADER])")
    if not pieces:
        raise WrongAnswer(f"mail {uid} is listed, but not given")
    return max(pieces, key=len), is_whole


def _pieces(box: Any, uid: int, what: str) -> list[bytes]:
    _, answer = box.client.uid("FETCH", str(uid), what)
    found: list[bytes] = []
    for piece in answer or []:
        if isinstance(piece, tuple):
            found.append(piece[1])
        elif isinstance(piece, bytes) and what == "(RFC822.SIZE)":
            found.append(piece)
    return found
