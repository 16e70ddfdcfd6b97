"""A client is forgotten: nothing of him is found in any table or file, and what is counted stays."""

import datetime as dt
import uuid

import pytest
from sqlalchemy import text

from cec.appeals import drafts, first_messages, ratings
from cec.appeals.first_messages import Wanted
from cec.appeals.models import Appeal, Draft, Message
from cec.channels import receiving
from cec.channels.models import Inbound, Visitor
from cec.clients import people
from cec.clients.models import Address, Client
from cec.integrations import events, receivers
from cec.integrations.models import ApiAnswer, ApiKey
from cec.notifications import queries, telling
from cec.notifications.models import Notification
from cec.platform import audit, journal, storage, work
from cec.platform.db import unit_of_work
from cec.retention import confirming, files, forgetting, reach
from cec.staff.models import Employee
from cec.workflow.models import Incident, ProcessInstance
from tests import cast, stories
from tests.visitor import Visitor as Guest
from tests.visitor import a_webchat, everything_is_done

NAME, PHONE, STREET, SECRET = "Пётр Петров", "+7 912 345-67-89", "улица Тихая, 17", "синий шкаф 4917"
PHRASES = (NAME, "Петров", cast.PETROV, PHONE, STREET, SECRET, "petrov-passport")
TABLES = """
    select oid::regclass::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
    and not relispartition and relname <> 'alembic_version'"""


def found_anywhere(db):
    """Give where any of the phrases stands: in a row of a table, as text or as bytes, or in a file."""
    where = []
    for phrase in PHRASES:
        signs = {"phrase": phrase.casefold(), "bytes": phrase.encode().hex()}
        for table in db.session.scalars(text(TABLES)).all():
            row = "lower(each::text) like '%' || :phrase || '%' or each::text like '%' || :bytes || '%'"
            count = db.session.scalar(text(f"select count(*) from {table} each where {row}"), signs)  # noqa: S608
            where += [(table, phrase, count)] if count else []
    for file in filter(lambda path: path.is_file(), storage.folder().rglob("*")):
        content = file.read_bytes()
        where += [(file.name, phrase) for phrase in PHRASES if phrase.encode() in content]
    return where


def a_letter(words, **headers):
    letter = cast.a_letter(words, sender=f"{NAME} <{cast.PETROV}>", **headers)
    letter.add_attachment(SECRET.encode() * 9, maintype="application", subtype="octet-stream",
                          filename="petrov-passport.bin")  # fmt: skip
    return letter


@pytest.fixture
def petrov(db, client):
    """Petrov has written by mail and in the chat, was answered, rated, complained; two letters could not be read."""
    cast.a_centre()
    person = cast.petrov()
    receivers.create(name="CRM", url="https://crm.example/", kinds=receivers.KINDS, by="system")
    db.session.commit()
    cast.arrives(a_letter(f"Я {NAME}, {PHONE}, живу: {STREET}. Где {SECRET}?", subject=f"Про {SECRET}"))
    appeal = cast.accepted(db.session.scalars(db.select(Appeal)).one(), cast.anna())
    stories.answer(appeal, cast.anna(), f"Здравствуйте, {NAME}! {SECRET} едет на {STREET}.")
    telling.tell(cast.anna().id, "handed_to_you", appeal.id, who=NAME, comment=SECRET)
    db.session.add(Draft(appeal_id=appeal.id, employee_id=cast.anna().id, text=f"{NAME} спросил", is_note=True))
    db.session.commit()
    _is_written_to_first(appeal)
    appeal = stories.act(appeal, "close", cast.anna(), topic_id=cast.a_topic().id,
                         resolution_id=cast.a_resolution().id, comment=f"{NAME} доволен, {PHONE}")  # fmt: skip
    with unit_of_work():
        ratings.rate(appeal, 5, comment=SECRET, by="client:1")
        db.session.add(Incident(subject=appeal.key, step={"act": SECRET}, error=f"no room for {SECRET}"))
    _chats(client, person, db)
    _cannot_be_read(db)
    events.gather()
    return people.of_client(person.id)


