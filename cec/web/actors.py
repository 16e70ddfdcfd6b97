"""Who did it, as the reader calls him: a person by his name, the reader himself, the client, a timer, the system."""

from collections.abc import Collection

from cec.platform.db import db
from cec.platform.i18n import gettext
from cec.staff.models import Employee

_PERSON = "employee:"


def names(actors: Collection[str], reader: Employee) -> dict[str, str]:
    """Name everybody who acted, in one statement."""
    words = {"client": gettext("The client"), "timer": gettext("The timer")}
    found = {actor: words.get(actor.partition(":")[0], gettext("The system")) for actor in actors}
    numbers = [actor.removeprefix(_PERSON) for actor in actors if actor.startswith(_PERSON)]
    ids = [int(number) for number in numbers if number.isdigit()]
    people = db.session.execute(db.select(Employee.id, Employee.name).where(Employee.id.in_(ids)))
    return found | {f"{_PERSON}{number}": name for number, name in people} | {reader.key: gettext("You")}
