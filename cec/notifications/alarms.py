"""What concerns the administrators: a silent channel, a receiver that gave up, a refused table, a held database.

An alarm stands in their windows until they have seen to it, or until it is over by itself.
"""

from cec.notifications.telling import settle, tell
from cec.platform import journal, snapshots
from cec.platform.db import db
from cec.platform.journal import Entry
from cec.rulebook import files, versions
from cec.staff import employees
from cec.staff.models import Employee
from cec.staff.roles import Role


def _administrators() -> list[int]:
    return [person.id for person in employees.list_working(Role.BUSINESS_ADMIN)]


@journal.on("account.silent")
def _silent(entry: Entry) -> None:
    for administrator in _administrators():
        since = entry.facts["since"]
        tell(administrator, "channel_silent", None, key=_key(entry), who=entry.facts["called"], due=since)


@journal.on("account.heard_again")
def _heard_again(entry: Entry) -> None:
    settle(key=_key(entry))


@journal.on("receiver.gave_up")
def _gave_up(entry: Entry) -> None:
    """Tell that events do not reach a receiver any more."""
    for administrator in _administrators():
        name, reason = entry.facts["called"], entry.facts.get("reason") or ""
        tell(administrator, "receiver_gave_up", None, key=_key(entry), who=name, reason=reason)


@journal.on("receiver.resumed")
def _resumed(entry: Entry) -> None:
    settle(key=_key(entry))


@journal.on("rules.not_published")
def _table_refused(entry: Entry) -> None:
    """Tell who planned a version that it does not judge; if he works here no more, all administrators."""
    name = entry.subject.partition(":")[2]
    title, number = versions.title(name, files.current_stamp(name).sha256), entry.facts["version"]
    for employee_id in _planner(entry.facts["planned_by"]) or _administrators():
        tell(employee_id, "table_refused", None, key=_key(entry), table=title, name=name, version=number)


def _planner(by: str) -> list[int]:
    number = by.removeprefix("employee:")
    wanted = db.select(Employee.id).where(Employee.is_active, Employee.id == int(number if number.isdigit() else 0))
    return list(db.session.scalars(wanted))


@journal.on("rules.published", "rules.brought_back")
def _table_judges(entry: Entry) -> None:
    """Another version judges since: whoever saw to it knows of the one that was refused."""
    settle(key=_key(entry))


@journal.on(snapshots.HELD)
def _database_held(entry: Entry) -> None:
    """Tell that somebody's transaction keeps the database from clearing away what is gone."""
    for administrator in _administrators():
        tell(administrator, "database_held", None, key=_key(entry), who=entry.facts["called"], due=entry.facts["since"])


@journal.on(snapshots.FREED)
def _database_freed(entry: Entry) -> None:
    settle(key=_key(entry))


def _key(entry: Entry) -> str:
    return f"alarm:{entry.subject}"
