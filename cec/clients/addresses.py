"""Addresses of clients (guide 3.4.3): an exact, normalised match is the client; nothing is guessed."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import TableClause, func
from sqlalchemy.dialects.postgresql import insert

from cec.clients.models import Address, Client
from cec.platform import clock
from cec.platform.db import db


def normalise(kind: str, value: str) -> str:
    """Give the form of an address by which it is compared."""
    value = value.strip()
    return value.casefold() if kind == "email" else value


class Known(NamedTuple):
    """An address and whose it is."""

    id: int
    normalised: str
    client_id: int | None


TABLE: TableClause = Address.__table__  # type: ignore[assignment]
_ADD = insert(TABLE)
_GOOD = {"can_receive": True, "cannot_since": None, "cannot_reason": None}
_REMEMBER = _ADD.on_conflict_do_update(
    index_elements=["type", "normalised"],
    set_={
        "last_in_at": _ADD.excluded.last_in_at,
        "display": func.coalesce(func.nullif(_ADD.excluded.display, ""), TABLE.c.display),
        # Who writes is there.
        **_GOOD,
    },
).returning(TABLE.c.id, TABLE.c.normalised, TABLE.c.client_id)


def find_or_add(kind: str, value: str, *, display: str = "") -> Known:
    """Find an address by its normalised value or remember it; two at once make one row.

    The row stays locked until the transaction ends: what one sender writes at once is taken in turn.
    """
    row = {
        "type": kind,
        "value": value.strip(),
        "normalised": normalise(kind, value),
        "display": display,
        "last_in_at": clock.now(),
        **_GOOD,
    }
    return Known(*db.session.execute(_REMEMBER, row).one())


def find(kind: str, value: str) -> Known | None:
    """Find an address that is known."""
    wanted = db.select(Address.id, Address.normalised, Address.client_id).where(
        Address.type == kind, Address.normalised == normalise(kind, value)
    )
    found = db.session.execute(wanted).one_or_none()
    return Known(*found) if found else None


def client_of(kind: str, value: str) -> Client | None:
    """Find whose an address is."""
    known = find(kind, value)
    return db.session.get(Client, known.client_id) if known and known.client_id else None


def remember(kind: str, value: str) -> Known:
    """Find an address or remember one that nobody has written from yet: a person told it."""
    row = {
        "type": kind,
        "value": value.strip(),
        "normalised": normalise(kind, value),
        "display": "",
        "can_receive": True,
    }
    db.session.execute(_ADD.on_conflict_do_nothing(), row)
    known = find(kind, value)
    assert known is not None, "it is there now"
    return known


_MARK = _ADD.on_conflict_do_update(
    index_elements=["type", "normalised"],
    set_={
        "can_receive": False,
        "cannot_since": func.coalesce(TABLE.c.cannot_since, _ADD.excluded.cannot_since),
        "cannot_reason": _ADD.excluded.cannot_reason,
    },
)


def mark_unreachable(kind: str, reasons: Mapping[str, str]) -> None:
    """Remember of addresses that nothing arrives there, with the words of the last server.

    Before any appeal is locked: whoever takes in a letter locks its sender's address first.
    """
    for value in sorted(reasons, key=lambda value: normalise(kind, value)):
        row = {"type": kind, "value": value.strip(), "normalised": normalise(kind, value), "display": ""}
        broken = {"can_receive": False, "cannot_since": clock.now(), "cannot_reason": reasons[value]}
        db.session.execute(_MARK, row | broken)


def list_unreachable(kind: str, values: Iterable[str]) -> list[Address]:
    """List those of some addresses at which nothing arrives."""
    wanted = {normalise(kind, value) for value in values}
    bad = db.select(Address).where(Address.type == kind, Address.normalised.in_(wanted), Address.can_receive.is_(False))
    return list(db.session.scalars(bad.order_by(Address.id))) if wanted else []
