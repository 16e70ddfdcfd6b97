"""Who may enter, in which role, branch and workplace (guide 2.1, 2.6)."""

import datetime as dt
import hashlib
import secrets
from http import HTTPStatus
from typing import Any

from sqlalchemy.orm import joinedload

from cec.platform import audit, clock, i18n, journal, live
from cec.platform.audit import Kind
from cec.platform.db import PLANNED_ONCE, db
from cec.platform.errors import Invalid, Refusal
from cec.platform.i18n import ngettext
from cec.staff import attempts, passwords, presence, readers
from cec.staff.models import Branch, Employee, Link, Presence, Session, Workplace
from cec.staff.readers import Reader
from cec.staff.roles import Role

# A session that nobody used for so long, or that is so old, is over.
IDLE = dt.timedelta(hours=8)
LONGEST = dt.timedelta(hours=24)


class WrongPassword(Invalid):
    """The login or the password did not fit."""

    def __init__(self, left: int) -> None:
        super().__init__()
        self.left = left

    def sentence(self) -> str:
        """Say it, and how many attempts are left."""
        left = ngettext(
            "%(n)d attempt is left, then sign-in closes for 15 minutes.",
            "%(n)d attempts are left, then sign-in closes for 15 minutes.",
            self.left,
        )
        return f"{super().sentence()} {left % {'n': self.left}}"


class NoRoles(Refusal):
    """No role is assigned to you. Ask your administrator."""

    status = HTTPStatus.FORBIDDEN


class UnknownChoice(Refusal):
    """There is no such role, branch or workplace for you."""

    status = HTTPStatus.BAD_REQUEST


class PlaceElsewhere(Invalid):
    """Choose a workplace of this branch."""

    field = "workplace_id"


class OpenElsewhere(Refusal):
    """You already work in another window since {since}. Going on here ends that session."""


class WrongOldPassword(Invalid):
    """The current password did not fit."""

    field = "old_password"


class SamePassword(Invalid):
    """The new password has to differ from the current one."""

    field = "new_password"


def sign_in(login: str, password: str, place: str = "") -> tuple[Session, str]:
    """Let a person in by login and password; gives the session and the secret for his cookie.

    :raises attempts.Locked: after five wrong passwords, for 15 minutes.
    :raises attempts.PlaceLocked: after a hundred from the address `place`, within 15 minutes.
    :raises WrongPassword: the same for an unknown login, in words and in time.
    """
    login = login.strip().casefold()
    left = attempts.take(login, place)
    employee = db.session.scalars(db.select(Employee).where(Employee.login == login, Employee.is_active)).one_or_none()
    if not passwords.fits(employee.password_hash if employee else None, password) or employee is None:
        # What was typed is not kept: it may be a password.
        audit.count_apart(Kind.SIGN_IN, "operator.sign_in_failed", employee.key if employee else "", by="")
        if left:
            raise WrongPassword(left)
        raise attempts.Locked
    attempts.forgive(login, place)
    if not employee.roles:
        raise NoRoles
    token = secrets.token_urlsafe(32)
    session = Session(token_sha256=_sha256(token), employee=employee)
    db.session.add(session)
    db.session.flush()
    return session, token


def find(token: str) -> Reader | None:
    """Find who has the living session of a cookie; note once a minute that it is in use."""
    reader = readers.find(_sha256(token))
    if reader is None or _is_over(reader, clock.now()):
        return None
    readers.note(reader)
    return reader


def get(reader: Reader) -> Session:
    """Give the session of who asks as the row it is, with its person and his branch."""
    found: Session = db.session.scalars(_BY_ID, {"id": reader.session_id}).one()
    return found


_BY_ID = (
    db.select(Session)
    .where(Session.id == db.bindparam("id"))
    .options(
        # The branch of the session is his own, as a rule: known then.
        joinedload(Session.employee, innerjoin=True).joinedload(Employee.branch, innerjoin=True),
    )
    .execution_options(populate_existing=True, **PLANNED_ONCE)
)


