"""Finding appeals and clients by number, name, address or subject, as far as an operator may see them (guide 2.4)."""

import datetime as dt
import re
from typing import NamedTuple

from sqlalchemy import text

from cec.appeals.history import containing
from cec.platform.db import db, words_of
from cec.staff.models import Employee

LEAST, LEAST_DIGITS = 3, 2
MOST, MOST_CLIENTS = 12, 5


class Found(NamedTuple):
    """An appeal that was found."""

    id: int
    number: str
    subject: str
    channel: str
    status: str
    name: str
    created_at: dt.datetime
    # Held now, to be opened; else to be read.
    is_held: bool


class Person(NamedTuple):
    """A client who was found, with his newest appeal."""

    id: int
    name: str
    address: str
    appeals: int
    newest_id: int
    is_held: bool


def is_enough(words: str) -> bool:
    """Tell whether there is enough to look for: three signs, or two digits."""
    return len(words) >= (LEAST_DIGITS if words.isdigit() else LEAST)


_HELD = "coalesce(a.operator_id = :me AND a.status IN ('in_work', 'waiting_for_client', 'postponed'), false)"
_NAMED = f"{words_of('name')} @@ to_tsquery('simple', :beginnings)"
_SHOWN = f"{words_of('display')} @@ to_tsquery('simple', :beginnings)"
_ABOUT = f"{words_of('subject')} @@ to_tsquery('simple', :beginnings)"

# Whom an operator may see: his own appeals, and the history of the clients whom he serves or has served (CORE 6).
_APPEALS = text(f"""
    WITH scope AS MATERIALIZED (
            SELECT id FROM appeal WHERE operator_id = :me
            UNION SELECT id FROM appeal WHERE client_id IN (SELECT client_id FROM appeal WHERE operator_id = :me)),
         home AS MATERIALIZED (
            SELECT id FROM address WHERE :is_latin AND value ILIKE :like UNION SELECT id FROM address WHERE {_SHOWN}),
         hit AS MATERIALIZED (
            SELECT appeal_id AS id FROM appeal_title WHERE :is_latin AND :is_long AND number ILIKE :like
            UNION SELECT id FROM appeal WHERE :is_latin AND operator_id = :me AND number ILIKE :like
            UNION SELECT appeal_id FROM appeal_title WHERE {_ABOUT}
            UNION SELECT id FROM appeal WHERE address_id IN (SELECT id FROM home)
            UNION SELECT id FROM appeal WHERE client_id IN (SELECT id FROM client WHERE {_NAMED})),
         seen AS (SELECT a.*, {_HELD} AS is_held FROM appeal a
                  WHERE a.id IN (SELECT id FROM hit INTERSECT SELECT id FROM scope)
                  ORDER BY is_held DESC, a.id DESC LIMIT :most)
    SELECT a.id, a.number, a.subject, a.channel, a.status, coalesce(c.name, nullif(ad.display, ''), ad.value) AS name,
           a.created_at, a.is_held
    FROM seen a JOIN address ad ON ad.id = a.address_id LEFT JOIN client c ON c.id = a.client_id
    ORDER BY a.is_held DESC, a.id DESC""")  # noqa: S608 - our own words

_CLIENTS = text(f"""
    WITH named AS MATERIALIZED (
            SELECT id FROM client WHERE {_NAMED}
            UNION SELECT client_id FROM address WHERE :is_latin AND value ILIKE :like
            UNION SELECT client_id FROM address WHERE {_SHOWN}),
         person AS (
            SELECT c.id, c.name FROM client c
            WHERE c.id IN (SELECT id FROM named INTERSECT SELECT client_id FROM appeal WHERE operator_id = :me)
            ORDER BY c.name, c.id LIMIT :most)
    SELECT p.id, p.name, (SELECT value FROM address WHERE client_id = p.id ORDER BY id LIMIT 1) AS address,
           (SELECT count(*) FROM appeal a WHERE a.client_id = p.id) AS appeals, newest.id, newest.is_held
    FROM person p CROSS JOIN LATERAL (
        SELECT a.id, {_HELD} AS is_held FROM appeal a WHERE a.client_id = p.id
        ORDER BY is_held DESC, a.id DESC LIMIT 1) newest
    ORDER BY p.name, p.id""")  # noqa: S608 - our own words


def appeals(words: str, *, of: Employee) -> list[Found]:
    """Find appeals: those that the operator holds first, then the newest."""
    return [Found(*row) for row in db.session.execute(_APPEALS, _asked(words, of, MOST))]


def clients(words: str, *, of: Employee) -> list[Person]:
    """Find clients whom the operator serves or has served."""
    return [Person(*row) for row in db.session.execute(_CLIENTS, _asked(words, of, MOST_CLIENTS))]


def _asked(words: str, of: Employee, most: int) -> dict[str, object]:
    beginnings = " & ".join(f"'{word}':*" for word in re.findall(r"\w+", words.lower().replace("ё", "е")))
    asked = {"like": containing(words), "is_long": len(words) >= LEAST, "me": of.id, "most": most}
    return {**asked, "is_latin": words.isascii(), "beginnings": beginnings}
