"""Operators from a sheet: looked through first, written only when a person says so (guide 5.11).

A login that is here already is changed where the sheet says something; one that is not is added as an operator who has
no password yet. An empty cell leaves things as they are.
"""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.orm import selectinload

from cec.platform import excel, journal, work
from cec.platform.db import db
from cec.platform.errors import Invalid
from cec.platform.excel import Cell, Fault, Sheet
from cec.platform.i18n import gettext as _
from cec.staff import employees, groups, operators, passwords, skills
from cec.staff.models import Branch, Employee, EmployeeSkill, OperatorGroup, Skill
from cec.staff.operators import Setup
from cec.staff.roles import Role

COLUMNS = ("login", "name", "groups", "skills", "units")
# What the heads of columns may be called, in both languages.
_HEADS = {
    "login": {"login", "логин"},
    "name": {"name", "имя", "фио"},
    "groups": {"groups", "группы"},
    "skills": {"skills", "навыки"},
    "units": {"units", "единицы"},
}
MOST_FAULTS = 200
# So many rows at once; more are left to the worker, piece by piece.
AT_ONCE = 100


class LoginColumnMissing(Invalid):
    """The first row has no column “login”: download the template and fill it in."""

    field = "file"


class LoginTwice(Invalid):
    """This login stands in the sheet twice: leave one of the rows."""


class NameForNew(Invalid):
    """A new operator needs a name."""


class GroupUnknown(Invalid):
    """There is no group “{code}”: write codes of groups, with commas between them."""


class SkillUnclear(Invalid):
    """Write skills as english:5, vip:3: a code of the directory and a level from 1 to 10."""


class SkillUnknown(Invalid):
    """There is no skill “{code}” in the directory."""


class UnitsUnclear(Invalid):
    """Write a whole number from 1 to 100."""


@dataclass(frozen=True)
class Line:
    """A row that can be written: what it says of an operator; None is nothing."""

    login: str
    name: str | None = None
    groups: list[str] | None = None
    skills: dict[str, int] | None = None
    units: int | None = None


@dataclass
class Examined:
    """What an import would do, and the cells that keep it from doing so."""

    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    added: int = 0
    changed: int = 0
    same: int = 0


@dataclass(frozen=True)
class _Known:
    people: dict[str, Employee]
    groups: dict[str, OperatorGroup]
    skills: set[str]


def template() -> bytes:
    """Give a sheet to fill in, with the operators who work here."""
    rows = [
        [
            person.login,
            person.name,
            ", ".join(sorted(group.code for group in person.groups)),
            ", ".join(f"{had.skill.code}:{had.level}" for had in person.skills),
            str(person.units),
        ]
        for person in sorted(_people().values(), key=lambda person: person.login)
        if person.is_active and Role.OPERATOR in person.roles
    ]
    return excel.write(_("Operators"), COLUMNS, rows)


def examine(content: bytes) -> Examined:
    """Look a sheet through without writing anything.

    :raises Invalid: when the file cannot be read or has no column of logins.
    """
    sheet = excel.read(content)
    places = _places(sheet)
    known = _Known(
        _people(), {group.code: group for group in groups.list_all()}, set(db.session.scalars(db.select(Skill.code)))
    )
    examined, seen = Examined(), set[str]()
    for row in sheet.rows:
        line = _read(sheet, {name: row[at] for name, at in places.items()}, known, seen, examined.faults)
        if line is not None:
            examined.lines.append(line)
            _count(examined, line, known)
    return examined


def _people() -> dict[str, Employee]:
    wanted = db.select(Employee).options(
        selectinload(Employee.groups), selectinload(Employee.skills).selectinload(EmployeeSkill.skill)
    )
    return {person.login: person for person in db.session.scalars(wanted)}


def _places(sheet: Sheet) -> dict[str, int]:
    heads = [cell.text.casefold() for cell in sheet.head]
    places = {name: at for at, head in enumerate(heads) for name, words in _HEADS.items() if head in words}
    if "login" not in places:
        raise LoginColumnMissing
    return places