def _is_written_to_first(appeal):
    with unit_of_work():
        letter = {"text": f"{NAME}, ваш {SECRET} здесь", "subject": SECRET, "queue_id": appeal.queue_id}
        first = first_messages.keep(Wanted(uuid.uuid4(), email=cast.PETROV, **letter), by=cast.anna())
        known = first_messages.keep(Wanted(uuid.uuid4(), **letter), by=cast.anna(), known=cast.reread(appeal))
        for each in (first, known):
            drafts.attach(each.draft, name="petrov-passport.bin", kind="", content=SECRET.encode(), limit_megabytes=1)


def _chats(client, person, db):
    a_webchat()
    guest = Guest(client)
    guest.writes(f"Это {NAME}: {SECRET}?", told={"name": NAME, "email": cast.PETROV, "phone": PHONE})
    everything_is_done()
    chat = db.session.scalars(db.select(Appeal).where(Appeal.channel == "webchat")).one()
    db.session.get(Address, chat.address_id).client_id = chat.client_id = person.id
    db.session.commit()
    stories.close(cast.accepted(chat, cast.anna()), cast.anna())


def _cannot_be_read(db):
    key = ApiKey(name="CRM", beginning="x", token_sha256="x", scopes=[])
    db.session.add(key)
    db.session.flush()
    number = db.session.scalars(db.select(Appeal.number).order_by(Appeal.id)).first()
    db.session.add(ApiAnswer(api_key_id=key.id, name="1", request_sha256="x", status=200,
                             answer={"number": number, "client": NAME}))  # fmt: skip
    db.session.commit()
    for number in (1, 2):
        with unit_of_work():
            raw = f"From: {NAME} <{cast.PETROV}>\r\nSubject: {SECRET}\r\n\r\n{SECRET} {number}".encode()
            broken = receiving.get(receiving.receive(cast.a_mailbox(), f"<{number}@broken>", raw, {"mail_from": ""}))
            receiving.quarantine(broken, "The mail has too many parts.", f"ValueError: {SECRET}")
            if number == 2:
                receiving.discard(broken.id, by=cast.vera().key)


def ask(person, **said):
    with unit_of_work():
        return confirming.ask(
            person, **{"ground": "request", "paper": "17/2026", "confirm": person.name, "by": cast.vera(), **said}
        )


def confirm(number, person, **said):
    with unit_of_work():
        return confirming.confirm(number, **{"typed": person.name, "by": cast.boris(), **said})


def forget(person):
    cast.boris()
    return confirm(ask(person), person)


def test_nothing_of_him_is_left_in_any_table_or_file_and_what_is_counted_stays(petrov, db, clock):
    igors = cast.an_appeal("Другой вопрос", sender="ivanov@client.example", subject="Другое")
    assert {table for table, *_rest in found_anywhere(db)} >= {
        "client", "address", "message", "attachment", "draft", "inbound", "appeal", "appeal_title", "journal", "event",
        "notification", "rating", "first_message", "incident", "visitor", "api_answer",
    }  # fmt: skip
    counted = db.session.execute(text("select status, closed_at, mark, created_at from appeal order by id")).all()
    messages = db.session.execute(text("select direction, created_at, sent_at from message order by id")).all()
    story = cast.story("appeal:1")

    sign = forget(petrov)
    clock.forward(files.GRACE + dt.timedelta(seconds=2))
    work.run_due()

    assert found_anywhere(db) == []
    assert set(db.session.scalars(db.select(ProcessInstance.state).where(ProcessInstance.ended_at.is_not(None)))) == {
        b""
    }
    db.session.expire_all()
    assert (
        db.session.execute(text("select status, closed_at, mark, created_at from appeal order by id")).all() == counted
    )
    assert db.session.execute(text("select direction, created_at, sent_at from message order by id")).all() == messages
    assert cast.story("appeal:1") == story
    assert cast.reread(igors).subject == "Другое"
    assert db.session.get(
        Inbound, db.session.scalars(db.select(Message.inbound_id).filter_by(appeal_id=igors.id)).one()
    ).raw
    assert (sign.ground, sign.paper, sign.employee_id) == ("request", "17/2026", cast.vera().id)
    assert sign.confirmed_by_id == cast.boris().id
    told = {
        name: sign.reached[name]
        for name in ("appeals", "messages", "files", "letters", "drafts", "visitors", "addresses")
    }
    assert told == {"appeals": 2, "messages": 3, "files": 1, "letters": 4, "drafts": 1, "visitors": 1, "addresses": 2}


