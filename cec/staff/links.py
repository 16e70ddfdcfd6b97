"""Heartbeats: whether the windows of an operator still speak to us, and his status while they do not (guide 2.6, 3.9).

Order of locks: the employee, then his session. A heartbeat writes its session only; what follows from it is work.
"""

import datetime as dt
from collections.abc import Callable

from sqlalchemy import Row, text

from cec.platform import clock, work
from cec.platform.db import PLANNED_ONCE, db, unit_of_work
from cec.staff import idling, presence, signing_in
from cec.staff.models import Employee, Link, OperatorStatus, Presence, Session
from cec.staff.presence import Choice
from cec.staff.roles import Role

# Of several windows of one session the one that was touched last counts. Who was idle is back with any touch, also with
# one of the minute before of which nobody had told yet: then he was asked already.
_BEAT = text("""
    UPDATE session SET seen_at = greatest(seen_at, :now), input_at = greatest(input_at, :touched)
    WHERE id = :id AND ended_at IS NULL
    RETURNING link, employee_id, EXISTS (
        SELECT 1 FROM operator_status o WHERE o.employee_id = session.employee_id AND upper_inf(o.during)
        AND o.status = 'idle' AND lower(o.during) - CAST(:asked AS interval) < session.input_at) AS is_back
    """).execution_options(**PLANNED_ONCE)
# An interval has to last, however short.
_INSTANT = dt.timedelta(milliseconds=1)


def beat(session_id: int, *, untouched: dt.timedelta) -> Link | None:
    """Note that a window lives and for how long its person has not touched it; tells what we thought of it till now.

    None: the session ended at this very moment.
    """
    now = clock.now()
    moments = {"id": session_id, "now": now, "touched": now - untouched, "asked": idling.ASKED}
    heard = db.session.execute(_BEAT, moments).one_or_none()
    if heard is None:
        return None
    if heard.link != Link.LIVE:
        work.enqueue("staff.link_found", session_id=session_id)
    if heard.is_back:
        work.enqueue("staff.input_found", employee_id=heard.employee_id)
    return Link(heard.link)


def lose(after: dt.timedelta) -> int:
    """Note whose windows have been silent for so long: nothing new comes, his appeals wait for him."""
    return sum(_each(Link.LIVE, clock.now() - after, _lose))


def give_up(after: dt.timedelta) -> int:
    """Give up whose windows have been silent for so long: his appeals go back to their queues."""
    return sum(_each(Link.LOST, clock.now() - after, _give_up))


def end(after: dt.timedelta) -> int:
    """End the sessions, of whatever role, whose windows have been silent for so long, as of their last heartbeat."""
    return sum(_each(None, clock.now() - after, signing_in.expire))


def _each(link: Link | None, before: dt.datetime, act: Callable[[Session], None]) -> list[bool]:
    """Do something to the sessions that have been silent since; of operators by their link, or of everybody."""
    with unit_of_work():
        silent = _silent(link, before)
    done = []
    for row in silent:
        with unit_of_work():
            presence.lock(row.employee_id)
            session = _take(row.id)
            if session.ended_at is None and link in {None, session.link} and session.seen_at <= before:
                act(session)
                done.append(True)
    return done


def _silent(link: Link | None, before: dt.datetime) -> list[Row[tuple[int, int]]]:
    # Who has not chosen a role yet has no window that beats.
    whose = (Session.role == Role.OPERATOR, Session.link == link) if link else (Session.role.is_not(None),)
    return list(
        db.session.execute(
            db.select(Session.id, Session.employee_id)
            .where(Session.ended_at.is_(None), *whose, Session.seen_at <= before)
            .order_by(Session.employee_id)
        )
    )


def _take(session_id: int) -> Session:
    return db.session.get_one(Session, session_id, with_for_update={"of": Session}, populate_existing=True)


def _lose(session: Session) -> None:
    session.link = Link.LOST
    running = presence.current(session.employee_id)
    if running is None or running.status == Presence.OFFLINE:
        return
    # He was last heard then: what came after was no work. A status chosen later than that lasted an instant.
    at = max(session.seen_at, presence.since(running) + _INSTANT)
    presence.set_status(session.employee, Presence.NO_LINK, by="timer", source="link", at=at)


def _give_up(session: Session) -> None:
    session.link = Link.GONE
    running = presence.current(session.employee_id)
    if running is not None and running.status == Presence.NO_LINK:
        presence.set_status(session.employee, Presence.OFFLINE, by="timer", source="link")


@work.handler("staff.link_found")
def find_again(session_id: int) -> None:
    """Let an operator go on as he was; who was given up meanwhile begins as after sign-in."""
    presence.lock(db.session.get_one(Session, session_id).employee_id)
    session = _take(session_id)
    if session.ended_at is not None or session.link == Link.LIVE:
        return
    session.link = Link.LIVE
    running = presence.current(session.employee_id)
    if running is None or running.source != "link":
        return
    if running.status == Presence.NO_LINK:
        _go_on(session.employee, running)
    else:
        presence.set_status(session.employee, Presence.NOT_ACCEPTING, by=session.employee.key, source="link")


def _go_on(employee: Employee, running: OperatorStatus) -> None:
    before = db.session.scalars(
        db.select(OperatorStatus).where(
            OperatorStatus.employee_id == employee.id,
            db.func.upper(OperatorStatus.during) == presence.since(running),
        )
    ).one_or_none()
    was = Choice(Presence(before.status), before.reason_id) if before else Choice(Presence.NOT_ACCEPTING)
    presence.set_status(employee, was.status, reason_id=was.reason_id, by=employee.key, source="link")
    if before and before.next_status:
        presence.choose_next(employee, Choice(Presence(before.next_status), before.next_reason_id), by=employee.key)


def is_silent_since(employee_id: int, moment: dt.datetime) -> bool:
    """Tell whether an operator's windows have said nothing since a moment: he cannot have seen what came then."""
    silent = db.select(
        db.exists().where(
            Session.employee_id == employee_id, Session.ended_at.is_(None),
            Session.role == Role.OPERATOR, Session.seen_at < moment,
        )
    )  # fmt: skip
    return bool(db.session.scalar(silent))
