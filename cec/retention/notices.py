"""Forgetting a client takes two: supervisors are told that somebody asks for it, and he what was decided."""

from cec.appeals import lifecycle
from cec.notifications.telling import tell
from cec.platform import journal
from cec.platform.journal import Entry
from cec.retention import confirming, forgetting
from cec.staff import employees
from cec.staff.roles import Role


@journal.on(confirming.ASKED)
def _asked(entry: Entry) -> None:
    for supervisor in employees.with_role(Role.SUPERVISOR):
        if entry.by != f"employee:{supervisor}":
            key = f"forgetting:{entry.facts['request']}"
            tell(supervisor, "forgetting_asked", None, key=key, who=lifecycle.name_of(entry.by))


@journal.on(confirming.REFUSED)
def _refused(entry: Entry) -> None:
    key, who = f"forgetting:{entry.facts['request']}", lifecycle.name_of(entry.by)
    tell(entry.facts["asked_by"], "forgetting_refused", None, key=key, who=who, subject=entry.subject)


@journal.on(forgetting.FORGOTTEN)
def _forgotten(entry: Entry) -> None:
    asked_by, who = int(entry.by.partition(":")[2]), lifecycle.name_of(entry.facts["confirmed_by"])
    tell(asked_by, "forgotten", None, key=f"forgotten:{entry.subject}", who=who, subject=entry.subject)
