"""Leaving work: what becomes of the appeals that an operator has in work (guide 2.6)."""

from enum import StrEnum

from cec.appeals import acting, form_options, lifecycle
from cec.appeals.models import Status
from cec.distribution import returning
from cec.platform import work
from cec.platform.db import db
from cec.platform.errors import Invalid
from cec.staff import signing_in
from cec.staff.models import Employee, Session
from cec.workflow import engine


class Held(StrEnum):
    """What becomes of appeals in work; an offer that rings always goes back."""

    RETURN = "return"
    KEEP = "keep"
    GROUP = "group"


class NoSuchWay(Invalid):
    """Choose what becomes of your appeals."""

    field = "held"


class NoSuchGroup(Invalid):
    """Choose a group that serves an open queue."""

    field = "group_id"


def leave(session: Session, how: str, *, group_id: int | None, may_keep: bool, comment: str) -> None:
    """Sign out; each appeal then goes its way in a transaction of its own (CORE 3)."""
    if how not in set(Held) or (how == Held.KEEP and not may_keep):
        raise NoSuchWay
    if how == Held.GROUP and not _is_open(group_id):
        raise NoSuchGroup
    group = {"group_id": group_id, "comment": comment} if how == Held.GROUP else {}
    signing_in.sign_out(session, held=how, **group)


def _is_open(group_id: int | None) -> bool:
    return str(group_id) in {option.value for option in form_options.groups()}


@work.handler("distribution.hand_over")
def hand_over_one(appeal_id: int, employee_id: int, by: str, group_id: int, comment: str) -> None:
    """Transfer one appeal to a group, unless it has moved on; back to its queue if the group is closed meanwhile."""
    if not _is_open(group_id):
        returning.return_one(appeal_id, employee_id, by)
        return
    engine.lock(f"appeal:{appeal_id}")
    appeal = lifecycle.lock(appeal_id)
    if appeal.operator_id != employee_id or appeal.status != Status.IN_WORK:
        return
    answers = {"target": "group", "group_id": group_id, "queue_id": None, "operator_id": None, "comment": comment}
    acting.act(
        appeal_id,
        "transfer",
        by=db.session.get_one(Employee, employee_id),
        expected_version=appeal.version,
        seen_message_id=appeal.last_message_id or 0,
        answers=answers,
    )
