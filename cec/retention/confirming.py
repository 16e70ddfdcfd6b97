"""Forgetting a client takes two people: one asks for it, a supervisor who is somebody else confirms it (SPEC 3.4.2)."""

from http import HTTPStatus

from sqlalchemy.dialects.postgresql import insert

from cec.clients import people
from cec.clients.people import Person
from cec.platform import clock, journal
from cec.platform.db import db
from cec.platform.errors import Refusal
from cec.retention import forgetting
from cec.retention.models import Forgetting, ForgettingRequest
from cec.staff import employees
from cec.staff.models import Employee
from cec.staff.roles import Role

ASKED, WITHDRAWN, REFUSED = "client.forgetting_asked", "client.forgetting_withdrawn", "client.forgetting_refused"


class NobodyConfirms(Refusal):
    """A supervisor has to confirm it, and nobody but you is one: give somebody else that role first."""


class AskedAlready(Refusal):
    """Somebody has asked for it already: it waits for a supervisor."""


class OwnRequest(Refusal):
    """You asked for it yourself: another supervisor has to confirm it."""


class Decided(Refusal):
    """Somebody else has decided this, or it was taken back."""

    status = HTTPStatus.GONE


class HasACard(Refusal):
    """This person has got a card meanwhile: refuse this, and let the card be forgotten."""


def ask(person: Person, *, ground: str, paper: str, confirm: str, by: Employee) -> int:
    """Ask to forget a person; gives the number of the request.

    :raises Invalid: at the field, when no ground is given or the name was not typed.
    :raises StillOpen: while an appeal of his goes on.
    """
    forgetting.check(person, ground=ground, paper=paper, confirm=confirm)
    if not [each for each in employees.list_working(Role.SUPERVISOR) if each.id != by.id]:
        raise NobodyConfirms
    facts = {"ground": ground, "paper": paper.strip()}
    row = {"at": clock.now(), "employee_id": by.id, **_whom(person), **facts}
    asked = insert(ForgettingRequest).values(row).on_conflict_do_nothing().returning(ForgettingRequest.id)
    number = db.session.scalar(asked)
    if number is None:
        raise AskedAlready
    journal.record(ASKED, person.key, by=by.key, request=number, **facts)
    return int(number)


def find(person: Person) -> ForgettingRequest | None:
    """Find what waits for a supervisor's word about a person."""
    return db.session.scalars(db.select(ForgettingRequest).filter_by(**_whom(person))).one_or_none()


def get(number: int) -> ForgettingRequest:
    """Get a request that waits.

    :raises Decided: when it does no more.
    """
    request = db.session.get(ForgettingRequest, number)
    if request is None:
        raise Decided
    return request


def list_waiting() -> list[ForgettingRequest]:
    """List what waits, the oldest first."""
    return list(db.session.scalars(db.select(ForgettingRequest).order_by(ForgettingRequest.id)))


def whom(request: ForgettingRequest) -> Person:
    """Tell whom a request is about."""
    return people.of_client(request.client_id) if request.client_id else people.of_address(request.address_id or 0)


def withdraw(person: Person, *, by: Employee) -> None:
    """Take back what was asked for about a person.

    :raises Decided: when nothing waits.
    """
    request = find(person)
    if request is None:
        raise Decided
    _end(request.id, WITHDRAWN, by)


def refuse(number: int, *, by: Employee) -> None:
    """Leave a person as he is.

    :raises Decided: when somebody was quicker.
    """
    _end(number, REFUSED, by)


def confirm(number: int, *, typed: str, by: Employee) -> Forgetting:
    """Forget the person that a request is about, for good; his name is typed once more.

    :raises NotThatName: when it was not.
    :raises Decided: when somebody was quicker.
    :raises StillOpen: while an appeal of his goes on.
    """
    request = _take(number)
    if request.employee_id == by.id:
        raise OwnRequest
    person = whom(request)
    if request.address_id and person.client:
        raise HasACard
    forgetting.check_name(person, typed)
    db.session.delete(request)
    return forgetting.forget(person, ground=request.ground, paper=request.paper, by=request.employee, confirmed_by=by)


def _whom(person: Person) -> dict[str, int | None]:
    if person.client:
        return {"client_id": person.client.id, "address_id": None}
    return {"client_id": None, "address_id": person.addresses[0].id}


def _take(number: int) -> ForgettingRequest:
    request = db.session.get(ForgettingRequest, number, with_for_update={"of": ForgettingRequest})
    if request is None:
        raise Decided
    return request


def _end(number: int, fact: str, by: Employee) -> None:
    request = _take(number)
    journal.record(fact, whom(request).key, by=by.key, request=request.id, asked_by=request.employee_id)
    db.session.delete(request)
