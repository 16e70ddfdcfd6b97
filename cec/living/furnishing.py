"""What a demo centre has for those who live in it: colleagues, a supervisor, the channel and the key of the app."""

import secrets
from typing import Any

from cec.channels.api import opening
from cec.integrations import keys
from cec.integrations.models import Scope
from cec.platform import journal
from cec.platform.db import db
from cec.queues.models import Queue
from cec.staff.models import Branch, Employee, OperatorGroup
from cec.staff.passwords import hash_password
from cec.staff.roles import Role

# Login: name, codes of groups. They hold little at once, so that much is left to others.
COLLEAGUES: dict[str, tuple[str, tuple[str, ...]]] = {
    "lena": ("Елена Савина", ("first_line", "payments")),
    "timur": ("Тимур Валеев", ("first_line",)),
    "dasha": ("Дарья Ким", ("first_line",)),
    "oleg": ("Олег Зуев", ("first_line", "payments")),
}
SUPERVISOR = ("galina", "Галина Шарова")
UNITS = 2
APP = "app"


def furnish(*, chat: str) -> dict[str, Any]:
    """Let people live in a demo centre that has just been filled; gives what cec.living.places reads, secrets too.

    `chat`: the code of the web chat that visitors use.
    """
    branch = db.session.scalars(db.select(Branch).order_by(Branch.id)).first()
    assert branch is not None, "a demo has a branch"
    passwords = {login: secrets.token_urlsafe(18) for login in (*COLLEAGUES, SUPERVISOR[0])}
    _colleagues(branch, passwords)
    login, name = SUPERVISOR
    _employ(branch, login, name, Role.SUPERVISOR, passwords[login])
    db.session.flush()
    for queue_id in db.session.scalars(db.select(Queue.id).order_by(Queue.id)):
        journal.record("queue.changed", f"queue:{queue_id}", by="system")
    account, secret = opening.create(name="Приложение магазина", code=APP, config={}, by="system")
    _key, token = keys.create(name="Приложение магазина", scopes=[Scope.READ_APPEALS], account=account, by="system")
    return {
        "chat": chat,
        "access": {"code": APP, "secret": secret, "key": token},
        "colleagues": {login: passwords[login] for login in COLLEAGUES},
        "supervisors": {login: passwords[login]},
    }


def _colleagues(branch: Branch, passwords: dict[str, str]) -> None:
    groups = {group.code: group for group in db.session.scalars(db.select(OperatorGroup))}
    for login, (name, codes) in COLLEAGUES.items():
        person = _employ(branch, login, name, Role.OPERATOR, passwords[login])
        person.groups = [groups[code] for code in codes if code in groups]


def _employ(branch: Branch, login: str, name: str, role: Role, password: str) -> Employee:
    person = Employee(
        login=login, name=name, roles=[role.value], branch=branch, units=UNITS, password_hash=hash_password(password)
    )
    db.session.add(person)
    return person
