"""Addresses of clients (guide 3.4.3): an exact, normalised match is the client; nothing is guessed."""

from sqlalchemy.dialects.postgresql import insert

from cec.clients.models import Address
from cec.platform import clock
from cec.platform.db import db


def normalise(kind: str, value: str) -> str:
    """Give the form of an address by which it is compared."""
    value = value.strip()
    return value.casefold() if kind == "email" else value


def find_or_add(kind: str, value: str, *, display: str = "") -> Address:
    """Find an address by its normalised value or remember it; two at once make one row."""
    wanted = insert(Address).values(
        type=kind, value=value.strip(), normalised=normalise(kind, value), display=display, last_in_at=clock.now()
    )
    remembered = wanted.on_conflict_do_update(
        index_elements=["type", "normalised"],
        set_={
            "last_in_at": wanted.excluded.last_in_at,
            "display": db.func.coalesce(db.func.nullif(wanted.excluded.display, ""), Address.display),
        },
    ).returning(Address)
    return db.session.scalars(remembered, execution_options={"populate_existing": True}).one()
