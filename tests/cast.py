"""The people and things of all tests.

Anna and Igor are operators (Igor also of the payments group), Boris is their supervisor, Vera the business
administrator, Marina the marketer; Petrov is a client who writes mail.
"""

import datetime as dt
import itertools
import uuid
from email.message import EmailMessage
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Table

from cec.appeals import intake_door
from cec.appeals.models import Appeal, Message, Resolution, ResolutionKind
from cec.channels import accounts, receiving
from cec.channels.api import opening
from cec.channels.models import ChannelAccount, Inbound
from cec.clients.addresses import normalise
from cec.clients.models import Address, Client
from cec.distribution import choosing, offering
from cec.distribution.models import Assignment
from cec.integrations import keys
from cec.integrations.models import Scope
from cec.platform import clock, journal, shipped
from cec.platform.db import db, unit_of_work
from cec.queues.models import Queue
from cec.rulebook import files
from cec.rulebook.models import RulesVersion
from cec.staff import presence
from cec.staff.models import Branch, Employee, OperatorGroup, Presence, Workplace
from cec.topics.models import Topic
from cec.workflow import definitions
from cec.workflow.models import ProcessVersion

PASSWORD = "correct horse"
MAILBOX = "shop@centre.example"
PETROV = "petrov@client.example"
AT_ONCE = dt.timedelta()
_numbers = itertools.count(1)
# A hash that is quick to compare: everybody signs in all the time here.
_HASHED = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def _employee(login: str, name: str, role: str) -> Employee:
    found = db.session.scalars(db.select(Employee).where(Employee.login == login)).one_or_none()
    if found:
        return found
    employee = Employee(login=login, name=name, roles=[role], branch=a_branch(), password_hash=_HASHED, last_choice={})
    db.session.add(employee)
    db.session.flush()
    return employee


def an_operator(login: str, name: str) -> Employee:
    """One more operator."""
    return _employee(login, name, "operator")


def a_branch() -> Branch:
    """Kazan, with one workplace."""
    branch = db.session.scalars(db.select(Branch).order_by(Branch.id)).first()
    if branch is None:
        branch = Branch(name="Казань", zone="Europe/Moscow")
        db.session.add_all([branch, Workplace(branch=branch, name="Доставка")])
        db.session.flush()
    return branch


def anna() -> Employee:
    """An operator of the first line."""
    return _employee("anna", "Анна Котова", "operator")


def igor() -> Employee:
    """An operator of the first line and of payments."""
    return _employee("igor", "Игорь Лапшин", "operator")


def boris() -> Employee:
    """Their supervisor."""
    return _employee("boris", "Борис Лаптев", "supervisor")


def vera() -> Employee:
    """The business administrator."""
    return _employee("vera", "Вера Орлова", "business_admin")


def marina() -> Employee:
    """The marketer."""
    return _employee("marina", "Марина Тихонова", "marketer")


def a_group(code: str = "first_line", *members: Employee) -> OperatorGroup:
    """A group; without members told, Anna and Igor."""
    group = db.session.scalars(db.select(OperatorGroup).where(OperatorGroup.code == code)).one_or_none()
    if group is None:
        group = OperatorGroup(code=code, name=code.replace("_", " ").title(), members=list(members) or [anna(), igor()])
        db.session.add(group)
        db.session.flush()
    return group


def a_queue(code: str = "general", *groups: OperatorGroup, **settings: object) -> Queue:
    """A queue served by the first line unless told otherwise; `general` is the default queue."""
    queue = db.session.scalars(db.select(Queue).where(Queue.code == code)).one_or_none()
    if queue is None:
        queue = Queue(
            code=code, name=code.title(), is_default=code == "general", groups=list(groups) or [a_group()], **settings
        )
        db.session.add(queue)
        db.session.flush()
        journal.record("queue.changed", f"queue:{queue.id}", by="system")
    return queue


def a_mailbox(address: str = MAILBOX, port: int = 9) -> ChannelAccount:
    """The shop's mailbox; its outgoing server is at `port`."""
    account = db.session.scalars(db.select(ChannelAccount).where(ChannelAccount.address == address)).one_or_none()
    if account is None:
        smtp = {"host": "127.0.0.1", "port": port, "tls": "none"}
        account = accounts.create_email(
            name="Магазин", code=address.partition("@")[0], address=address, config={"smtp": smtp}, by="system"
        )
        db.session.flush()
    return account


def a_topic() -> Topic:
    """Delivery > Where is it."""
    topic = db.session.scalars(db.select(Topic).where(Topic.name == "Где заказ")).one_or_none()
    if topic is None:
        branch = Topic(name="Доставка")
        topic = Topic(name="Где заказ", parent=branch)
        db.session.add_all([branch, topic])
        db.session.flush()
    return topic


def a_resolution(kind: ResolutionKind = ResolutionKind.SOLVED, **settings: object) -> Resolution:
    """A resolution of a kind."""
    resolution = db.session.scalars(db.select(Resolution).where(Resolution.kind == kind)).first()
    if resolution is None:
        resolution = Resolution(code=kind.value, name=kind.value.title(), kind=kind, **settings)
        db.session.add(resolution)
        db.session.flush()
    return resolution


def petrov() -> Client:
    """A client whose mail address is known."""
    client = db.session.scalars(db.select(Client).where(Client.name == "Пётр Петров")).one_or_none()
    if client is None:
        client = Client(name="Пётр Петров")
        client.addresses.append(Address(type="email", value=PETROV, normalised=normalise("email", PETROV), display=""))
        db.session.add(client)
        db.session.flush()
    return client


