"""Addresses of clients (guide 3.4.3): an exact, normalised match is the client; nothing is guessed."""

from typing import NamedTuple

from sqlalchemy import TableClause, func
from sqlalchemy.dialects.postgresql import insert

from cec.clients.models import Address
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
_REMEMBER = _ADD.on_conflict_do_update(
    index_elements=["type", "normalised"],
    set_={
        "last_in_at": _ADD.excluded.last_in_at,
        "display": func.coalesce(func.nullif(_ADD.excluded.display, ""), TABLE.c.display),
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
    }
    return Known(*db.session.execute(_REMEMBER, row).one())
