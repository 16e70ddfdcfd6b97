"""Reading notifications: how many are unread, what rings now, what stands in the window, pages of the rest."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import joinedload

from cec.appeals.models import Appeal
from cec.notifications.models import Announcement, Kind, Notification
from cec.notifications.reading import KEPT
from cec.platform import clock
from cec.platform.db import PLANNED_ONCE, db
from cec.staff.models import Employee

PAGE = 50
# What rang longer ago is not shown as new any more: it is in the bell.
NEW = dt.timedelta(seconds=30)
MOST_NEW = 3


@dataclass(frozen=True)
class Filters:
    """What a list of notifications is narrowed to."""

    unread: bool = False
    kind: Kind | None = None
    # Keyset paging: only what is older than this one.
    before: tuple[dt.datetime, int] | None = None


def _mine(employee: Employee) -> Select[tuple[Notification]]:
    appeal = joinedload(Notification.appeal)
    mine: Select[tuple[Notification]] = db.select(Notification).where(Notification.employee_id == employee.id)
    return mine.options(
        appeal.joinedload(Appeal.client),
        appeal.joinedload(Appeal.address),
        joinedload(Notification.announcement).joinedload(Announcement.author),
    ).execution_options(**PLANNED_ONCE)


def count_unread(employee: Employee) -> int:
    """Count what a person has not read."""
    unread = db.select(db.func.count()).where(Notification.employee_id == employee.id, Notification.read_at.is_(None))
    return db.session.scalar(unread) or 0


def ringing(employee: Employee) -> list[Notification]:
    """List the unread ones that rang just now, oldest first; what stands in the window is shown there."""
    now = clock.now()
    fresh = _mine(employee).where(
        Notification.read_at.is_(None), Notification.rung_at > now - NEW, db.not_(Notification.standing)
    )
    return list(db.session.scalars(fresh.order_by(Notification.rung_at, Notification.id).limit(MOST_NEW)))


def standing(employee: Employee) -> list[Notification]:
    """List what stays in the window until it is dealt with, oldest first; an announcement while it is in force."""
    in_force = Announcement.withdrawn_at.is_(None) & (Announcement.ends_at > clock.now())
    waiting = (
        _mine(employee)
        .outerjoin(Announcement, Announcement.id == Notification.announcement_id)
        .where(Notification.standing, Notification.dealt_at.is_(None), Announcement.id.is_(None) | in_force)
    )
    return list(db.session.scalars(waiting.order_by(Notification.id)))


def page(employee: Employee, filters: Filters, *, limit: int = PAGE) -> list[Notification]:
    """Read a page of the last thirty days, newest first, and one more row."""
    wanted: Select[Any] = _mine(employee).where(Notification.last_at > clock.now() - KEPT)
    if filters.unread:
        wanted = wanted.where(Notification.read_at.is_(None))
    if filters.kind:
        wanted = wanted.where(Notification.kind == filters.kind)
    if filters.before:
        wanted = wanted.where(db.tuple_(Notification.last_at, Notification.id) < filters.before)
    wanted = wanted.order_by(Notification.last_at.desc(), Notification.id.desc()).limit(limit + 1)
    return list(db.session.scalars(wanted))
