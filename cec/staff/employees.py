"""Add, change, dismiss the people who work here (guide 5.11)."""

import re
from collections.abc import Sequence
from zoneinfo import available_timezones

from sqlalchemy import ColumnElement, text
from sqlalchemy.orm import selectinload

from cec.platform import journal
from cec.platform.db import db
from cec.platform.errors import Invalid, NotFound, Refusal
from cec.staff import passwords, presence, signing_in
from cec.staff.models import Branch, Employee, OperatorGroup, Presence, Workplace
from cec.staff.roles import Role

_LOGIN = re.compile(r"[\w.@-]{2,60}")


class NameMissing(Invalid):
    """Write the name."""

    field = "name"


class LoginUnfit(Invalid):
    """A login has 2 to 60 letters, digits, dots or dashes."""

    field = "login"


class LoginTaken(Invalid):
    """Somebody has this login already."""

    field = "login"


class RolesMissing(Invalid):
    """Choose at least one role."""

    field = "roles"


class ZoneUnknown(Invalid):
    """There is no such time zone."""

    field = "zone"


class BranchUnknown(Invalid):
    """There is no such branch."""

    field = "branch_id"


class NotYourself(Refusal):
    """Nobody can dismiss himself."""


class LastAdministrator(Refusal):
    """The centre needs at least one administrator."""


class AlreadyFounded(Refusal):
    """This centre has its administrator already. Sign in."""


def is_anybody_here() -> bool:
    """Tell whether the centre has people at all."""
    return bool(db.session.scalar(db.select(db.exists().select_from(Employee))))


def has_operators() -> bool:
    """Tell whether anybody could take an appeal."""
    operators = db.exists().where(Employee.is_active, Employee.roles.contains([Role.OPERATOR.value]))
    return bool(db.session.scalar(db.select(operators)))


def list_working(role: Role) -> list[Employee]:
    """List who works here in a role, by name."""
    wanted = db.select(Employee).where(Employee.is_active, Employee.roles.contains([role.value]))
    return list(db.session.scalars(wanted.order_by(Employee.name, Employee.id)))


def refuse_second_founding() -> None:
    """Refuse to found a centre that has people.

    :raises AlreadyFounded: always then.
    """
    if is_anybody_here():
        raise AlreadyFounded


def list_all() -> list[Employee]:
    """List the people, those who work here first."""
    return list(
        db.session.scalars(
            db.select(Employee)
            .options(selectinload(Employee.groups))
            .order_by(Employee.is_active.desc(), Employee.name, Employee.id)
        )
    )


def get(employee_id: int) -> Employee:
    """Get a person.

    :raises NotFound: when there is none.
    """
    employee = db.session.get(Employee, employee_id)
    if employee is None:
        raise NotFound
    return employee


def found(*, place: str, zone: str, name: str, login: str, password: str) -> Employee:
    """Make the first branch of an empty centre and its administrator, with a password of his own."""
    # Two founders at once take turns; the second one is refused.
    db.session.execute(text("LOCK TABLE employee IN SHARE ROW EXCLUSIVE MODE"))
    refuse_second_founding()
    if zone not in available_timezones():
        raise ZoneUnknown
    passwords.check(password, login=login)
    branch = Branch(name=place.strip() or name.strip(), zone=zone)
    db.session.add_all([branch, Workplace(branch=branch, name=branch.name)])
    db.session.flush()
    administrator = _make(name, login, [Role.BUSINESS_ADMIN], branch, password)
    journal.record("employee.changed", administrator.key, by=administrator.key, added=True)
    return administrator


def add(
    *, name: str, login: str, roles: Sequence[str], branch_id: int, groups: Sequence[OperatorGroup], by: str
) -> tuple[Employee, str]:
    """Add a person with a one-time password, which is told once and changed at the first sign-in."""
    password, branch = passwords.one_time(), db.session.get(Branch, branch_id)
    if branch is None:
        raise BranchUnknown
    employee = _make(name, login, roles, branch, password)
    employee.must_change_password = True
    employee.groups = list(groups)
    journal.record("employee.changed", employee.key, by=by, added=True, roles=list(employee.roles))
    return employee, password


def fitting_login(text: str) -> str:
    """Give a login as it is kept: its case does not matter.

    :raises LoginUnfit: when it cannot be one.
    """
    login = text.strip().casefold()
    if not _LOGIN.fullmatch(login):
        raise LoginUnfit
    return login


def _make(name: str, login: str, roles: Sequence[str], branch: Branch, password: str) -> Employee:
    if not name.strip():
        raise NameMissing
    login = fitting_login(login)
    wanted = [str(role) for role in Role if role in roles]
    if not wanted:
        raise RolesMissing
    if db.session.scalar(db.select(db.exists().where(Employee.login == login))):
        raise LoginTaken
    employee = Employee(
        login=login,
        name=" ".join(name.split()),
        roles=wanted,
        branch=branch,
        password_hash=passwords.hash_password(password),
    )
    db.session.add(employee)
    db.session.flush()
    return employee


def dismiss(employee: Employee, *, by: Employee) -> None:
    """End a person's work here: no sign-in, sessions end, appeals go back to their queues; his history stays.

    :raises NotYourself: nobody locks himself out.
    :raises LastAdministrator: somebody has to be able to open the door again.
    """
    if employee.id == by.id:
        raise NotYourself
    if not employee.is_active:
        return
    employee.is_active = False
    refuse_without_administrator()
    signing_in.revoke_all(employee, by=by.key)
    if presence.current(employee.id) is not None:
        presence.set_status(employee, Presence.OFFLINE, by=by.key, source="supervisor")
    journal.record("employee.changed", employee.key, by=by.key, dismissed=True)


def refuse_without_administrator() -> None:
    """Refuse what would leave the centre without an administrator.

    :raises LastAdministrator: when nobody is one any more.
    """
    db.session.flush()
    if not db.session.scalar(db.select(db.exists().where(Employee.is_active, _is_administrator()))):
        raise LastAdministrator


def take_back(employee: Employee, *, by: Employee) -> str:
    """Let a dismissed person work here again, with a new one-time password."""
    employee.is_active = True
    journal.record("employee.changed", employee.key, by=by.key, dismissed=False)
    return signing_in.reset_password(employee, by=by.key)


def _is_administrator() -> ColumnElement[bool]:
    return Employee.roles.contains([Role.BUSINESS_ADMIN.value])


def set_profile(employee: Employee, *, language: str, theme: str) -> None:
    """Keep how a person wants the pages to look."""
    employee.language, employee.theme = language, theme
