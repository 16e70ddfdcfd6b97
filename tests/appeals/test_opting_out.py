"""Guide 3.2.6: a client says that he does not want to be written to first, and is not."""

import datetime as dt

import pytest

from cec.appeals import first_messages, outgoing, planning, ways
from cec.appeals.first_messages import FirstMessage, Wanted
from cec.appeals.models import Appeal, Message
from cec.clients import opting_out, people
from cec.clients.models import Address, OptOut
from cec.platform import clock as centre_clock
from cec.platform import journal, work
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from cec.retention import forgetting
from tests import cast
from tests.stories import answer, close, wait

HOUR = dt.timedelta(hours=1)
ONE_MORE = "petrov@work.example"


@pytest.fixture(autouse=True)
def _centre(centre):
    """Everything that an appeal meets."""


@pytest.fixture
def petrov(db):
    """Petrov with two addresses; what he asked once is closed."""
    client = cast.petrov()
    client.addresses.append(Address(type="email", value=ONE_MORE, normalised=ONE_MORE, display=""))
    db.session.commit()
    appeal = cast.accepted(cast.an_appeal(message_id="<a@petrov>"), cast.anna())
    answer(appeal, cast.anna())
    return close(appeal, cast.anna())


def says(words, *, sender=cast.PETROV, **headers):
    return cast.arrives(cast.a_letter(words, sender=sender, **headers))


def wanted(**more):
    facts = {"queue_id": cast.a_queue().id, "text": "Скидки до пятницы!", "subject": "Скидки", "email": cast.PETROV}
    return Wanted(**{"name": cast.a_uuid(), **facts, **more})


def begun(known=None, **more):
    with unit_of_work():
        return outgoing.begin(wanted(**more), by=cast.anna(), known=known)


def planned(message=None):
    with unit_of_work():
        return planning.plan(message or wanted(), at=centre_clock.now() + HOUR, by=cast.anna())


def passes(clock):
    clock.forward(HOUR + dt.timedelta(seconds=1))
    work.run_due()
    database.session.expire_all()


def outgoing_ones():
    return list(database.session.scalars(database.select(Appeal).where(Appeal.direction == "out")))


def opted_out():
    return list(database.session.scalars(database.select(OptOut)))


@pytest.mark.parametrize(
    "words",
    ["СТОП", "стоп.", "  Стоп!!! ", "«Отписаться»", "отпишите…", "STOP", "(Unsubscribe)", "stop 🙏", "\nСТОП\n"],
)
def test_one_of_the_words_alone_says_it(words):
    assert opting_out.says(words)


@pytest.mark.parametrize(
    "words",
    ["", "!!!", "Стоп, я передумал", "Не отписывайте", "стоп стоп", "отпишите меня", "стопка", "СТОП" + "!" * 200, "1"],
)
def test_more_than_the_word_does_not(words):
    assert not opting_out.says(words)


@pytest.mark.parametrize("to", [cast.PETROV, ONE_MORE])
def test_who_said_so_is_not_written_to_first_at_any_of_his_addresses(petrov, to):
    says("СТОП")

    with pytest.raises(outgoing.sparing.OptedOut, match="23 ноября 2026") as refused:
        begun(email=to)

    assert refused.value.field == "email"
    assert outgoing_ones() == []
    assert begun(email="sidorov@client.example").direction == "out", "others are written to"


def test_of_a_known_client_it_is_said_at_his_address(petrov):
    says("Отписаться")
    way = ways.list_of(cast.reread(petrov))[0].name

    with pytest.raises(outgoing.sparing.OptedOut) as refused:
        begun(cast.reread(petrov), email="", way=way)

    assert refused.value.field == "way"


def test_a_service_message_goes_all_the_same_and_the_journal_says_so(petrov):
    says("stop")

    appeal = begun(is_service=True)

    (fact,) = journal.history(appeal.key, names=["appeal.begun"])
    assert (fact.facts["service"], fact.by) == (True, cast.anna().key)


