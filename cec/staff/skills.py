"""The directory of skills, and how well each person has them: 1 to 10 (guide 5.11).

Taking a skill out of use is never refused: rows of the routing table and waiting appeals name it by its code, and an
appeal must not be left without anybody only because the directory was tidied up. It stays with those who have it and
counts where it is required; it is only not given anew. Whether a required skill is anybody's, "Check" tells (5.1).
"""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import selectinload

from cec.platform import changes, journal
from cec.platform.db import db
from cec.platform.errors import Invalid, NotFound
from cec.staff.models import Employee, EmployeeSkill, Skill

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
LONGEST_NAME = 60
LOWEST, HIGHEST = 1, 10


class SkillCodeUnfit(Invalid):
    """A code has small Latin letters, digits and underscores and begins with a letter."""

    field = "code"


class SkillCodeTaken(Invalid):
    """There is a skill with this code already."""

    field = "code"


class SkillNameMissing(Invalid):
    """Give the skill a name of at most 60 characters."""

    field = "name"


class SkillNameTaken(Invalid):
    """There is a skill with this name already."""

    field = "name"


def list_all(*, retired: bool = False) -> list[Skill]:
    """List the skills by name; those out of use too, if wanted, after the others."""
    wanted = db.select(Skill).order_by(Skill.is_active.desc(), Skill.name)
    return list(db.session.scalars(wanted if retired else wanted.where(Skill.is_active)))


def get(skill_id: int) -> Skill:
    """Get a skill.

    :raises NotFound: when there is none.
    """
    skill = db.session.get(Skill, skill_id)
    if skill is None:
        raise NotFound
    return skill


def holders() -> dict[int, int]:
    """Count, for each skill, who has it and works here."""
    count = db.select(EmployeeSkill.skill_id, db.func.count()).join(Employee).where(Employee.is_active)
    rows = db.session.execute(count.group_by(EmployeeSkill.skill_id))
    return dict(iter(rows))


def who_has(skill: Skill) -> list[tuple[Employee, int]]:
    """List who works here and has a skill, the best first, with their levels."""
    having = (
        db.select(EmployeeSkill, Employee)
        .join(Employee)
        .where(EmployeeSkill.skill_id == skill.id, Employee.is_active)
        .order_by(EmployeeSkill.level.desc(), Employee.name)
    )
    return [(employee, had.level) for had, employee in db.session.execute(having)]


def values(skill: Skill) -> dict[str, Any]:
    """Give what the directory says of a skill, to compare and to write down."""
    return {"code": skill.code, "name": skill.name, "is_active": skill.is_active}


def create(*, code: str, name: str, by: str) -> Skill:
    """Add a skill; its code stays for ever.

    :raises Invalid: when code or name cannot be used.
    """
    if not _CODE.fullmatch(code):
        raise SkillCodeUnfit
    if db.session.scalar(db.select(db.exists().where(Skill.code == code))):
        raise SkillCodeTaken
    skill = Skill(code=code, name=_checked(name, None), is_active=True)
    db.session.add(skill)
    db.session.flush()
    journal.record(
        "skill.changed", f"skill:{skill.id}", by=by, code=code, changed=changes.difference({}, values(skill))
    )
    return skill


def change(skill: Skill, *, name: str, is_active: bool, by: str, seen: str = "") -> None:
    """Rename a skill, or take it out of use or into use again.

    :raises Invalid: when the name cannot be used.
    :raises ChangedMeanwhile: when it is not any more as the person saw it.
    """
    db.session.refresh(skill, with_for_update=True)
    before = values(skill)
    changes.check(before, seen)
    skill.name, skill.is_active = _checked(name, skill.id), is_active
    db.session.flush()
    changed = changes.difference(before, values(skill))
    if changed:
        journal.record("skill.changed", f"skill:{skill.id}", by=by, code=skill.code, changed=changed)


def levels(employee: Employee) -> dict[str, int]:
    """Tell the skills of a person by code, with their levels."""
    having = (
        db.select(EmployeeSkill)
        .where(EmployeeSkill.employee_id == employee.id)
        .options(selectinload(EmployeeSkill.skill))
    )
    return {had.skill.code: had.level for had in db.session.scalars(having)}


def set_levels(employee: Employee, wanted: Mapping[str, int]) -> None:
    """Say which skills a person has and how well, from now on; who calls it writes the fact down.

    Codes that the directory does not have are the caller's to refuse.
    """
    known = {skill.code: skill for skill in db.session.scalars(db.select(Skill).where(Skill.code.in_(wanted)))}
    has = {had.skill_id: had for had in employee.skills}
    employee.skills = [
        has.get(known[code].id) or EmployeeSkill(skill_id=known[code].id, skill=known[code]) for code in wanted
    ]
    for had in employee.skills:
        had.level = wanted[had.skill.code]
    db.session.flush()


def _checked(name: str, own: int | None) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise SkillNameMissing
    with db.session.no_autoflush:
        same = db.session.scalar(db.select(Skill.id).where(db.func.lower(Skill.name) == name.lower()))
    if same not in {None, own}:
        raise SkillNameTaken
    return name