def _read(sheet: Sheet, cells: dict[str, Cell], known: _Known, seen: set[str], faults: list[Fault]) -> Line | None:
    """Read a row; each cell that cannot be read is a fault of its own."""
    before, values = len(faults), dict[str, Any]()
    readers: dict[str, Callable[[str], Any]] = {
        "login": lambda text: _login(text, seen),
        "name": lambda text: text or None,
        "groups": lambda text: _groups(text, known),
        "skills": lambda text: _skills(text, known),
        "units": _units,
    }
    for name, cell in cells.items():
        try:
            values[name] = readers[name](cell.text)
        except Invalid as refusal:
            faults.append(Fault(sheet.name, cell.row, cell.column, cell.text, refusal.sentence()))
    if values.get("login") and values["login"] not in known.people and not cells.get("name", _NOTHING).text:
        at = cells.get("name", cells["login"])
        faults.append(Fault(sheet.name, at.row, at.column, at.text, NameForNew().sentence()))
    return Line(**values) if len(faults) == before else None


_NOTHING = Cell("", 0, "")


def _login(text: str, seen: set[str]) -> str:
    login = employees.fitting_login(text)
    if login in seen:
        raise LoginTwice
    seen.add(login)
    return login


def _parts(text: str) -> Iterator[str]:
    return (part.strip() for part in text.replace(";", ",").split(",") if part.strip())


def _groups(text: str, known: _Known) -> list[str] | None:
    codes = sorted(set(_parts(text)))
    for code in codes:
        if code not in known.groups:
            raise GroupUnknown(code=code)
    return codes or None


def _skills(text: str, known: _Known) -> dict[str, int] | None:
    levels = {}
    for part in _parts(text):
        code, colon, level = (word.strip() for word in part.partition(":"))
        if not colon or not level.isdecimal() or not skills.LOWEST <= int(level[:3]) <= skills.HIGHEST:
            raise SkillUnclear
        if code not in known.skills:
            raise SkillUnknown(code=code)
        levels[code] = int(level)
    return levels or None


def _units(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text[:5]) <= operators.MOST_UNITS:
        raise UnitsUnclear
    return int(text)


def _count(examined: Examined, line: Line, known: _Known) -> None:
    person = known.people.get(line.login)
    if person is None:
        examined.added += 1
    elif _differs(line, person):
        examined.changed += 1
    else:
        examined.same += 1


def _differs(line: Line, person: Employee) -> bool:
    now = Line(
        person.login,
        person.name,
        sorted(group.code for group in person.groups),
        {had.skill.code: had.level for had in person.skills},
        person.units,
    )
    said = {name: value for name in COLUMNS if (value := getattr(line, name)) is not None}
    return replace(now, **said) != now


def begin(lines: list[Line], *, by: Employee) -> None:
    """Write the first rows now and leave the others to the worker, piece by piece, each in its own transaction."""
    for first in range(0, len(lines), AT_ONCE):
        piece = [vars(line) for line in lines[first : first + AT_ONCE]]
        if first == 0:
            write(piece, by=by.key, branch_id=by.branch_id)
        else:
            work.enqueue("staff.import_operators", lines=piece, by=by.key, branch_id=by.branch_id)


@work.handler("staff.import_operators")
def write(lines: list[dict[str, Any]], by: str, branch_id: int) -> None:
    """Add or change the operators of some rows; a group or skill that went meanwhile is left out."""
    known = _Known(
        _people(), {group.code: group for group in groups.list_all()}, set(db.session.scalars(db.select(Skill.code)))
    )
    nobody_knows = passwords.hash_password(secrets.token_urlsafe())
    for line in (Line(**values) for values in lines):
        person = known.people.get(line.login) or _added(line, nobody_knows, branch_id, by)
        operators.set_up(person, _setup(line, person, known), by=by)


def _added(line: Line, password_hash: str, branch_id: int, by: str) -> Employee:
    person = Employee(
        login=line.login,
        name=line.name or line.login,
        roles=[Role.OPERATOR.value],
        branch=db.session.get_one(Branch, branch_id),
        password_hash=password_hash,
        must_change_password=True,
    )
    db.session.add(person)
    db.session.flush()
    journal.record("employee.changed", person.key, by=by, added=True, roles=person.roles)
    return person


def _setup(line: Line, person: Employee, known: _Known) -> Setup:
    """Say how a person is set up from now on: as he is, but for what the row says."""
    codes = [group.code for group in person.groups] if line.groups is None else line.groups
    levels = skills.levels(person) if line.skills is None else line.skills
    return Setup(
        name=line.name or person.name,
        branch_id=person.branch_id,
        roles=person.roles,
        groups=[known.groups[code] for code in codes if code in known.groups],
        units=line.units or person.units,
        channel_units=person.channel_units,
        auto_accept=person.auto_accept,
        skills={code: level for code, level in levels.items() if code in known.skills},
    )