def was_taken_over(token: str) -> bool:
    """Tell whether a session ended because the same person went on in another window."""
    ended_by = db.session.scalar(db.select(Session.ended_by).where(Session.token_sha256 == _sha256(token)))
    return bool(ended_by == "taken_over")


def _is_over(session: Session | Reader, now: dt.datetime) -> bool:
    return now - session.seen_at >= IDLE or now - session.started_at >= LONGEST


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def choose(session: Session, role: str, branch_id: int, workplace_id: int | None, *, take_over: bool = False) -> None:
    """Begin work in a role, at a branch and a workplace; remembered for the next time.

    A person works in one window: the older session ends, if he says so.

    :raises UnknownChoice: for ids that are not his to choose.
    :raises OpenElsewhere: when another window is open and nobody said to take over.
    """
    employee = session.employee
    _check_choice(employee, role, branch_id, workplace_id)
    # Two windows that begin at once take turns here.
    presence.lock(employee.id)
    _end_others(session, take_over=take_over)
    session.role, session.branch_id, session.workplace_id = role, branch_id, workplace_id
    session.link = Link.LIVE
    employee.last_choice = {"role": role, "branch_id": branch_id, "workplace_id": workplace_id}
    db.session.flush()
    journal.record("operator.signed_in", employee.key, by=employee.key, role=role, branch_id=branch_id)
    status = Presence.NOT_ACCEPTING if role == Role.OPERATOR else Presence.OFFLINE
    if role == Role.OPERATOR or presence.current(employee.id) is not None:
        presence.set_status(employee, status, by=employee.key, source="self")


def _check_choice(employee: Employee, role: str, branch_id: int, workplace_id: int | None) -> None:
    if role not in employee.roles or db.session.get(Branch, branch_id) is None:
        raise UnknownChoice
    if workplace_id is not None and db.session.get(Workplace, workplace_id) is None:
        raise UnknownChoice
    places = {place.id for place in workplaces(branch_id)}
    if (workplace_id not in places) if places else workplace_id is not None:
        raise PlaceElsewhere


def works_elsewhere(session: Session) -> bool:
    """Tell whether the person has another window open that still speaks to us."""
    return any(not _is_over(other, clock.now()) and other.link != Link.GONE for other in _others(session))


def _others(session: Session) -> list[Session]:
    return list(
        db.session.scalars(
            db.select(Session)
            .where(Session.employee_id == session.employee_id, Session.id != session.id)
            .where(Session.ended_at.is_(None), Session.role.is_not(None))
        )
    )


def _end_others(session: Session, *, take_over: bool) -> None:
    for other in _others(session):
        if _is_over(other, clock.now()):
            _end(other, "expired", at=other.seen_at)
        elif other.link == Link.GONE:
            _end(other, "taken_over", at=other.seen_at)
        elif take_over:
            _end(other, "taken_over")
        else:
            raise OpenElsewhere(since=i18n.time(other.started_at))
    db.session.flush()


def take_back(token: str) -> bool:
    """Go on in a window that another one took over, if it still may; the other one's session ends."""
    session = db.session.scalars(db.select(Session).where(Session.token_sha256 == _sha256(token))).one_or_none()
    if session is None or not session.employee.is_active or _is_over(session, clock.now()):
        return False
    presence.lock(session.employee_id)
    db.session.refresh(session)
    if session.ended_by != "taken_over":
        return False
    _end_others(session, take_over=True)
    session.ended_at = session.ended_by = None
    session.seen_at, session.link = clock.now(), Link.LIVE
    db.session.flush()
    journal.record("operator.took_back", session.employee.key, by=session.employee.key, role=session.role)
    running = presence.current(session.employee_id)
    if session.role == Role.OPERATOR and (running is None or running.status == Presence.OFFLINE):
        presence.set_status(session.employee, Presence.NOT_ACCEPTING, by=session.employee.key, source="self")
    return True