def test_he_is_told_as_forgotten_and_what_he_writes_now_is_from_somebody_new(petrov, db, client):
    letter = db.session.scalars(db.select(Inbound.provider_event_id).order_by(Inbound.id)).first()
    sign = forget(petrov)

    asked, line = db.session.scalars(db.select(audit.AuditEntry).filter_by(kind=audit.Kind.FORGETTING)).all()
    assert (asked.name, asked.by) == ("client.forgetting_asked", cast.vera().key)
    assert (line.subject, line.by, line.facts["sign"]) == (petrov.key, cast.vera().key, sign.id)
    assert line.facts["confirmed_by"] == cast.boris().key
    assert journal.history(petrov.key)[-1].facts["reached"]["appeals"] == 2
    assert db.session.scalars(db.select(Visitor)).all() == []
    assert Guest(client).writes("Кто там?").status_code in {201, 202}
    assert cast.arrives(cast.a_letter(f"Я {NAME}", message_id=letter)) is None
    new = cast.an_appeal("Здравствуйте", message_id="<new@client.example>")

    assert new.client_id is None
    assert new.address_id not in {address.id for address in petrov.addresses}


def test_whoever_has_an_open_appeal_is_not_forgotten_and_nothing_changes(petrov, db):
    open_one = cast.an_appeal(f"Ещё: {SECRET}", message_id="<again@client.example>")
    before = found_anywhere(db)

    with pytest.raises(forgetting.StillOpen, match=open_one.number):
        forget(petrov)

    assert found_anywhere(db) == before


def test_who_writes_while_it_waits_is_not_forgotten_until_that_is_over(petrov, db):
    cast.boris()
    number = ask(petrov)
    open_one = cast.an_appeal("Ещё вопрос", message_id="<again@client.example>")

    with pytest.raises(forgetting.StillOpen, match=open_one.number):
        confirm(number, petrov)
    stories.close(cast.accepted(open_one, cast.anna()), cast.anna())

    assert confirm(number, petrov).reached["appeals"] == 3


def test_it_takes_two_of_whom_one_is_a_supervisor(petrov, db):
    with pytest.raises(confirming.NobodyConfirms):
        ask(petrov)
    vera = cast.vera()
    vera.roles = [*vera.roles, "supervisor"]
    db.session.commit()
    with pytest.raises(confirming.NobodyConfirms):
        ask(petrov)
    cast.boris()
    number = ask(petrov)

    with pytest.raises(confirming.AskedAlready):
        ask(petrov)
    with pytest.raises(confirming.OwnRequest):
        confirm(number, petrov, by=vera)
    with pytest.raises(forgetting.NotThatName):
        confirm(number, petrov, typed="Петров")

    assert cast.petrov().forgotten_at is None
    assert confirm(number, petrov).confirmed_by_id == cast.boris().id


def test_the_supervisors_are_told_and_who_asked_hears_what_was_decided(petrov, db):
    cast.boris()

    def told(person):
        found = db.select(Notification.what).filter_by(employee_id=person.id).order_by(Notification.id)
        return db.session.scalars(found).all()

    number = ask(petrov)
    assert told(cast.boris()) == ["forgetting_asked"]
    assert [each.what for each in queries.standing(cast.boris())] == ["forgetting_asked"]
    with unit_of_work():
        confirming.refuse(number, by=cast.boris())
    assert queries.standing(cast.boris()) == []
    assert told(cast.vera()) == ["forgetting_refused"]

    forget(petrov)

    assert told(cast.vera()) == ["forgetting_refused", "forgotten"]
    assert [entry.name for entry in journal.history(petrov.key)][-4:-1] == [
        "client.forgetting_asked", "client.forgetting_refused", "client.forgetting_asked",
    ]  # fmt: skip


