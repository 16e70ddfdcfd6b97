"""Operator groups: who serves the same queues, and who leads them (guide 5.10)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import selectinload

from cec.platform import changes, journal
from cec.platform.db import db
from cec.platform.errors import Invalid, NotFound
from cec.staff import employees
from cec.staff.models import Employee, OperatorGroup, group_member
from cec.staff.roles import Role

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
LONGEST_NAME = 100


class GroupCodeUnfit(Invalid):
    """A code has small Latin letters, digits and underscores and begins with a letter."""

    field = "code"


class GroupCodeTaken(Invalid):
    """There is a group with this code already."""

    field = "code"


class GroupNameMissing(Invalid):
    """Write a name of at most 100 characters."""

    field = "name"


class NotALeader(Invalid):
    """A supervisor leads a group: choose one who works here."""

    field = "leader_id"


@dataclass(frozen=True)
class Team:
    """What is decided about a group but its code."""

    name: str
    leader_id: int | None
    members: Sequence[Employee]


def list_all() -> list[OperatorGroup]:
    """List the groups by name."""
    return list(db.session.scalars(db.select(OperatorGroup).order_by(OperatorGroup.name)))


def list_with_members() -> list[OperatorGroup]:
    """List the groups by name, with those who are in them."""
    wanted = db.select(OperatorGroup).options(selectinload(OperatorGroup.members)).order_by(OperatorGroup.name)
    return list(db.session.scalars(wanted))


def get(group_id: int) -> OperatorGroup:
    """Get a group.

    :raises NotFound: when there is none.
    """
    group = db.session.get(OperatorGroup, group_id)
    if group is None:
        raise NotFound
    return group


def find(code: str) -> OperatorGroup | None:
    """Find a group by its code."""
    return db.session.scalars(db.select(OperatorGroup).where(OperatorGroup.code == code)).one_or_none()


def values(group: OperatorGroup) -> dict[str, Any]:
    """Give what is decided about a group, to compare and to write down; people by their logins."""
    leader = db.session.get(Employee, group.leader_id) if group.leader_id else None
    return {
        "name": group.name,
        "leader": leader.login if leader else None,
        "members": sorted(member.login for member in group.members),
    }


def create(*, code: str, name: str, members: Sequence[Employee] = (), by: str) -> OperatorGroup:
    """Create a group.

    :raises Invalid: when the code cannot be used.
    """
    if not _CODE.fullmatch(code):
        raise GroupCodeUnfit
    if find(code) is not None:
        raise GroupCodeTaken
    group = OperatorGroup(code=code, name=_named(name.strip() or code), members=list(members))
    db.session.add(group)
    db.session.flush()
    changed = changes.difference({}, values(group))
    journal.record("group.changed", f"group:{group.id}", by=by, code=code, changed=changed)
    return group


def change(group: OperatorGroup, team: Team, *, by: str, seen: str = "") -> None:
    """Change the name of a group, who leads it and who is in it; who is in it now counts for what comes now.

    :raises Invalid: when the name or the leader cannot be.
    :raises ChangedMeanwhile: when it is not any more as the person saw it.
    """
    db.session.refresh(group, with_for_update=True)
    before = values(group)
    changes.check(before, seen)
    leaders = {person.id for person in employees.list_working(Role.SUPERVISOR)}
    if team.leader_id is not None and team.leader_id not in leaders:
        raise NotALeader
    group.name, group.leader_id, group.members = _named(team.name), team.leader_id, list(team.members)
    db.session.flush()
    changed = changes.difference(before, values(group))
    if changed:
        journal.record("group.changed", f"group:{group.id}", by=by, code=group.code, changed=changed)


def remove(group: OperatorGroup, *, by: str) -> None:
    """Remove a group that serves nothing any more; who was in it is written down (see queues.serving)."""
    was = values(group)
    db.session.execute(group_member.delete().where(group_member.c.group_id == group.id))
    db.session.expire(group, ["members"])
    db.session.delete(group)
    db.session.flush()
    journal.record("group.changed", f"group:{group.id}", by=by, code=group.code, removed=was)


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise GroupNameMissing
    return name
