"""Announcements: published, brought to whom they are for, changed, withdrawn; who acknowledged (guide 2.2.7)."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import joinedload

from cec.notifications.models import Announcement, Audience, Kind, Notification
from cec.platform import clock, journal, live
from cec.platform.db import db
from cec.platform.errors import Invalid, NotFound, Refusal
from cec.staff import roles
from cec.staff.models import Branch, Employee, OperatorGroup
from cec.staff.roles import Role

LONGEST_TITLE, LONGEST_TEXT = 120, 2000
# How loud an announcement may look.
LOOKS = (Kind.INFO, Kind.WARNING)


class TitleMissing(Invalid):
    """Write what it is about, in up to {limit} characters."""

    field = "title"


class TextTooLong(Invalid):
    """This is longer than {limit} characters: shorten it."""

    field = "text"


class NoSuchAudience(Invalid):
    """Choose whom it is for from the list."""

    field = "audience"


class NoSuchLook(Invalid):
    """Choose a kind from the list."""

    field = "kind"


class EndsTooEarly(Invalid):
    """Choose an end after the beginning and after now."""

    field = "ends_at"


class AnnouncementOver(Refusal):
    """This announcement is over or withdrawn: publish a new one."""


@dataclass(frozen=True)
class Content:
    """What an author fills in."""

    title: str
    text: str
    kind: str
    audience: str
    must_acknowledge: bool
    starts_at: dt.datetime
    ends_at: dt.datetime


# Everybody of the audience but the author who has not been told yet, also who came later; nobody is told twice.
_BRING = text("""
    INSERT INTO notification (employee_id, kind, what, announcement_id, facts, key, count, created_at, last_at, rung_at,
                              standing)
    SELECT e.id, 'announcement', 'announcement', a.id, '{}', 'announcement:' || a.id, 1, :now, :now, :now,
           a.must_acknowledge
    FROM announcement a
    JOIN employee e ON e.is_active AND CASE a.audience
        WHEN 'role' THEN e.roles ? a.audience_key
        WHEN 'branch' THEN e.branch_id = CAST(a.audience_key AS int)
        WHEN 'group' THEN EXISTS (SELECT 1 FROM group_member m
                                  WHERE m.employee_id = e.id AND m.group_id = CAST(a.audience_key AS int))
        ELSE true END
    WHERE e.id <> a.author_id AND a.withdrawn_at IS NULL AND a.starts_at <= :now AND a.ends_at > :now
      AND NOT EXISTS (SELECT 1 FROM notification n WHERE n.announcement_id = a.id AND n.employee_id = e.id)
    ON CONFLICT (announcement_id, employee_id) DO NOTHING
    RETURNING employee_id""")


def bring() -> int:
    """Bring announcements that are in force to whom they are for; gives how many were told."""
    told = db.session.scalars(_BRING, {"now": clock.now()}).all()
    for employee_id in told:
        live.announce("notice", f"employee:{employee_id}")
    return len(told)


def audiences(author: Employee, role: str) -> dict[str, str]:
    """List whom a person may address: an administrator everybody, a supervisor his branch and the groups he leads."""
    groups = db.select(OperatorGroup).order_by(OperatorGroup.name)
    if role == Role.SUPERVISOR:
        branches, led = [author.branch], db.session.scalars(groups.where(OperatorGroup.leader_id == author.id)).all()
        return _named(branches, led)
    every = {str(Audience.EVERYBODY): ""} | {f"{Audience.ROLE}:{each}": roles.name(each) for each in Role}
    return every | _named(db.session.scalars(db.select(Branch).order_by(Branch.name)), db.session.scalars(groups))


def _named(branches: Iterable[Branch], groups: Iterable[OperatorGroup]) -> dict[str, str]:
    return {f"{Audience.BRANCH}:{branch.id}": branch.name for branch in branches} | {
        f"{Audience.GROUP}:{group.id}": group.name for group in groups
    }


def publish(content: Content, *, by: Employee, role: str) -> Announcement:
    """Publish an announcement; what has begun is brought at once."""
    announcement = Announcement(author_id=by.id)
    _fill(announcement, content, audiences(by, role))
    db.session.add(announcement)
    db.session.flush()
    journal.record("announcement.published", announcement.key, by=by.key, audience=content.audience)
    bring()
    return announcement


def change(announcement_id: int, content: Content, *, by: Employee, role: str) -> None:
    """Change an announcement that is not over; other words have to be read and acknowledged again.

    :raises AnnouncementOver: when it is over or withdrawn.
    """
    announcement = get(announcement_id, by=by, role=role)
    _must_be_in_force(announcement)
    before = (announcement.title, announcement.text)
    _fill(announcement, content, audiences(by, role))
    db.session.flush()
    journal.record("announcement.changed", announcement.key, by=by.key, audience=content.audience)
    now, is_new = clock.now(), before != (announcement.title, announcement.text)
    _tell_again(announcement, **({"read_at": None, "dealt_at": None, "last_at": now, "rung_at": now} if is_new else {}))
    bring()


def withdraw(announcement_id: int, *, by: Employee, role: str) -> None:
    """Take an announcement back: it leaves all windows; in the lists it is marked as withdrawn."""
    announcement = get(announcement_id, by=by, role=role)
    _must_be_in_force(announcement)
    announcement.withdrawn_at = clock.now()
    journal.record("announcement.withdrawn", announcement.key, by=by.key)
    _tell_again(announcement, read_at=db.func.coalesce(Notification.read_at, clock.now()))


def get(announcement_id: int, *, by: Employee, role: str) -> Announcement:
    """Get an announcement that a person may change: an administrator any, a supervisor his own.

    :raises NotFound: for others' as for none.
    """
    announcement = db.session.get(Announcement, announcement_id, with_for_update={"of": Announcement})
    if announcement is None or (role == Role.SUPERVISOR and announcement.author_id != by.id):
        raise NotFound
    return announcement


def is_in_force(announcement: Announcement) -> bool:
    """Tell whether an announcement is neither over nor withdrawn; it may not have begun."""
    return announcement.withdrawn_at is None and announcement.ends_at > clock.now()


def _must_be_in_force(announcement: Announcement) -> None:
    if not is_in_force(announcement):
        raise AnnouncementOver


def _fill(announcement: Announcement, content: Content, allowed: dict[str, str]) -> None:
    title, words = " ".join(content.title.split()), content.text.strip()
    if not 0 < len(title) <= LONGEST_TITLE:
        raise TitleMissing(limit=LONGEST_TITLE)
    if len(words) > LONGEST_TEXT:
        raise TextTooLong(limit=LONGEST_TEXT)
    if content.kind not in LOOKS:
        raise NoSuchLook
    if content.audience not in allowed:
        raise NoSuchAudience
    if content.ends_at <= max(content.starts_at, clock.now()):
        raise EndsTooEarly
    announcement.title, announcement.text, announcement.kind = title, words, content.kind
    announcement.audience, _, announcement.audience_key = content.audience.partition(":")
    announcement.must_acknowledge = content.must_acknowledge
    announcement.starts_at, announcement.ends_at = content.starts_at, content.ends_at


def _tell_again(announcement: Announcement, **anew: Any) -> None:
    """Let the windows of those who were told show it as it is now."""
    told = db.session.scalars(
        db.update(Notification)
        .where(Notification.announcement_id == announcement.id)
        .values(standing=announcement.must_acknowledge, **anew)
        .returning(Notification.employee_id)
    ).all()
    for employee_id in told:
        live.announce("notice", f"employee:{employee_id}")


@dataclass(frozen=True)
class Acknowledgements:
    """Who was told of an announcement, and who has said that he understood."""

    done: list[str]
    missing: list[str]

    @property
    def total(self) -> int:
        """Count who was told."""
        return len(self.done) + len(self.missing)


def listed(by: Employee, role: str) -> list[tuple[Announcement, Acknowledgements]]:
    """List the newest announcements that a person may change, with who acknowledged them: two statements."""
    mine = db.select(Announcement).order_by(Announcement.id.desc()).limit(100).options(joinedload(Announcement.author))
    if role == Role.SUPERVISOR:
        mine = mine.where(Announcement.author_id == by.id)
    found = list(db.session.scalars(mine))
    told = db.session.execute(
        db.select(Notification.announcement_id, Employee.name, Notification.dealt_at)
        .join(Employee, Employee.id == Notification.employee_id)
        .where(Notification.announcement_id.in_([each.id for each in found]))
        .order_by(Employee.name)
    ).all()
    return [
        (
            each,
            Acknowledgements(
                [name for number, name, dealt in told if number == each.id and dealt],
                [name for number, name, dealt in told if number == each.id and not dealt],
            ),
        )
        for each in found
    ]
