"""Automatic answers by time (guide 5.6): to who waits long, to who is silent; each step once, whoever looks."""

import datetime as dt

import pytest

from cec.appeals import auto_answering, auto_waiting, delivering
from cec.appeals.auto_waiting import AutoReplyWait
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from cec.queues.models import Calendar
from cec.replies import auto_replies
from cec.replies.auto_replies import Event, Wanted
from cec.replies.models import AutoReply
from tests import cast
from tests.appeals.test_auto_answering import MACHINES, automatic, withheld
from tests.stories import answer, close, transfer, wait

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _centre(db, post_office):
    cast.a_mailbox(port=post_office.port)
    cast.a_centre()
    database.session.commit()


def a_wait(event=Event.WAITS_LONG, text="Вы всё ещё в очереди.", minutes=15, **more):
    with unit_of_work():
        return auto_replies.create(Wanted(text, event.value, text, after=minutes * MINUTE, **more), by="system")


def looked(clock, minutes):
    clock.forward(minutes * MINUTE)
    return auto_waiting.look()


def test_who_waits_long_is_answered_every_so_often_and_so_many_times(clock, post_office):
    a_wait(repeat=20 * MINUTE, times=3)
    petrov = cast.an_appeal()

    assert [looked(clock, minutes) for minutes in (14, 1, 1, 18, 1, 20, 20, 600)] == [0, 1, 0, 0, 1, 1, 0, 0]
    assert automatic(petrov) == ["Вы всё ещё в очереди."] * 3
    assert cast.reread(petrov).first_reply_at is None, "it is no first answer"
    delivering.deliver_due()
    assert len(list(post_office.folder.glob("*.eml"))) == 3


def test_of_many_who_look_at_once_one_takes_a_step(clock, at_once):
    a_wait(repeat=20 * MINUTE, times=2)
    appeals = [cast.an_appeal(sender=f"client{number}@client.example") for number in range(6)]
    for minutes in (15, 20):
        clock.forward(minutes * MINUTE)

        answered = at_once(auto_waiting.look, auto_waiting.look, auto_waiting.look)

        assert sum(answered) == 6, answered
    assert [len(automatic(appeal)) for appeal in appeals] == [2] * 6


def test_whom_somebody_has_in_hand_holds_nobody_up(clock, at_once):
    a_wait()
    first, second = cast.an_appeal(), cast.an_appeal(sender="other@client.example")
    clock.forward(15 * MINUTE)
    database.session.execute(database.text("SELECT 1 FROM appeal WHERE id = :id FOR UPDATE"), {"id": first.id})

    assert at_once(auto_waiting.look) == [1]
    database.session.rollback()
    assert auto_waiting.look() == 1
    assert [len(automatic(appeal)) for appeal in (first, second)] == [1, 1]


def test_more_than_one_batch_is_answered_in_one_look(clock, monkeypatch):
    monkeypatch.setattr(auto_waiting, "BATCH", 2)
    a_wait()
    for number in range(5):
        cast.an_appeal(sender=f"client{number}@client.example")

    assert looked(clock, 15) == 5


def test_who_was_taken_meanwhile_waits_no_more(clock):
    a_wait()
    appeal = cast.accepted(cast.an_appeal(), cast.anna())

    assert looked(clock, 60) == 0
    answer(appeal, cast.anna())
    assert looked(clock, 60) == 0
    assert automatic(appeal) == []


def test_a_wait_counts_anew_in_another_queue_but_not_after_a_missed_offer(clock):
    a_wait()
    anna, other = cast.anna(), cast.a_queue("payments", cast.a_group("payments", cast.igor()))
    database.session.commit()
    appeal = cast.accepted(cast.an_appeal(), anna)
    clock.forward(60 * MINUTE)
    transfer(appeal, anna, "queue", queue_id=other.id)

    assert looked(clock, 14) == 0
    database.session.execute(database.text("UPDATE appeal SET status_since = now()"))
    database.session.commit()
    assert looked(clock, 1) == 1


def test_a_wait_is_counted_in_the_hours_of_its_queue(clock):
    with unit_of_work():
        # The story begins at noon in Moscow.
        calendar = Calendar(name="До обеда", zone="Europe/Moscow", week=[[["09:00", "12:10"]]] * 7, days={})
        cast.a_queue().calendar = calendar
    a_wait()
    appeal = cast.an_appeal()

    assert [looked(clock, minutes) for minutes in (15, 20 * 60 + 40, 10)] == [0, 0, 1], "five more minutes at nine"
    assert len(automatic(appeal)) == 1


def test_who_had_an_answer_just_now_gets_this_one_a_little_later(clock):
    a_wait(minutes=5)
    with unit_of_work():
        auto_replies.create(Wanted("Приняли", Event.ARRIVED.value, "Приняли."), by="system")
    appeal = cast.an_appeal()

    assert [looked(clock, minutes) for minutes in (5, 4, 1)] == [0, 0, 1]
    assert automatic(appeal) == ["Приняли.", "Вы всё ещё в очереди."]
    assert withheld(appeal) == []


def test_a_silent_client_is_reminded_until_he_writes(clock):
    a_wait(Event.CLIENT_SILENT, "Вы ещё с нами?", minutes=60, repeat=60 * MINUTE, times=5)
    anna = cast.anna()
    appeal = cast.accepted(cast.an_appeal(message_id="<a@client.example>"), anna)
    wait(appeal, anna)

    assert [looked(clock, minutes) for minutes in (59, 1, 30, 30)] == [0, 1, 0, 1]
    cast.arrives(cast.a_letter("Я здесь", In_Reply_To="<a@client.example>"))
    assert looked(clock, 120) == 0
    wait(appeal, anna)
    assert [looked(clock, minutes) for minutes in (59, 1)] == [0, 1], "he is asked anew"
    assert automatic(appeal) == ["Вы ещё с нами?"] * 3


@pytest.mark.parametrize("letter", MACHINES)
def test_machines_wait_without_a_word(clock, letter):
    a_wait(repeat=20 * MINUTE, times=2)
    appeal = cast.an_appeal("Меня нет", **letter)

    assert [looked(clock, minutes) for minutes in (15, 20, 20)] == [0, 0, 0]
    assert automatic(appeal) == []
    assert set(withheld(appeal)) <= {auto_answering.MACHINE}


def test_the_more_exact_words_are_taken_and_what_is_out_of_use_is_not(clock):
    with unit_of_work():
        cast.petrov().segment = "vip"
    a_wait(text="Всем.")
    a_wait(text="Почтой.", channel="email")
    a_wait(text="Вам первому.", segment="vip", channel="email")
    vip, other = cast.an_appeal(), cast.an_appeal(sender="other@client.example")
    with unit_of_work():
        database.session.execute(database.update(AutoReply).where(AutoReply.text == "Почтой.").values(is_active=False))

    assert looked(clock, 15) == 2
    assert (automatic(vip), automatic(other)) == (["Вам первому."], ["Всем."])


def test_what_has_ended_is_forgotten(clock):
    a_wait()
    anna = cast.anna()
    appeal = cast.an_appeal()
    looked(clock, 15)
    with unit_of_work():
        assert auto_waiting.forget() == 0
    answer(cast.accepted(appeal, anna), anna)
    close(appeal, anna)

    with unit_of_work():
        assert auto_waiting.forget() == 1
    assert database.session.get(AutoReplyWait, appeal.id) is None
