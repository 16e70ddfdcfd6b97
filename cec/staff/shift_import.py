"""Shifts from a sheet: a row for each login, a column for each day; looked through first, written when wanted."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from cec.platform import excel, hours
from cec.platform.db import db
from cec.platform.errors import Invalid
from cec.platform.excel import Cell, Fault, Sheet
from cec.platform.hours import Span
from cec.platform.i18n import gettext as _
from cec.staff import shifts
from cec.staff.models import Employee
from cec.staff.operator_import import LoginColumnMissing, LoginTwice
from cec.staff.shifts import Place

_LOGIN = {"login", "логин"}
_NAME = {"name", "имя", "фио"}
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


class DaysMissing(Invalid):
    """The first row names no days: write dates as 23.11.2026, or download the template."""

    field = "file"


class DayUnclear(Invalid):
    """Write a date as 23.11.2026."""


class LoginUnknown(Invalid):
    """Nobody with this login works here."""


@dataclass
class Examined:
    """What an import would write, and the cells that keep it from doing so."""

    plan: dict[Place, list[Span]] = field(default_factory=dict)
    people: list[Employee] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def template(people: Sequence[Employee], first: dt.date) -> bytes:
    """Give a sheet with the plan of a week, to fill in."""
    days = [first + dt.timedelta(days=number) for number in range(shifts.WEEK)]
    plan = shifts.plan_of(people, first)
    rows = [
        [person.login, person.name, *(hours.write(plan.get((person.id, day), [])) for day in days)] for person in people
    ]
    return excel.write(_("Shifts"), ["login", "name", *(f"{day:%d.%m.%Y}" for day in days)], rows)


def examine(content: bytes) -> Examined:
    """Look a sheet through without writing anything; an empty cell leaves a day as it is, a dash empties it.

    :raises Invalid: when the file cannot be read, or has no logins or days.
    """
    sheet, examined = excel.read(content), Examined()
    at = next((place for place, cell in enumerate(sheet.head) if cell.text.casefold() in _LOGIN), None)
    if at is None:
        raise LoginColumnMissing
    days = _days(sheet, examined.faults)
    if not days and not examined.faults:
        raise DaysMissing
    known = {person.login: person for person in db.session.scalars(db.select(Employee).where(Employee.is_active))}
    for row in sheet.rows:
        _read(sheet, row, row[at], days, known, examined)
    return examined


def _days(sheet: Sheet, faults: list[Fault]) -> dict[int, dt.date]:
    days = {}
    for place, cell in enumerate(sheet.head):
        if not cell.text or cell.text.casefold() in _LOGIN | _NAME:
            continue
        try:
            days[place] = _day(cell.text)
        except Invalid as refusal:
            faults.append(Fault(sheet.name, cell.row, cell.column, cell.text, refusal.sentence()))
    return days


def _day(text: str) -> dt.date:
    dotted = _DOTTED.fullmatch(text)
    try:
        day = dt.date(*(int(part) for part in dotted.groups()[::-1])) if dotted else dt.date.fromisoformat(text)
    except ValueError:
        raise DayUnclear from None
    if day.year not in shifts.YEARS:
        raise DayUnclear
    return day


def _read(
    sheet: Sheet, row: list[Cell], login: Cell, days: dict[int, dt.date], known: dict[str, Employee], examined: Examined
) -> None:
    person = known.get(login.text.casefold())
    if person is None or person in examined.people:
        refusal = LoginTwice() if person else LoginUnknown()
        examined.faults.append(Fault(sheet.name, login.row, login.column, login.text, refusal.sentence()))
        return
    examined.people.append(person)
    for place, day in days.items():
        cell = row[place]
        try:
            if cell.text:
                examined.plan[person.id, day] = hours.read(cell.text, over_midnight=True)
        except Invalid as refusal:
            examined.faults.append(Fault(sheet.name, cell.row, cell.column, cell.text, refusal.sentence()))
