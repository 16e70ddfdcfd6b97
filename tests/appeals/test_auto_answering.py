"""Automatic answers (guide 5.6): once, in the client's words of the day, and never to a machine."""

import datetime as dt
import email
import email.policy

import pytest

from cec.appeals import acting, auto_answering, delivering
from cec.appeals.models import Message
from cec.clients import addresses
from cec.clients.models import Address
from cec.distribution import choosing
from cec.platform import clock as clocks
from cec.platform import journal, work
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from cec.queues import calendar_directory
from cec.queues.models import Calendar
from cec.replies import auto_replies
from cec.replies.auto_replies import Event, Wanted
from cec.replies.models import AutoReply
from tests import cast
from tests.stories import act, answer, close, transfer
from tests.visitor import Visitor, a_webchat, everything_is_done


@pytest.fixture(autouse=True)
def _centre(db, post_office):
    cast.a_mailbox(port=post_office.port)
    cast.a_centre()
    an_answer(Event.ARRIVED, "Получили, номер {{appeal.number}}.")
    database.session.commit()


def an_answer(event, text, **more):
    return auto_replies.create(Wanted(event.value, event.value, text, **more), by="system")


def automatic(appeal):
    wanted = database.select(Message).where(Message.appeal_id == appeal.id, Message.author_id.is_(None))
    return [
        each.text for each in database.session.scalars(wanted.where(Message.direction == "out").order_by(Message.id))
    ]


def states(appeal):
    found = {}
    for message in database.session.scalars(database.select(Message).where(Message.appeal_id == appeal.id)):
        found.setdefault(message.text, []).append(message.state)
    return found


def withheld(appeal):
    return [entry.facts["because"] for entry in journal.history(appeal.key, names=[auto_answering.WITHHELD])]


def test_a_letter_is_answered_once_by_a_machine_that_says_so(post_office):
    appeal = cast.an_appeal(message_id="<a@client.example>")
    cast.arrives(cast.a_letter("И ещё", In_Reply_To="<a@client.example>"))
    delivering.deliver_due()

    (path,) = post_office.folder.glob("*.eml")
    letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert letter["Auto-Submitted"] == "auto-replied"
    assert "<a@client.example>" in letter["References"]
    assert letter.get_body(("plain",)).get_content().strip() == f"Получили, номер {appeal.number}."
    appeal = cast.reread(appeal)
    assert appeal.first_reply_at is None, "it is no first answer"
    assert appeal.due_response is not None, "the client waits on"


