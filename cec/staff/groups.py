"""Operator groups: who serves the same queues (guide 5.10)."""

import re
from collections.abc import Sequence

from cec.platform import journal
from cec.platform.db import db
from cec.platform.errors import Invalid
from cec.staff.models import Employee, OperatorGroup

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


class GroupCodeUnfit(Invalid):
    """A code has small Latin letters, digits and underscores and begins with a letter."""

    field = "groups"


class GroupCodeTaken(Invalid):
    """There is a group with this code already."""

    field = "groups"


def list_all() -> list[OperatorGroup]:
    """List the groups by name."""
    return list(db.session.scalars(db.select(OperatorGroup).order_by(OperatorGroup.name)))


def find(code: str) -> OperatorGroup | None:
    """Find a group by its code."""
    return db.session.scalars(db.select(OperatorGroup).where(OperatorGroup.code == code)).one_or_none()


def create(*, code: str, name: str, members: Sequence[Employee] = (), by: str) -> OperatorGroup:
    """Create a group.

    :raises Invalid: when the code cannot be used.
    """
    if not _CODE.fullmatch(code):
        raise GroupCodeUnfit
    if find(code) is not None:
        raise GroupCodeTaken
    group = OperatorGroup(code=code, name=name.strip() or code, members=list(members))
    db.session.add(group)
    db.session.flush()
    journal.record("group.changed", f"group:{group.id}", by=by, members=[member.id for member in members])
    return group


def set_members(group: OperatorGroup, members: Sequence[Employee], *, by: str) -> None:
    """Say who is in a group from now on."""
    group.members = list(members)
    db.session.flush()
    journal.record("group.changed", f"group:{group.id}", by=by, members=[member.id for member in members])
