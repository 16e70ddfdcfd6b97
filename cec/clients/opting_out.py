"""A client does not want to be written to first: he said so by a word, or an employee noted it (guide 3.2.6)."""

from typing import Protocol

from sqlalchemy import text

from cec.clients.models import OptOut
from cec.platform import clock, journal
from cec.platform.db import db

OUT, BACK = "client.opted_out", "client.opted_back_in"
# A message that is one of these words alone says it, in any case and with any signs around it.
WORDS = frozenset({"стоп", "отписаться", "отпишите", "stop", "unsubscribe"})
# Words with more signs around them than this are no such message.
LONGEST = 100


class Whose(Protocol):
    """An address, and whose it is if that is known."""

    @property
    def id(self) -> int:
        """Give the number of the address."""

    @property
    def client_id(self) -> int | None:
        """Give the number of the client's card."""


def says(words: str) -> bool:
    """Tell whether a message says nothing else than that its sender does not want to be written to first."""
    if len(words) > LONGEST:
        return False
    signs = "".join(sign for sign in words if not sign.isalnum())
    return words.strip(signs).casefold() in WORDS


# Of a client, and of an address alone: by the end of a transaction only one has written or read.
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('opt_out'), hashtext(:whose))")
# What an address says: its client's word, its own, that of another address of its client.
FOUND = """
    (SELECT * FROM opt_out WHERE client_id = {client}
     UNION ALL SELECT * FROM opt_out WHERE address_id = {address}
     UNION ALL SELECT o.* FROM opt_out o JOIN address his ON his.id = o.address_id WHERE his.client_id = {client})"""
_IDS = text(f"SELECT id FROM {FOUND.format(client=':client', address=':address')} found ORDER BY since, id")  # noqa: S608


def lock(whose: Whose) -> None:
    """Let nobody else write to a client first, or note what he wants, until the transaction ends."""
    name = f"client:{whose.client_id}" if whose.client_id else f"address:{whose.id}"
    db.session.execute(_LOCK, {"whose": name})


def find(whose: Whose) -> OptOut | None:
    """Find since when the owner of an address does not want to be written to first, if he does not."""
    ids = _ids(whose)
    return db.session.get(OptOut, ids[0], populate_existing=True) if ids else None


def opt_out(whose: Whose, *, by: str, employee_id: int | None = None, of: str, message_id: int | None = None) -> None:
    """Note that a client does not want to be written to first; `of` is the appeal in which it is noted.

    Noted twice, the first time counts.
    """
    lock(whose)
    if _ids(whose):
        return
    mine = {"client_id": whose.client_id} if whose.client_id else {"address_id": whose.id}
    db.session.add(OptOut(**mine, since=clock.now(), employee_id=employee_id))
    db.session.flush()
    journal.record(OUT, of, by=by, message_id=message_id)


def opt_back_in(whose: Whose, *, by: str, of: str) -> None:
    """Note that a client may be written to first again."""
    lock(whose)
    ids = _ids(whose)
    if ids:
        db.session.execute(db.delete(OptOut).where(OptOut.id.in_(ids)))
        journal.record(BACK, of, by=by)


def _ids(whose: Whose) -> list[int]:
    return list(db.session.scalars(_IDS, {"client": whose.client_id, "address": whose.id}))
