"""What an operator is set up to do: branch, roles, groups, skills, how much at once (guide 5.11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cec.platform import changes, journal
from cec.platform.db import db
from cec.platform.errors import Invalid
from cec.staff import employees, skills
from cec.staff.models import Branch, Employee, OperatorGroup
from cec.staff.roles import Role

MOST_UNITS = 100


class UnitsUnfit(Invalid):
    """An operator holds from 1 to 100 units at once."""

    field = "units"


class ChannelUnitsUnfit(Invalid):
    """Of one channel an operator holds from 0 to 100 units at once."""

    field = "channel_units"


class LevelUnfit(Invalid):
    """A level is a whole number from 1 to 10."""

    field = "skills"


@dataclass(frozen=True)
class Setup:
    """What a person writes about an operator; a channel without a figure has as much room as all together."""

    name: str
    branch_id: int
    roles: Sequence[str]
    groups: Sequence[OperatorGroup] = ()
    units: int = 5
    channel_units: Mapping[str, int] = field(default_factory=dict)
    auto_accept: bool = False
    skills: Mapping[str, int] = field(default_factory=dict)


def values(employee: Employee) -> dict[str, Any]:
    """Give how an operator is set up, to compare and to write down."""
    return {
        "name": employee.name,
        "branch": employee.branch_id,
        "roles": employee.roles,
        "groups": sorted(group.code for group in employee.groups),
        "units": employee.units,
        "channel_units": dict(employee.channel_units),
        "auto_accept": employee.auto_accept,
        "skills": skills.levels(employee),
    }


def set_up(employee: Employee, setup: Setup, *, by: str, seen: str = "") -> bool:
    """Change how an operator is set up; tells whether anything is another thing now.

    :raises Invalid: at the field that cannot be kept.
    :raises LastAdministrator: somebody has to be able to open the door again.
    :raises ChangedMeanwhile: when he is not any more as the person saw him.
    """
    db.session.refresh(employee, with_for_update={"key_share": True})
    before = values(employee)
    changes.check(before, seen)
    _check(setup)
    employee.name, employee.branch_id = " ".join(setup.name.split()), setup.branch_id
    employee.roles = [str(role) for role in Role if role in setup.roles]
    employee.groups = list(setup.groups)
    employee.units, employee.channel_units = setup.units, dict(setup.channel_units)
    employee.auto_accept = setup.auto_accept
    skills.set_levels(employee, setup.skills)
    employees.refuse_without_administrator()
    changed = changes.difference(before, values(employee))
    if changed:
        journal.record("employee.changed", employee.key, by=by, changed=changed)
    return bool(changed)


def _check(setup: Setup) -> None:
    if not setup.name.strip():
        raise employees.NameMissing
    if not any(role in setup.roles for role in Role):
        raise employees.RolesMissing
    if db.session.get(Branch, setup.branch_id) is None:
        raise employees.BranchUnknown
    if not 1 <= setup.units <= MOST_UNITS:
        raise UnitsUnfit
    if not all(0 <= units <= MOST_UNITS for units in setup.channel_units.values()):
        raise ChannelUnitsUnfit
    if not all(skills.LOWEST <= level <= skills.HIGHEST for level in setup.skills.values()):
        raise LevelUnfit
