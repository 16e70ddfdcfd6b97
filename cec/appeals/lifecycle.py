"""Statuses and allowed moves (guide 2.3; SPEC 0.2 with CORE 1): one table."""

from sqlalchemy.orm.util import identity_key

from cec.appeals.models import Appeal, Status
from cec.platform import clock, journal, live
from cec.platform.db import PLANNED_ONCE, db, unit
from cec.platform.errors import NotFound, Refusal
from cec.platform.i18n import gettext, mark, time
from cec.staff.models import Employee

S = Status
MOVES: dict[Status, frozenset[Status]] = {
    S.NEW: frozenset({S.QUEUED, S.WAITING, S.SPAM, S.BLOCKED}),
    S.QUEUED: frozenset({S.QUEUED, S.OFFERED, S.IN_WORK, S.POSTPONED, S.CLOSED}),
    S.OFFERED: frozenset({S.IN_WORK, S.QUEUED}),
    S.IN_WORK: frozenset({S.WAITING, S.POSTPONED, S.QUEUED, S.CLOSED, S.SPAM}),
    S.WAITING: frozenset({S.IN_WORK, S.QUEUED, S.POSTPONED, S.CLOSED}),
    S.POSTPONED: frozenset({S.IN_WORK, S.QUEUED, S.POSTPONED, S.CLOSED}),
    S.CLOSED: frozenset({S.IN_WORK, S.QUEUED}),
    S.SPAM: frozenset({S.QUEUED}),
    S.BLOCKED: frozenset(),
}
ENDED = frozenset({S.CLOSED, S.SPAM, S.BLOCKED})
HELD = frozenset({S.OFFERED, S.IN_WORK, S.WAITING, S.POSTPONED})

# Where in the diagram an appeal of each status is; a watchdog compares (CORE 1).
PLACES: dict[Status, str] = {
    S.QUEUED: "handle",
    S.OFFERED: "handle",
    S.IN_WORK: "handle",
    S.WAITING: "waiting",
    S.POSTPONED: "postponement",
}

# English names for people; translated when shown.
NAMES: dict[Status, str] = {
    S.NEW: mark("New"),
    S.QUEUED: mark("Queued"),
    S.OFFERED: mark("Offered"),
    S.IN_WORK: mark("In work"),
    S.WAITING: mark("Waiting for client"),
    S.POSTPONED: mark("Postponed"),
    S.CLOSED: mark("Closed"),
    S.SPAM: mark("Spam"),
    S.BLOCKED: mark("Blocked"),
}


class WrongStatus(Refusal):
    """This cannot be done while the appeal is “{status}”."""


class StaleVersion(Refusal):
    """{who} has changed this appeal at {when}: it is “{status}” now. Look at it again and decide."""


def lock(appeal_id: int) -> Appeal:
    """Take the appeal for this transaction and read it as it is now; the process instance is locked before it (CORE 3).

    What this transaction has taken already is at hand: nobody else can have changed it.

    :raises NotFound: when there is none.
    """
    taken = unit().setdefault("locked appeals", {})
    if appeal_id in taken:
        mine: Appeal = taken[appeal_id]
        return mine
    # Read again it lets go of its queue, its account and so on; they are at hand when it is asked for them.
    known = db.session.identity_map.get(identity_key(Appeal, appeal_id))
    unit().setdefault("beside locked appeals", []).extend(vars(known).values() if known else ())
    appeal = db.session.get(
        Appeal, appeal_id, with_for_update={"of": Appeal}, populate_existing=True, execution_options=PLANNED_ONCE
    )
    if appeal is None:
        raise NotFound
    taken[appeal_id] = appeal
    return appeal


def hold(appeal: Appeal) -> None:
    """Remember that this transaction has an appeal to itself: it was made or taken here."""
    unit().setdefault("locked appeals", {})[appeal.id] = appeal


def get(appeal_id: int) -> Appeal:
    """Read an appeal without taking it.

    :raises NotFound: when there is none.
    """
    appeal = db.session.get(Appeal, appeal_id, execution_options=PLANNED_ONCE)
    if appeal is None:
        raise NotFound
    return appeal


def must_be_current(appeal: Appeal, expected_version: int) -> None:
    """Refuse to act on what somebody else has changed meanwhile.

    :raises StaleVersion: says who, when and what.
    """
    if appeal.version == expected_version:
        return
    last = journal.history(appeal.key, beginning="appeal.", limit=1)
    raise StaleVersion(
        who=name_of(last[0].by if last else ""),
        when=time(appeal.status_since),
        status=gettext(NAMES[Status(appeal.status)]),
    )


def move(appeal: Appeal, to: Status) -> None:
    """Move an appeal to another status.

    :raises WrongStatus: when the life cycle forbids it.
    """
    if to not in MOVES[Status(appeal.status)]:
        raise WrongStatus(status=gettext(NAMES[Status(appeal.status)]))
    if to == Status.QUEUED and appeal.status != Status.OFFERED:
        appeal.queued_since = clock.now()
    appeal.status = to
    appeal.status_since = clock.now()
    touch(appeal)


def touch(appeal: Appeal) -> None:
    """Count a change of status, operator or queue, and tell the operator's screen."""
    appeal.version += 1
    for employee_id in {appeal.operator_id, appeal.preferred_operator_id} - {None}:
        live.announce("worklist", f"employee:{employee_id}")


def name_of(by: str) -> str:
    """Say who acted, from the journal's key."""
    kind, _, number = by.partition(":")
    if kind == "employee":
        employee = db.session.get(Employee, int(number))
        return employee.name if employee else by
    return {"client": gettext("The client"), "timer": gettext("The timer")}.get(kind, gettext("The system"))
