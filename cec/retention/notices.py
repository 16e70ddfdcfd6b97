"""Forgetting a client takes two: supervisors are told that somebody asks for it, and he what was decided."""

from cec.appeals import lifecycle
from cec.notifications.telling import settle, tell
from cec.platform import journal
from cec.platform.journal import Entry
from cec.retention import confirming, forgetting
from cec.staff import employees
from cec.staff.roles import Role


@journal.on(confirming.ASKED)
def _asked(entry: Entry) -> None:
    for supervisor in employees.list_working(Role.SUPERVISOR):
        if entry.by != supervisor.key:
            tell(supervisor.id, "forgetting_asked", None, key=_key(entry), who=lifecycle.name_of(entry.by))


@journal.on(confirming.WITHDRAWN, confirming.REFUSED, forgetting.FORGOTTEN)
def _decided(entry: Entry) -> None:
    settle(key=_key(entry))


@journal.on(confirming.REFUSED)
def _refused(entry: Entry) -> None:
    _answer(entry.facts["asked_by"], "forgetting_refused", entry, entry.by)


@journal.on(forgetting.FORGOTTEN)
def _forgotten(entry: Entry) -> None:
    _answer(int(entry.by.partition(":")[2]), "forgotten", entry, entry.facts["confirmed_by"])


def _answer(asked_by: int, what: str, entry: Entry, decided_by: str) -> None:
    key, who = f"{what}:{entry.subject}", lifecycle.name_of(decided_by)
    tell(asked_by, what, None, key=key, who=who, subject=entry.subject)


def _key(entry: Entry) -> str:
    return f"forgetting:{entry.subject}"
