"""Wrong passwords are counted per login, known or not, and the fifth closes the door for a while.

They are counted per place as well: who tries many logins from one address is stopped before he has locked out many.
What is refused there counts at no login.
"""

import datetime as dt
import hashlib
import ipaddress
from http import HTTPStatus

from sqlalchemy import case
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.sql.dml import ReturningInsert

from cec.platform import clock
from cec.platform.db import db, unit_apart
from cec.platform.errors import Refusal
from cec.staff.models import SignInAttempts

ALLOWED = 5
LOCKED_FOR = dt.timedelta(minutes=15)
FORGOTTEN_AFTER = dt.timedelta(days=1)
# A whole office comes from one address: so many wrong ones within a quarter of an hour are more than it mistypes.
ALLOWED_FROM_PLACE = 100
# Of IPv6 a customer has a whole network.
_NETWORK = 64


class Locked(Refusal):
    """Too many wrong passwords. Sign-in opens again in 15 minutes."""


class PlaceLocked(Refusal):
    """Too many wrong passwords came from your network. Sign-in from there opens again within 15 minutes."""

    status = HTTPStatus.TOO_MANY_REQUESTS


def take(login: str, place: str = "") -> int:
    """Count an attempt before it is made and tell how many are left after it; `place` is the address it comes from.

    Counted first and in a transaction of its own: parallel guesses all count, and a refused request does too.

    :raises Locked: when the attempts are used up.
    :raises PlaceLocked: when those of the place are.
    """
    now = clock.now()
    with unit_apart():
        is_open = not place or _failed_from(place, now) < ALLOWED_FROM_PLACE
        left: int | None = None
        if is_open:
            left = db.session.execute(_counted(_name(login), now)).scalar_one_or_none()
        if place and left is not None:
            db.session.execute(_counted_at(place, now))
    if not is_open:
        raise PlaceLocked
    if left is None:
        raise Locked
    return left


def _failed_from(place: str, now: dt.datetime) -> int:
    wanted = db.select(SignInAttempts.failed).where(SignInAttempts.login_sha256 == _slot(place, now))
    return db.session.scalar(wanted) or 0


def _counted_at(place: str, now: dt.datetime) -> Insert:
    row = SignInAttempts
    more = {"failed": row.failed + 1, "last_at": now}
    return insert(row).values(login_sha256=_slot(place, now), failed=1, last_at=now).on_conflict_do_update(
        index_elements=["login_sha256"], set_=more
    )  # fmt: skip


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


def forgive(login: str, place: str = "") -> None:
    """Forget the attempts of a login once the password was right, and those that nobody remembers."""
    if place:
        here = SignInAttempts.login_sha256 == _slot(place, clock.now())
        db.session.execute(db.update(SignInAttempts).where(here).values(failed=SignInAttempts.failed - 1))
    old = SignInAttempts.last_at < clock.now() - FORGOTTEN_AFTER
    db.session.execute(db.delete(SignInAttempts).where(db.or_(SignInAttempts.login_sha256 == _name(login), old)))


def _slot(place: str, now: dt.datetime) -> str:
    """Name the quarter of an hour of a place; a space begins no login, so that no login is called so."""
    try:
        address = ipaddress.ip_address(place)
    except ValueError:
        network = place
    else:
        network = str(ipaddress.ip_network((address, _NETWORK if address.version == 6 else 32), strict=False))  # noqa: PLR2004
    return _name(f" {network} {int(now.timestamp() // LOCKED_FOR.total_seconds())}")


def _name(login: str) -> str:
    # A hash, because people type passwords into the field of the login.
    return hashlib.sha256(login.encode()).hexdigest()
