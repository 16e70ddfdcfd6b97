"""People who turn to us, with a card or known by an address alone: finding one, and what is his (guide 2.4, 3.4)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import selectinload

from cec.clients.models import Address, Client
from cec.platform.db import db, words_of
from cec.platform.errors import NotFound

LEAST = 3
MOST = 50


@dataclass(frozen=True)
class Person:
    """A client with his addresses; or an address whose owner has no card."""

    client: Client | None
    addresses: Sequence[Address]

    @property
    def key(self) -> str:
        """Name him in the audit."""
        return f"client:{self.client.id}" if self.client else f"address:{self.addresses[0].id}"

    @property
    def name(self) -> str:
        """Call him as his card does, else as his letters do."""
        if self.client:
            return self.client.name
        return self.addresses[0].display or self.addresses[0].value


class Found(NamedTuple):
    """A person who was found: by the number of his card, or of an address without one."""

    client_id: int | None
    address_id: int | None
    name: str
    address: str


_NAMED = f"{words_of('name')} @@ to_tsquery('simple', :beginnings)"
_SHOWN = f"{words_of('display')} @@ to_tsquery('simple', :beginnings)"
_FIND = text(f"""
    WITH home AS MATERIALIZED (
            SELECT id, client_id FROM address WHERE value ILIKE :like
            UNION SELECT id, client_id FROM address WHERE :beginnings <> '' AND {_SHOWN})
    SELECT c.id, NULL::int, c.name,
           coalesce((SELECT value FROM address WHERE client_id = c.id ORDER BY id LIMIT 1), '')
    FROM client c WHERE c.id IN (SELECT id FROM client WHERE :beginnings <> '' AND {_NAMED}
                                 UNION SELECT client_id FROM home)
    UNION ALL
    SELECT NULL, a.id, coalesce(nullif(a.display, ''), a.value), a.value
    FROM address a JOIN home ON home.id = a.id WHERE a.client_id IS NULL
    ORDER BY 3, 1, 2 LIMIT :most""")  # noqa: S608 - our own words


def find(words: str) -> list[Found]:
    """Find people by words of a name or signs of an address; fewer than LEAST signs find nobody."""
    if len(words) < LEAST:
        return []
    beginnings = " & ".join(f"'{word}':*" for word in re.findall(r"\w+", words.lower().replace("ё", "е")))
    like = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return [Found(*row) for row in db.session.execute(_FIND, {"like": like, "beginnings": beginnings, "most": MOST})]


def of_client(client_id: int) -> Person:
    """Get a client with his addresses.

    :raises NotFound: when there is none.
    """
    client = db.session.get(Client, client_id, options=[selectinload(Client.addresses)], populate_existing=True)
    if client is None:
        raise NotFound
    return Person(client, client.addresses)


def of_address(address_id: int) -> Person:
    """Get whoever writes from an address: its client, or the address alone.

    :raises NotFound: when there is none.
    """
    address = db.session.get(Address, address_id, populate_existing=True)
    if address is None:
        raise NotFound
    return of_client(address.client_id) if address.client_id else Person(None, [address])