def a_centre() -> None:
    """Everything an appeal meets: diagrams, tables, a queue with operators, a mailbox, topics, resolutions."""
    _ship()
    a_queue()
    a_mailbox()
    a_topic()
    for kind in ResolutionKind:
        a_resolution(kind)


# What ships, as its rows were written by the first test of this process.
_TABLES: tuple[Table, ...] = (RulesVersion.__table__, ProcessVersion.__table__)
_shipped: dict[Table, list[dict[str, Any]]] = {}


def _ship() -> None:
    """Diagrams and tables as they ship; read and checked once in each process that tests."""
    has_none = not any(db.session.execute(table.select().limit(1)).first() for table in _TABLES)
    if has_none and _shipped:
        for table, rows in _shipped.items():
            db.session.execute(table.insert(), [{name: _anew(value) for name, value in row.items()} for row in rows])
            db.session.scalar(db.select(db.func.setval(f"{table.name}_id_seq", max(row["id"] for row in rows))))
        return
    files.ship(shipped.folder("rules"))
    definitions.ship(shipped.folder("processes"), shipped.folder("forms"))
    db.session.flush()
    if has_none:
        for table in _TABLES:
            _shipped[table] = [dict(row) for row in db.session.execute(table.select()).mappings()]


def _anew(value: Any) -> Any:
    return clock.now() if isinstance(value, dt.datetime) else value


def a_letter(
    words: str = "Где мой заказ?",
    *,
    sender: str = PETROV,
    subject: str = "Заказ",
    to: str = MAILBOX,
    message_id: str | None = None,
    **headers: str,
) -> EmailMessage:
    """A mail to the shop."""
    letter = EmailMessage()
    letter["From"] = sender
    letter["To"] = to
    letter["Subject"] = subject
    letter["Message-ID"] = message_id or f"<{next(_numbers)}.test@client.example>"
    for name, value in headers.items():
        letter[name.replace("_", "-")] = value
    letter.set_content(words)
    return letter


def arrives(letter: EmailMessage, *, at: str = MAILBOX) -> Message | None:
    """Let a mail come in and be taken in; gives its message, or None when it was a repeat or went to quarantine."""
    return arrives_raw(letter.as_bytes(), letter["Message-ID"], at=at, mail_from=letter["From"])


def arrives_raw(raw: bytes, message_id: str, *, at: str = MAILBOX, mail_from: str = "") -> Message | None:
    """Let bytes come in as a mail, from nobody unless told."""
    with unit_of_work():
        inbound_id = receiving.receive(a_mailbox(at), message_id, raw, {"mail_from": mail_from})
    if inbound_id is None:
        return None
    with unit_of_work():
        intake_door.take_in(inbound_id)
    db.session.expire_all()
    return db.session.scalars(db.select(Message).where(Message.inbound_id == inbound_id)).one_or_none()


def an_appeal(words: str = "Где мой заказ?", **letter: str) -> Appeal:
    """An appeal that has come by mail and waits in its queue."""
    message = arrives(a_letter(words, **letter))
    assert message is not None, db.session.scalars(db.select(Inbound.detail)).all()
    return db.session.get_one(Appeal, message.appeal_id)


def at_work(*employees: Employee) -> None:
    """Operators set their status to active."""
    for employee in employees:
        with unit_of_work():
            presence.set_status(employee, Presence.ACTIVE, by=employee.key, source="self")


def accepted(appeal: Appeal, employee: Employee) -> Appeal:
    """An operator at work is offered the appeal and accepts it."""
    at_work(employee)
    choosing.distribute()
    assignment = db.session.scalars(
        db.select(Assignment).where(Assignment.appeal_id == appeal.id, Assignment.released_at.is_(None))
    ).one()
    assert assignment.employee_id == employee.id
    with unit_of_work():
        offering.accept(assignment.id, by=employee)
    return reread(appeal)


def reread(appeal: Appeal) -> Appeal:
    """The appeal as it stands in the database."""
    db.session.expire_all()
    return db.session.get_one(Appeal, appeal.id)


def reread_message(message: Message) -> Message:
    """The message as it stands in the database."""
    db.session.expire_all()
    return db.session.get_one(Message, message.id)


def a_uuid() -> uuid.UUID:
    """The name that a browser gives to what it sends."""
    return uuid.uuid4()


def an_api_channel(code: str = "app", **config: object) -> tuple[ChannelAccount, str]:
    """The channel of the shop's own application, and its secret."""
    account, secret = opening.create(name="Приложение", code=code, config=config, by="system")
    db.session.flush()
    return account, secret


def a_key(*scopes: Scope, employee: Employee | None = None, account: ChannelAccount | None = None) -> str:
    """A key of the shop's own application; without scopes told it opens everything, in Anna's name."""
    asked = {"employee": employee or anna(), "account": account}
    _key, token = keys.create(name="Приложение", scopes=scopes or list(Scope), by="system", **asked)
    db.session.flush()
    return token


def story(subject: str) -> list[str]:
    """The names of the facts of a subject, in order."""
    return [entry.name for entry in journal.history(subject)]


def tomorrow(now: dt.datetime) -> dt.datetime:
    """This time tomorrow."""
    return now + dt.timedelta(days=1)
