"""How long each kind of data is kept: the shipped terms, and what the business administrator made of them."""

import datetime as dt
from typing import NamedTuple

from sqlalchemy.dialects.postgresql import insert

from cec.platform import changes, clock, journal
from cec.platform.db import db
from cec.platform.errors import Invalid, NotFound
from cec.retention.kinds import KINDS, LONGEST, Kind
from cec.retention.models import RetentionTerm


class OutOfBounds(Invalid):
    """Write a whole number of days, from {least} to {most}."""

    field = "days"


class LongerThanWhole(Invalid):
    """These go together with the messages, which are kept for {days} days: write at most as many."""

    field = "days"


class ShorterThanParts(Invalid):
    """Files and letters go with their messages: the longest of their terms is {days} days. Shorten it first."""

    field = "days"


class NotSure(Invalid):
    """By this term {count} will be removed for good, beginning within a minute. Tick here if that is meant."""

    field = "sure"


class Standing(NamedTuple):
    """A kind with its term, and what was and would be removed."""

    kind: Kind
    days: int
    looked_at: dt.datetime | None
    removed_at: dt.datetime | None
    # On the day of removed_at; and now, steps.MOST + 1 meaning more than can be said.
    removed: int
    due: int


def get(code: str) -> Kind:
    """Get a kind by its name.

    :raises NotFound: when there is none.
    """
    if code not in KINDS:
        raise NotFound
    return KINDS[code]


def days_of(kind: Kind) -> int:
    """Tell how many days a kind is kept."""
    return db.session.scalar(db.select(RetentionTerm.days).filter_by(kind=kind.code)) or kind.days


def before(days: int) -> dt.datetime:
    """Give the moment before which such a term is over."""
    return clock.now() - dt.timedelta(days=days)


def values(kind: Kind) -> dict[str, int]:
    """Give what the form edits."""
    return {"days": days_of(kind)}


def standing(kind: Kind) -> Standing:
    """Tell how a kind stands."""
    term = RetentionTerm
    asked = db.select(term.days, term.looked_at, term.removed_at, term.removed).filter_by(kind=kind.code)
    row = db.session.execute(asked).one_or_none()
    known: tuple[int, dt.datetime | None, dt.datetime | None, int] = tuple(row) if row else (kind.days, None, None, 0)
    return Standing(kind, *known, kind.work[1](before(known[0])))


def list_all() -> list[Standing]:
    """List how every kind stands."""
    return [standing(kind) for kind in KINDS.values()]


def change(kind: Kind, days: int | None, *, sure: bool, seen: str, by: str) -> None:
    """Give a kind another term.

    :raises Invalid: for a term out of bounds; and when it would remove something and nobody said that he is sure.
    """
    changes.check(values(kind), seen)
    if days is None or not kind.least <= days <= LONGEST:
        raise OutOfBounds(least=kind.least, most=LONGEST)
    _must_fit(kind, days)
    was = values(kind)
    if days < was["days"] and not sure and (count := kind.work[1](before(days))):
        raise NotSure(count=count)
    changed = changes.difference(was, {"days": days})
    if changed:
        row = {"kind": kind.code, "days": days, "removed": 0}
        # Not looked through yet by this term: that is done within a minute.
        anew = {"days": days, "looked_at": None}
        db.session.execute(insert(RetentionTerm).values(row).on_conflict_do_update(index_elements=["kind"], set_=anew))
        journal.record("retention.changed", f"retention:{kind.code}", by=by, changed=changed)


def _must_fit(kind: Kind, days: int) -> None:
    """Refuse a part that would be kept longer than its whole."""
    if kind.within and days > (whole := days_of(KINDS[kind.within])):
        raise LongerThanWhole(days=whole)
    longest = max((days_of(part) for part in KINDS.values() if part.within == kind.code), default=0)
    if days < longest:
        raise ShorterThanParts(days=longest)