def test_of_two_who_decide_at_once_one_decides_and_the_other_is_told(petrov, db, at_once):
    boris = cast.boris().id
    number, name, client_id = ask(petrov), petrov.name, petrov.client.id

    def confirms():
        with unit_of_work():
            confirming.confirm(number, typed=name, by=db.session.get(Employee, boris))

    def refuses():
        with unit_of_work():
            confirming.refuse(number, by=db.session.get(Employee, boris))

    told = at_once(confirms, refuses)

    assert sorted(type(each) for each in told if each) == [confirming.Decided]
    db.session.expire_all()
    assert bool(db.session.get(Client, client_id).forgotten_at) == (told[0] is None)


def test_what_was_asked_for_can_be_taken_back(petrov, db):
    cast.boris()
    number = ask(petrov)
    with unit_of_work():
        confirming.withdraw(petrov, by=cast.vera())

    with pytest.raises(confirming.Decided):
        confirm(number, petrov)

    assert confirming.list_waiting() == []
    assert cast.petrov().forgotten_at is None


def test_an_address_that_has_got_a_card_meanwhile_is_left_alone(db):
    cast.a_centre()
    cast.boris()
    appeal = stories.act(
        cast.accepted(cast.an_appeal("Здравствуйте", sender="ivanov@client.example"), cast.anna()),
        "spam",
        cast.anna(),
        comment="",
    )
    person = people.of_address(appeal.address_id)
    number = ask(person)
    db.session.get(Address, appeal.address_id).client_id = cast.petrov().id
    db.session.commit()

    with pytest.raises(confirming.HasACard):
        confirm(number, person)

    assert cast.petrov().forgotten_at is None


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"ground": "because"}, forgetting.NoGround),
        ({"confirm": "Пётр"}, forgetting.NotThatName),
        ({"paper": "письмо Петрова"}, forgetting.NotANumber),
        ({"paper": "Петров-17"}, forgetting.NotANumber),
    ],
)
def test_without_ground_and_name_or_with_his_name_in_the_sign_nothing_is_forgotten(db, said, refusal):
    cast.boris()
    with pytest.raises(refusal):
        ask(people.of_client(cast.petrov().id), **said)

    assert cast.petrov().forgotten_at is None


def test_who_has_no_card_is_forgotten_by_his_address_once(db, clock):
    cast.a_centre()
    appeal = stories.act(cast.accepted(cast.an_appeal(f"Про {SECRET}"), cast.anna()), "spam", cast.anna(), comment="")
    person = people.of_address(appeal.address_id)
    assert person.client is None

    forget(person)
    clock.forward(files.GRACE + dt.timedelta(seconds=2))
    work.run_due()

    assert found_anywhere(db) == []
    with pytest.raises(forgetting.AlreadyForgotten):
        forget(people.of_address(appeal.address_id))


def test_his_words_in_an_appeal_of_somebody_else_go_too(petrov, db):
    theirs = stories.close(cast.accepted(cast.an_appeal("Общий заказ", sender="ivanov@client.example"), cast.anna()),
                           cast.anna())  # fmt: skip
    his = Address(type="email", value="petrov-2@client.example", normalised="petrov-2@client.example",
                  client_id=petrov.client.id)  # fmt: skip
    db.session.add(his)
    db.session.flush()
    message = db.session.scalars(db.select(Message).filter_by(appeal_id=theirs.id)).first()
    db.session.execute(text("insert into appeal_way values (:a, :b, :c, now())"),
                       {"a": theirs.id, "b": his.id, "c": theirs.channel_account_id})  # fmt: skip
    message.address_id = his.id
    db.session.commit()

    forget(people.of_client(petrov.client.id))

    assert cast.reread_message(message).text == ""
    assert cast.reread(theirs).subject == "Заказ"
    assert reach.of(people.of_client(petrov.client.id)).still_open == {}
