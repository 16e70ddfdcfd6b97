"""Who looks at an appeal beside its operator, and who writes a note there: kept for a short while, never counted."""

import datetime as dt
from typing import NamedTuple

from sqlalchemy import text

from cec.appeals.models import Appeal
from cec.platform import clock, live
from cec.platform.db import db
from cec.staff.models import Employee

# A window says that it still looks each LASTS / 2.
LASTS = dt.timedelta(seconds=40)


class Viewer(NamedTuple):
    """Somebody who looks."""

    name: str
    writes: bool
    until: dt.datetime


_LOOK = text("""
    INSERT INTO viewing (appeal_id, employee_id, writes, until) VALUES (:appeal, :employee, :writes, :until)
    ON CONFLICT (appeal_id, employee_id) DO UPDATE SET writes = excluded.writes, until = excluded.until""")
_VIEWERS = text("""
    SELECT e.name, v.writes, v.until FROM viewing v JOIN employee e ON e.id = v.employee_id
    WHERE v.appeal_id = :appeal AND v.employee_id <> :me AND v.until > :now ORDER BY e.name""")


def look(appeal: Appeal, *, by: Employee, writes: bool) -> None:
    """Say that a person looks, or writes a note; his operator's window hears of it."""
    until = clock.now() + LASTS
    db.session.execute(_LOOK, {"appeal": appeal.id, "employee": by.id, "writes": writes, "until": until})
    live.announce("viewing", appeal.key)


def leave(appeal: Appeal, *, by: Employee) -> None:
    """Say that a person looks no longer."""
    db.session.execute(
        text("DELETE FROM viewing WHERE appeal_id = :appeal AND employee_id = :employee OR until < :now"),
        {"appeal": appeal.id, "employee": by.id, "now": clock.now()},
    )
    live.announce("viewing", appeal.key)


def viewers(appeal: Appeal, *, of: Employee) -> list[Viewer]:
    """List the others who look at an appeal now."""
    asked = {"appeal": appeal.id, "me": of.id, "now": clock.now()}
    return [Viewer(*row) for row in db.session.execute(_VIEWERS, asked)]
