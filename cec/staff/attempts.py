"""Wrong passwords are counted per login, known or not, and the fifth closes the door for a while."""

import datetime as dt
import hashlib

from sqlalchemy import case
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from cec.platform import clock
from cec.platform.db import db, unit_apart
from cec.platform.errors import Refusal
from cec.staff.models import SignInAttempts

ALLOWED = 5
LOCKED_FOR = dt.timedelta(minutes=15)
FORGOTTEN_AFTER = dt.timedelta(days=1)


class Locked(Refusal):
    """Too many wrong passwords. Sign-in opens again in 15 minutes."""


def take(login: str) -> int:
    """Count an attempt before it is made and tell how many are left after it.

    Counted first and in a transaction of its own: parallel guesses all count, and a refused request does too.

    :raises Locked: when the attempts are used up.
    """
    with unit_apart():
        left: int | None = db.session.execute(_counted(_name(login), clock.now())).scalar_one_or_none()
    if left is None:
        raise Locked
    return left


def _counted(name: str, now: dt.datetime) -> ReturningInsert[int]:
    row = SignInAttempts
    failed = case((row.locked_until.is_not(None), 1), (row.last_at < now - FORGOTTEN_AFTER, 1), else_=row.failed + 1)
    return (
        insert(row)
        .values(login_sha256=name, failed=1, last_at=now)
        .on_conflict_do_update(
            index_elements=["login_sha256"],
            set_={
                "failed": failed,
                "last_at": now,
                "locked_until": case((failed >= ALLOWED, now + LOCKED_FOR), else_=None),
            },
            where=db.or_(row.locked_until.is_(None), row.locked_until <= now),
        )
        .returning(ALLOWED - row.failed)
    )


def forgive(login: str) -> None:
    """Forget the attempts of a login once the password was right, and those that nobody remembers."""
    old = SignInAttempts.last_at < clock.now() - FORGOTTEN_AFTER
    db.session.execute(db.delete(SignInAttempts).where(db.or_(SignInAttempts.login_sha256 == _name(login), old)))


def _name(login: str) -> str:
    # A hash, because people type passwords into the field of the login.
    return hashlib.sha256(login.encode()).hexdigest()
