"""What a person does with his notifications: look at an appeal, read, deal with them; old ones go by themselves."""

import datetime as dt

from sqlalchemy import ColumnElement, Select, true
from sqlalchemy.dialects.postgresql import insert

from cec.notifications.models import Announcement, Focus, Kind, Notification
from cec.platform import clock, journal, live
from cec.platform.db import db
from cec.platform.errors import NotFound
from cec.staff.models import Employee

# What a person may still look through, whatever is kept.
KEPT = dt.timedelta(days=30)


def look_at(appeal_id: int | None, *, by: Employee) -> None:
    """Remember which appeal a person has before him, or that he looks away; what it told is read."""
    if appeal_id is None:
        db.session.execute(db.delete(Focus).where(Focus.employee_id == by.id))
        return
    seen = {"appeal_id": appeal_id, "seen_at": clock.now()}
    db.session.execute(
        insert(Focus).values(employee_id=by.id, **seen).on_conflict_do_update(index_elements=["employee_id"], set_=seen)
    )
    _read(by, Notification.appeal_id == appeal_id)


def read(notification_id: int, *, by: Employee) -> None:
    """Mark one notification as read; what stands in the window goes on standing."""
    _read(by, Notification.id == notification_id)


def read_all(*, by: Employee, kind: Kind | None = None) -> None:
    """Mark everything as read, or everything of a kind."""
    _read(by, Notification.kind == kind if kind else true())


def _read(by: Employee, which: ColumnElement[bool]) -> None:
    mine = db.update(Notification).where(Notification.employee_id == by.id, Notification.read_at.is_(None), which)
    if db.session.execute(mine.values(read_at=clock.now()).returning(Notification.id)).all():
        live.announce("notice", by.key)


def deal_with(notification_id: int, *, by: Employee) -> None:
    """Say that one has understood: an error leaves the window, an announcement is acknowledged.

    :raises NotFound: when it is nobody's, or another's.
    """
    notification = db.session.get(Notification, notification_id, with_for_update={"of": Notification})
    if notification is None or notification.employee_id != by.id:
        raise NotFound
    if notification.dealt_at is not None:
        return
    notification.dealt_at = clock.now()
    notification.read_at = notification.read_at or clock.now()
    if notification.announcement_id:
        announcement = db.session.get_one(Announcement, notification.announcement_id)
        journal.record("announcement.acknowledged", announcement.key, by=by.key)
    live.announce("notice", by.key)


def old(before: dt.datetime) -> Select[tuple[int]]:
    """Choose the notifications of before a moment; what still waits for a deed stays."""
    in_force = db.select(Announcement.id).where(Announcement.ends_at > clock.now())
    wanted: Select[tuple[int]] = db.select(Notification.id).where(
        Notification.last_at < before,
        db.not_(Notification.standing) | Notification.dealt_at.is_not(None),
        Notification.announcement_id.is_(None) | Notification.announcement_id.not_in(in_force),
    )
    return wanted