def test_the_word_opens_no_appeal_and_stays_where_he_wrote_last(petrov, clock):
    message = says("СТОП", In_Reply_To="<a@petrov>")
    clock.forward(dt.timedelta(days=300))
    anew = says("Отписаться!", subject="Ещё")

    assert {message.appeal_id, anew.appeal_id} == {petrov.id}
    assert cast.reread(petrov).status == "closed"
    assert cast.story(petrov.key)[-2:] == ["client.opted_out", "message.received"], "said twice, the first time counts"
    assert [each.since for each in opted_out()] == [message.created_at]
    assert database.session.scalar(database.select(database.func.count()).select_from(Appeal)) == 1


def test_in_an_open_appeal_its_operator_sees_the_word_and_may_answer(petrov):
    appeal = cast.accepted(cast.an_appeal("А стулья?", message_id="<b@petrov>"), cast.anna())
    appeal = wait(appeal, cast.anna())

    message = says("Стоп", In_Reply_To="<b@petrov>")

    assert message.appeal_id == appeal.id
    assert cast.reread(appeal).status == "in_work", "the word is heard as any other"
    assert answer(appeal, cast.anna(), "Больше не будем писать.").state == "queued"


def test_who_never_wrote_before_has_an_appeal_with_his_word():
    message = says("СТОП", sender="sidorov@client.example")

    assert message.appeal.status == "queued"
    with pytest.raises(outgoing.sparing.OptedOut):
        begun(email="Sidorov@client.example")


def test_a_letter_without_words_says_it_by_its_subject(petrov):
    says("", subject="Unsubscribe")

    assert len(opted_out()) == 1


def test_an_automatic_answer_says_nothing(petrov):
    says("STOP", Auto_Submitted="auto-replied", In_Reply_To="<a@petrov>")

    assert opted_out() == []


def test_what_was_planned_before_does_not_leave_and_anna_is_told(petrov, clock):
    planned()
    says("СТОП")

    passes(clock)

    assert outgoing_ones() == []
    (left,) = first_messages.list_of(cast.anna())
    assert "клиент не хочет, чтобы ему писали первыми" in left.refusal


def test_a_service_message_that_was_planned_leaves(petrov, clock):
    planned(wanted(is_service=True))
    says("СТОП")

    passes(clock)

    assert len(outgoing_ones()) == 1


@pytest.mark.parametrize("time", range(6))
def test_said_in_the_moment_in_which_it_leaves_it_is_one_or_the_other(petrov, clock, at_once, time):
    planned()
    clock.forward(2 * HOUR)
    acts = [lambda: says("СТОП", In_Reply_To="<a@petrov>"), work.run_due]

    results = at_once(*acts[:: 1 if time % 2 else -1])

    assert not [each for each in results if isinstance(each, Exception)]
    refused = [first.refusal for first in database.session.scalars(database.select(FirstMessage))]
    assert len(opted_out()) == 1
    assert (len(outgoing_ones()), len(refused)) in {(1, 0), (0, 1)}
    words = database.session.scalars(database.select(Message.text).where(Message.direction == "out")).all()
    assert ("Скидки до пятницы!" in words) is not bool(refused)


def test_while_he_says_it_nobody_writes_to_him_first(petrov, clock, at_once):
    planned()
    clock.forward(2 * HOUR)
    known = people.of_client(petrov.client_id).addresses[0]

    def say_slowly():
        with unit_of_work():
            opting_out.opt_out(known, by="client:1", of=petrov.key)
            database.session.execute(database.text("select pg_sleep(0.5)"))

    def a_little_later():
        database.session.execute(database.text("select pg_sleep(0.2)"))
        database.session.rollback()
        return work.run_due()

    at_once(say_slowly, a_little_later)

    assert outgoing_ones() == []
    assert first_messages.list_of(cast.anna())[0].refusal


def test_with_the_client_who_is_forgotten_it_is_forgotten(petrov):
    says("СТОП")
    with unit_of_work():
        person = people.of_client(petrov.client_id)
        forgetting.forget(person, ground="request", paper="", by=cast.vera(), confirmed_by=cast.boris())

    assert opted_out() == []


def test_of_an_address_alone_it_is_forgotten_too(clock):
    message = says("СТОП", sender="sidorov@client.example")
    close(cast.accepted(message.appeal, cast.anna()), cast.anna())
    with unit_of_work():
        person = people.of_address(message.address_id)
        forgetting.forget(person, ground="request", paper="", by=cast.vera(), confirmed_by=cast.boris())

    assert opted_out() == []