MACHINES = [
    {"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"List_Id": "<news.example>"},
    {"sender": "MAILER-DAEMON@client.example"}, {"sender": "no-reply@client.example"}, {"sender": cast.MAILBOX},
    {"X_Auto_Response_Suppress": "All"}, {"subject": "Автоответ: я в отпуске"},
]  # fmt: skip


@pytest.mark.parametrize("letter", MACHINES)
def test_machines_lists_mail_systems_and_our_own_mailboxes_get_nothing(letter):
    appeal = cast.an_appeal("Меня нет", **letter)

    assert automatic(appeal) == []
    assert withheld(appeal) in ([], [auto_answering.MACHINE]), "spam never comes to a queue"


def test_an_address_gets_one_within_ten_minutes_and_a_client_few_of_each_within_a_day(clock):
    with unit_of_work():
        database.session.scalars(database.select(AutoReply)).one().most_a_day = 3
        cast.petrov()
    first, second = cast.an_appeal("Раз"), cast.an_appeal("Два")

    assert len(automatic(first)) == 1
    assert automatic(second) == []
    assert withheld(second) == [auto_answering.TOO_OFTEN]
    for _again in range(3):
        clock.forward(dt.timedelta(minutes=11))
        last = cast.an_appeal("Ещё")
    assert withheld(last) == [auto_answering.TOO_OFTEN]
    clock.forward(dt.timedelta(hours=23, minutes=28))
    assert len(automatic(cast.an_appeal("И завтра"))) == 1


def test_what_a_client_had_at_another_address_of_his_counts_too(clock):
    with unit_of_work():
        database.session.scalars(database.select(AutoReply)).one().most_a_day = 1
        other = {"type": "email", "value": "p@home.example", "normalised": "p@home.example"}
        cast.petrov().addresses.append(Address(**other, display=""))
    first = cast.an_appeal()
    clock.forward(auto_answering.PAUSE)
    second, stranger = cast.an_appeal(sender="p@home.example"), cast.an_appeal(sender="s@client.example")

    assert [len(automatic(appeal)) for appeal in (first, second, stranger)] == [1, 0, 1]
    assert withheld(second) == [auto_answering.TOO_OFTEN]


def test_what_is_known_to_be_dead_or_incomplete_is_not_answered():
    with unit_of_work():
        addresses.remember("email", "gone@client.example")
        an_answer(Event.CLOSED, "До свидания, {{client.first_name}}!")
    appeal = cast.accepted(cast.an_appeal(sender="gone@client.example"), cast.anna())
    answer(appeal, cast.anna())
    with unit_of_work():
        addresses.mark_unreachable("email", {"gone@client.example": "No such user"})
    close(appeal, cast.anna())

    assert withheld(appeal) == [auto_answering.UNREACHABLE]


def a_calendar(begin, end):
    calendar = Calendar(name=begin, zone="Europe/Moscow", week=[[[begin, end]]] * 7, days={})
    database.session.add(calendar)
    database.session.flush()
    return calendar


def test_outside_its_hours_a_queue_has_other_words(clock):
    with unit_of_work():
        cast.a_queue().calendar = a_calendar("01:00", "02:00")
        an_answer(Event.OUT_OF_HOURS, "Мы спим.", channel="email")
        an_answer(Event.ARRIVED, "Чужая очередь", queue_id=cast.a_queue("other").id)

    assert automatic(cast.an_appeal()) == ["Мы спим."]


def test_an_answer_keeps_a_calendar_of_its_own_which_then_stays(clock):
    with unit_of_work():
        always, never = a_calendar("00:00", "24:00"), a_calendar("01:00", "02:00")
        an_answer(Event.OUT_OF_HOURS, "Днём и ночью мы здесь.", calendar_id=always.id)
        asleep = an_answer(Event.OUT_OF_HOURS, "Мы спим.", calendar_id=never.id)

    assert automatic(cast.an_appeal()) == ["Мы спим."]
    assert [(entry.name, entry.facts["number"][:4]) for entry in auto_replies.told(asleep)] == [
        (auto_replies.SENT, f"{clocks.now():%Y}")
    ]
    with pytest.raises(auto_replies.CalendarKept, match="out_of_hours"), unit_of_work():
        calendar_directory.remove(database.session.get_one(Calendar, never.id), by="system")


def test_a_goodbye_waits_until_the_closing_stands(clock):
    with unit_of_work():
        an_answer(Event.CLOSED, "До свидания.")
    anna = cast.anna()
    appeal = cast.accepted(cast.an_appeal(), anna)
    clock.forward(auto_answering.PAUSE)
    answer(appeal, anna)
    close(appeal, anna)
    with unit_of_work():
        acting.undo_closing(appeal.id, by=anna)

    assert states(appeal)["До свидания."] == ["cancelled"], "it is not closed after all"
    close(appeal, anna)
    assert states(appeal)["До свидания."] == ["cancelled", "queued"]


def test_a_failed_automatic_answer_holds_no_closing_up():
    anna = cast.anna()
    appeal = cast.accepted(cast.an_appeal(), anna)
    with unit_of_work():
        database.session.execute(database.update(Message).values(state="failed").where(Message.direction == "out"))
    answer(appeal, anna)

    assert close(appeal, anna).status == "closed"


def test_who_takes_by_himself_answers_too_and_once(clock):
    with unit_of_work():
        an_answer(Event.ACCEPTED, "{{operator.first_name}} читает.", channel="email")
        cast.a_queue().auto_accept = True
    appeal = cast.an_appeal()
    clock.forward(auto_answering.PAUSE)
    cast.at_work(cast.anna())
    choosing.distribute()

    assert automatic(cast.reread(appeal))[-1] == "Анна читает."
    assert choosing.distribute() == 0
    assert len(automatic(cast.reread(appeal))) == 2


def test_what_comes_back_is_not_greeted_again(clock):
    anna = cast.anna()
    with unit_of_work():
        database.session.execute(database.update(AutoReply).values(is_active=False))
    appeal = cast.accepted(cast.an_appeal(), anna)
    with unit_of_work():
        database.session.execute(database.update(AutoReply).values(is_active=True))
    transfer(appeal, anna, "queue", queue_id=cast.a_queue().id)

    assert automatic(cast.reread(appeal)) == []


def test_a_chat_hears_who_took_it(client, clock):
    with unit_of_work():
        an_answer(Event.ACCEPTED, "Здравствуйте, я {{operator.first_name}}.", channel="webchat")
        a_webchat()
    visitor = Visitor(client)
    visitor.writes()
    everything_is_done()
    appeal = database.session.scalars(database.select(Message)).first().appeal
    clock.forward(auto_answering.PAUSE)
    cast.accepted(appeal, cast.anna())
    everything_is_done()

    assert visitor.lines()[-1] == "Здравствуйте, я Анна."


def later(clock, minutes):
    clock.forward(dt.timedelta(minutes=minutes))
    work.run_due()


def only(event, text, **more):
    with unit_of_work():
        database.session.execute(database.update(AutoReply).values(is_active=False))
        return an_answer(event, text, **more)


def test_a_late_answer_goes_at_its_time_with_the_words_of_then(clock):
    only(Event.ARRIVED, "Дошло.", delay=dt.timedelta(minutes=5))
    appeal = cast.an_appeal()

    later(clock, 4)
    assert automatic(appeal) == []
    later(clock, 1)
    assert automatic(appeal) == ["Дошло."]
    later(clock, 60)
    assert automatic(appeal) == ["Дошло."]


def test_a_late_answer_is_given_up_when_the_operator_was_faster_or_it_is_out_of_use(clock):
    reply = only(Event.ARRIVED, "Дошло.", delay=dt.timedelta(minutes=5))
    answered = cast.accepted(cast.an_appeal(), cast.anna())
    answer(answered, cast.anna())
    waits = cast.an_appeal(sender="other@client.example")
    later(clock, 5)

    assert (automatic(answered), automatic(waits)) == ([], ["Дошло."])
    third = cast.an_appeal(sender="third@client.example")
    with unit_of_work():
        database.session.get_one(AutoReply, reply.id).is_active = False
    later(clock, 5)
    assert automatic(third) == []


def test_a_late_name_is_not_said_of_who_has_it_no_more(clock):
    only(Event.ACCEPTED, "{{operator.first_name}} читает.", delay=dt.timedelta(minutes=5))
    anna, other = cast.anna(), cast.a_queue("payments", cast.a_group("payments", cast.igor()))
    database.session.commit()
    appeal = cast.accepted(cast.an_appeal(), anna)
    transfer(appeal, anna, "queue", queue_id=other.id)
    later(clock, 5)

    assert automatic(appeal) == []
    assert withheld(appeal) == []


def test_a_late_goodbye_is_not_said_of_what_is_open_again(clock):
    only(Event.CLOSED, "До свидания.", delay=dt.timedelta(minutes=30))
    anna = cast.anna()
    first = cast.accepted(cast.an_appeal(message_id="<a@client.example>"), anna)
    answer(first, anna)
    close(first, anna)
    second = cast.accepted(cast.an_appeal(sender="other@client.example"), anna)
    answer(second, anna)
    close(second, anna)
    cast.arrives(cast.a_letter("Нет, не пришёл", In_Reply_To="<a@client.example>"))
    later(clock, 30)

    assert (automatic(first), automatic(second)) == ([], ["До свидания."])


def test_who_is_handed_on_hears_it_each_time_with_his_place(clock):
    only(Event.TRANSFERRED, "Передали, вы {{queue.position}}-й.")
    anna, igor = cast.anna(), cast.igor()
    payments = cast.a_queue("payments", cast.a_group("payments", igor))
    database.session.commit()
    appeal = cast.accepted(cast.an_appeal(), anna)
    transfer(appeal, anna, "queue", queue_id=payments.id)
    later(clock, 0)
    clock.forward(auto_answering.PAUSE)
    transfer(cast.accepted(appeal, igor), igor, "queue", queue_id=cast.a_queue().id)
    later(clock, 0)

    assert automatic(appeal) == ["Передали, вы 1-й."] * 2


def test_who_writes_again_after_the_closing_hears_that_it_is_open(clock):
    only(Event.REOPENED, "Снова смотрим.")
    anna = cast.anna()
    appeal = cast.accepted(cast.an_appeal(message_id="<a@client.example>"), anna)
    answer(appeal, anna)
    close(appeal, anna)
    with unit_of_work():
        acting.undo_closing(appeal.id, by=anna)
    later(clock, 0)
    assert automatic(appeal) == [], "a closing taken back is none"
    close(appeal, anna)
    cast.arrives(cast.a_letter("Нет, не пришёл", In_Reply_To="<a@client.example>"))
    later(clock, 0)

    assert automatic(appeal) == ["Снова смотрим."]


def test_spam_is_never_answered_whatever_there_is(clock):
    with unit_of_work():
        database.session.execute(database.update(AutoReply).values(is_active=False))
        for event in auto_replies.DELAYED:
            an_answer(event, event.value, delay=dt.timedelta(minutes=1))
    anna = cast.anna()
    appeal = cast.accepted(cast.an_appeal(), anna)
    act(appeal, "spam", anna, comment="")
    later(clock, 60)

    assert automatic(appeal) == []


def test_words_for_a_segment_go_to_its_clients_first(clock):
    with unit_of_work():
        cast.petrov().segment = "vip"
        an_answer(Event.ARRIVED, "Вам первому.", segment="vip")

    assert automatic(cast.an_appeal()) == ["Вам первому."]
    assert automatic(cast.an_appeal(sender="other@client.example"))[0].startswith("Получили")
