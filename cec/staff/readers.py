"""Who asks: what every request has to know of a person and his session, read past the models' own loading."""

import datetime as dt
from typing import Any, NamedTuple

from cec.platform import clock, names
from cec.platform.db import db, rows
from cec.staff.models import Employee, Session

SEEN_EVERY = dt.timedelta(minutes=1)


class Reader(NamedTuple):
    """A person as his living session knows him: enough to see what he may, to speak to him, and to read what is his."""

    id: int
    name: str
    language: str
    theme: str
    preferences: dict[str, Any]
    must_change_password: bool
    session_id: int
    # Chosen at the start page; empty until then.
    role: str | None
    workplace_id: int | None
    branch: str | None
    # Where he belongs.
    branch_id: int
    # The wall clock of the branch where he works.
    zone: str
    seen_at: dt.datetime
    started_at: dt.datetime

    @property
    def key(self) -> str:
        """Name this person in the journal."""
        return f"employee:{self.id}"

    @property
    def first_name(self) -> str:
        """Give the name that clients see."""
        return names.first(self.name)

    @property
    def initials(self) -> str:
        """Give two letters for the face."""
        return names.initials(self.name)


# Whoever reads: questions take him as the request knows him, or as his own row.
Person = Employee | Reader

# Every request asks this.
_ASKED = """
    SELECT e.id, e.name, e.language, e.theme, e.preferences, e.must_change_password,
           s.id, s.role, s.workplace_id, chosen.name, e.branch_id,
           coalesce(chosen.zone, own.zone), s.seen_at, s.started_at
    FROM session s
    JOIN employee e ON e.id = s.employee_id AND e.is_active
    JOIN branch own ON own.id = e.branch_id
    LEFT JOIN branch chosen ON chosen.id = s.branch_id
    WHERE s.token_sha256 = %(token)s AND s.ended_at IS NULL"""


def find(token_sha256: str) -> Reader | None:
    """Find who has this session, if it has not ended and he still works here."""
    db.session.flush()
    found = rows(_ASKED, token=token_sha256)
    return Reader(*found[0]) if found else None


def note(reader: Reader) -> None:
    """Note that a session is in use; once a minute is enough."""
    now = clock.now()
    if now - reader.seen_at >= SEEN_EVERY:
        db.session.execute(db.update(Session).where(Session.id == reader.session_id).values(seen_at=now))
