"""A client is forgotten (152-FZ, GDPR; SPEC 3.4.2): every copy of his words and names goes, what is counted stays.

His card and addresses stay as empty rows, so that his appeals stay somebody's; a sign tells who did it, when and why.
It takes two people: retention.confirming.
"""

import re

from sqlalchemy import text

from cec.clients import people
from cec.clients.models import Address, Client
from cec.clients.people import Person
from cec.platform import clock, journal
from cec.platform.db import db
from cec.platform.errors import Invalid, NotFound, Refusal
from cec.platform.i18n import gettext, mark
from cec.retention import erasing, files, reach
from cec.retention.models import Forgetting
from cec.retention.reach import Reach
from cec.staff.models import Employee

FORGOTTEN = "client.forgotten"
GROUNDS = {
    "request": mark("The client asks for it"),
    "consent": mark("The client withdrew his consent"),
    "purpose": mark("What it was kept for is over"),
    "order": mark("A supervisory authority or a court orders it"),
}
# The number of a paper, not a sentence: nothing of the client may stand in the sign.
_PAPER = re.compile(r"[0-9A-Za-zА-Яа-яЁё№#/.-]{0,40}")
NOBODY = mark("Forgotten client {number}")
LONGEST_LIST = 5

_LOCK_ADDRESSES = text("SELECT id FROM address WHERE id = ANY(:ids) ORDER BY id FOR UPDATE")
_LOCK_APPEALS = text("SELECT id FROM appeal WHERE id = ANY(:ids) ORDER BY id FOR UPDATE")
_EMPTY_ADDRESSES = text("""
    UPDATE address SET value = 'forgotten-' || id, normalised = 'forgotten-' || id, display = '', last_in_at = NULL,
        can_receive = false, cannot_since = :now, cannot_reason = NULL WHERE id = ANY(:ids)""")
_EMPTY_CLIENT = text("""
    UPDATE client SET name = :name, segment = NULL, language = NULL, facts = '{}', forgotten_at = :now
    WHERE id = :id""")
_FORGET_OPT_OUT = text("DELETE FROM opt_out WHERE client_id = :client OR address_id = ANY(:ids)")
_FORGET_VISITORS = text("DELETE FROM visitor WHERE id = ANY(:ids)")
# Answers that programs may ask for again within a day.
_FORGET_ANSWERS = text("""
    DELETE FROM api_answer WHERE EXISTS (
        SELECT FROM unnest(CAST(:numbers AS text[])) AS his (number) WHERE position(his.number IN answer::text) > 0)""")
_NUMBERS = text("SELECT number FROM appeal WHERE id = ANY(:ids) UNION SELECT a.number FROM appeal a JOIN message m"
                " ON m.appeal_id = a.id WHERE m.id = ANY(:messages)")  # fmt: skip


class NoGround(Invalid):
    """Choose on what ground."""

    field = "ground"


class NotANumber(Invalid):
    """Write the number of the paper alone, without spaces and names: up to 40 letters, digits and signs №/.-#."""

    field = "paper"


class NotThatName(Invalid):
    """Type the name exactly as it stands above: {name}."""

    field = "confirm"


class StillOpen(Refusal):
    """Close the open appeals of this client first: {numbers}. What is being worked on cannot be forgotten."""


class UnderWay(Refusal):
    """A message to this client is being sent in this moment. Try again in a minute."""


class AlreadyForgotten(Refusal):
    """This client was forgotten already: nothing is left of him."""


def is_forgotten(person: Person) -> bool:
    """Tell whether nothing is left of a person."""
    if person.client:
        return person.client.forgotten_at is not None
    return all(address.value == f"forgotten-{address.id}" for address in person.addresses)


def check(person: Person, *, ground: str, paper: str, confirm: str) -> None:
    """Check that a person can be forgotten on this ground, and that his name was typed.

    :raises Invalid: at the field, when no ground is given, the paper is no number or the name was not typed.
    :raises StillOpen: while an appeal of his goes on.
    """
    if is_forgotten(person):
        raise AlreadyForgotten
    if ground not in GROUNDS:
        raise NoGround
    if not _PAPER.fullmatch(paper.strip()) or _names(person, paper):
        raise NotANumber
    check_name(person, confirm)
    _must_be_over(reach.of(person))