def _let_none_be_taken_back(employee_id: int, why: str) -> None:
    """Who signs out or is signed out leaves no older window that could go on without a password."""
    older = db.update(Session).where(Session.employee_id == employee_id, Session.ended_by == "taken_over")
    db.session.execute(older.values(ended_by=why))


def branches() -> list[Branch]:
    """List the branches to choose from."""
    return list(db.session.scalars(db.select(Branch).order_by(Branch.name)))


def workplaces(branch_id: int) -> list[Workplace]:
    """List the workplaces of a branch."""
    return list(
        db.session.scalars(db.select(Workplace).where(Workplace.branch_id == branch_id).order_by(Workplace.name))
    )


def sign_out(session: Session, **held: Any) -> None:
    """End a session; an operator goes offline at this moment.

    His appeals go back to their queues, unless `held` says something else (distribution.leaving).
    """
    presence.lock(session.employee_id)
    _end(session, "signed_out")
    _let_none_be_taken_back(session.employee_id, "signed_out")
    _leave(session, by=session.employee.key, **held)


def _end(session: Session, why: str, *, at: dt.datetime | None = None) -> None:
    session.ended_at, session.ended_by = at or clock.now(), why
    live.announce(live.SESSION_ENDED, session.employee.key)


def _leave(session: Session, *, by: str, **held: Any) -> None:
    journal.record("operator.signed_out", session.employee.key, by=by, why=session.ended_by)
    if session.role == Role.OPERATOR:
        # Who was last heard long ago has not worked since.
        presence.set_status(session.employee, Presence.OFFLINE, by=by, source="logout", at=session.ended_at, **held)


def revoke_all(employee: Employee, *, by: str, but: Session | None = None) -> int:
    """End the sessions of a person, all but one if told so; tells how many."""
    presence.lock(employee.id)
    _let_none_be_taken_back(employee.id, "revoked")
    sessions = db.session.scalars(
        db.select(Session)
        .where(Session.employee_id == employee.id, Session.ended_at.is_(None))
        .where(Session.id != (but.id if but else 0))
    ).all()
    for session in sessions:
        _end(session, "revoked")
        if session.role is not None:
            _leave(session, by=by)
    return len(sessions)


def end_unused() -> int:
    """End the sessions that nobody used for hours, as of when they were last used."""
    now = clock.now()
    sessions = db.session.scalars(
        db.select(Session)
        .where(
            Session.ended_at.is_(None),
            db.or_(Session.seen_at <= now - IDLE, Session.started_at <= now - LONGEST),
        )
        .order_by(Session.employee_id, Session.id)
    ).all()
    for session in sessions:
        presence.lock(session.employee_id)
        expire(session)
    return len(sessions)


def expire(session: Session) -> None:
    """End a session as of when it was last heard of; the caller holds the person."""
    _end(session, "expired", at=session.seen_at)
    if session.role is not None:
        _leave(session, by="timer")


def hash_password(password: str) -> str:
    """Make the only form in which a password is kept."""
    return passwords.hash_password(password)


def change_password(session: Session, old: str, new: str) -> None:
    """Change one's own password; every other session of the person ends.

    :raises WrongOldPassword: counted like a wrong password at sign-in.
    """
    employee = session.employee
    passwords.check(new, login=employee.login)
    if old == new:
        raise SamePassword
    left = attempts.take(employee.login)
    if not passwords.fits(employee.password_hash, old):
        raise WrongOldPassword if left else attempts.Locked
    attempts.forgive(employee.login)
    employee.password_hash, employee.must_change_password = passwords.hash_password(new), False
    revoke_all(employee, by=employee.key, but=session)
    journal.record("employee.password_changed", employee.key, by=employee.key)


def reset_password(employee: Employee, *, by: str) -> str:
    """Give a person a one-time password, shown once and to be changed at sign-in; his sessions end."""
    password = passwords.one_time()
    employee.password_hash, employee.must_change_password = passwords.hash_password(password), True
    attempts.forgive(employee.login)
    revoke_all(employee, by=by)
    journal.record("employee.password_reset", employee.key, by=by)
    return password
