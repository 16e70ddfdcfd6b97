"""First messages that leave at a moment: planned, and begun when it comes, or their author is told why not (3.2.6)."""

import datetime as dt

from cec.appeals import first_messages, outgoing, sparing
from cec.appeals.first_messages import FirstMessage, Wanted
from cec.appeals.models import Appeal
from cec.appeals.outgoing import ORDINARY, Leave
from cec.platform import clock, i18n, journal, work
from cec.platform.db import db
from cec.platform.errors import Invalid, Refusal
from cec.staff.models import Employee

FURTHEST = dt.timedelta(days=366)


class MomentUnfit(Invalid):
    """Choose a moment in the future, within 366 days."""

    field = "at"


class AuthorGone(Refusal):
    """Its author does not work here any more."""


def plan(
    wanted: Wanted, *, at: dt.datetime, by: Employee, known: Appeal | None = None, leave: Leave = ORDINARY
) -> FirstMessage | Appeal:
    """Let a first message leave at a moment; gives the appeal instead when it has left already.

    :raises Refusal: what would be refused now; it is asked again when it leaves.
    """
    if not clock.now() < at <= clock.now() + FURTHEST:
        raise MomentUnfit
    first_messages.in_turn(wanted.name)
    begun = outgoing.find_begun(wanted, by=by)
    if begun is not None:
        return begun
    outgoing.check(wanted, by=by, known=known, leave=leave, at=at)
    first = first_messages.plan(wanted, at=at, by=by, known=known, confirmed=leave.confirmed)
    work.enqueue("appeals.begin_planned", at=at, first_message_id=first.id, per_day=leave.per_day)
    return first


@work.handler("appeals.begin_planned")
def begin_planned(first_message_id: int, per_day: int) -> None:
    """Begin the appeal of a message whose moment has come; one that was cancelled or put off is left alone."""
    name = db.session.scalar(db.select(FirstMessage.name).where(FirstMessage.id == first_message_id))
    if name is None:
        return
    first_messages.in_turn(name)
    first = db.session.get(FirstMessage, first_message_id, populate_existing=True)
    if first is None or first.due_at is None or first.due_at > clock.now():
        return
    by, wanted = first.employee, first_messages.wanted_of(first)
    with i18n.reader(by.language, by.branch.zone):
        try:
            if not by.is_active:
                raise AuthorGone
            leave = Leave(confirmed=first.is_confirmed, per_day=per_day)
            checked = outgoing.check(wanted, by=by, known=first.known, leave=leave)
        except sparing.QuietNow as quiet:
            _hold_back(first, quiet.moment_on, per_day)
            return
        except Refusal as no:
            _refuse(first, no)
            return
        outgoing.start(wanted, checked, by=by)


def _hold_back(first: FirstMessage, until: dt.datetime, per_day: int) -> None:
    """Let it wait for the end of quiet hours that were set after it was planned."""
    first.held_from, first.due_at = first.held_from or first.due_at, until
    work.enqueue("appeals.begin_planned", at=until, first_message_id=first.id, per_day=per_day)
    journal.record(first_messages.HELD, first.key, by="system", until=until)


def _refuse(first: FirstMessage, no: Refusal) -> None:
    planned, reason = first.held_from or first.due_at, no.sentence()
    first.due_at, first.held_from, first.refusal = None, None, reason
    journal.record(
        first_messages.REFUSED, first.key, by="system", employee_id=first.employee_id, planned=planned, reason=reason
    )