def check_name(person: Person, typed: str) -> None:
    """Check that the name of a person was typed.

    :raises NotThatName: when it was not.
    """
    if " ".join(typed.split()).casefold() != " ".join(person.name.split()).casefold():
        raise NotThatName(name=person.name)


def forget(person: Person, *, ground: str, paper: str, by: Employee, confirmed_by: Employee) -> Forgetting:
    """Forget a person for good.

    :raises StillOpen: while an appeal of his goes on.
    :raises UnderWay: while a message to him is being sent.
    """
    if is_forgotten(person):
        raise AlreadyForgotten
    # Whoever takes in a letter locks its sender's address first: what he writes now is somebody new afterwards.
    db.session.execute(_LOCK_ADDRESSES, {"ids": [address.id for address in person.addresses]})
    his = reach.of(_anew(person))
    db.session.execute(_LOCK_APPEALS, {"ids": [*his.appeals, *his.still_open]})
    his = reach.of(person)
    _must_be_over(his)
    if his.is_sending():
        raise UnderWay
    counts = his.counts()
    _empty(person, his)
    return _sign(person, his, counts, ground=ground, paper=paper.strip(), by=by, confirmed_by=confirmed_by)


def _must_be_over(his: Reach) -> None:
    if his.still_open:
        numbers = sorted(his.still_open.values())
        more = "…" if len(numbers) > LONGEST_LIST else ""
        raise StillOpen(numbers=", ".join(numbers[:LONGEST_LIST]) + more)


def _names(person: Person, paper: str) -> bool:
    """Tell whether a text names the person."""
    said = paper.casefold()
    words = [word for word in re.findall(r"\w+", person.name.casefold()) if len(word) > 2]  # noqa: PLR2004 - a name
    return any(word in said for word in [*words, *(address.normalised.casefold() for address in person.addresses)])


def _anew(person: Person) -> Person:
    """Read him as he is now that his addresses are ours."""
    if person.client:
        return people.of_client(person.client.id)
    found = people.of_address(person.addresses[0].id)
    if found.client is not None or is_forgotten(found):
        raise NotFound
    return found


def _empty(person: Person, his: Reach) -> None:
    now = clock.now()
    numbers = list(db.session.scalars(_NUMBERS, {"ids": his.appeals, "messages": his.messages}))
    erased = erasing.erase(his.appeals, messages=his.messages, letters=his.letters, addresses=his.addresses)
    files.leave(erased.files)
    erasing.erase_story([person.key])
    db.session.execute(_FORGET_ANSWERS, {"numbers": numbers})
    db.session.execute(_FORGET_VISITORS, {"ids": his.visitors})
    client_id = person.client.id if person.client else None
    db.session.execute(_FORGET_OPT_OUT, {"client": client_id, "ids": his.addresses})
    db.session.execute(_EMPTY_ADDRESSES, {"ids": his.addresses, "now": now})
    if person.client:
        name = gettext(NOBODY).format(number=person.client.id)
        db.session.execute(_EMPTY_CLIENT, {"id": person.client.id, "name": name, "now": now})
    for row in (Address, Client):
        _reread(row)


def _reread(table: type) -> None:
    for row in list(db.session):
        if isinstance(row, table):
            db.session.expire(row)


def _sign(
    person: Person, his: Reach, counts: dict[str, int], *, ground: str, paper: str, by: Employee, confirmed_by: Employee
) -> Forgetting:
    sign = Forgetting(
        employee_id=by.id,
        confirmed_by_id=confirmed_by.id,
        client_id=person.client.id if person.client else None,
        ground=ground,
        paper=paper,
        reached=counts,
        address_ids=list(his.addresses),
    )
    db.session.add(sign)
    db.session.flush()
    facts = {"ground": ground, "paper": paper, "sign": sign.id, "reached": counts, "confirmed_by": confirmed_by.key}
    journal.record(FORGOTTEN, person.key, by=by.key, **facts)
    return sign


def sign_of(person: Person) -> Forgetting | None:
    """Find the sign of a person who was forgotten."""
    wanted = db.select(Forgetting).order_by(Forgetting.id.desc()).limit(1)
    if person.client:
        return db.session.scalars(wanted.filter_by(client_id=person.client.id)).one_or_none()
    its = Forgetting.address_ids.contains([person.addresses[0].id])
    return db.session.scalars(wanted.where(its)).one_or_none()
