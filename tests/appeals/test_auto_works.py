"""Who writes while works are going on is told so (guide 5.6): instead of a greeting, and until somebody answers him."""

import datetime as dt

import pytest

from cec.appeals import auto_answering
from cec.platform import clock as clocks
from cec.platform import work
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from cec.queues.models import Calendar
from cec.replies import auto_replies
from cec.replies.auto_replies import Event, Wanted
from tests import cast
from tests.appeals.test_auto_answering import MACHINES, automatic, withheld
from tests.stories import answer, close, wait

WORDS = "Работы до {{works.until}}."
TOLD = "Работы до 23 ноября 2026, 18:00."
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _centre(db, post_office):
    cast.a_mailbox(port=post_office.port)
    cast.a_centre()
    for event in (Event.ARRIVED, Event.OUT_OF_HOURS, Event.REOPENED):
        auto_replies.create(Wanted(event, event, f"{event}."), by="system")
    database.session.commit()


def works(text=WORDS, *, begins=-1, hours=6, **more):
    now = clocks.now()
    times = {"begins_at": (begins is not None and now + begins * MINUTE) or None,
             "ends_at": (hours is not None and now + dt.timedelta(hours=hours)) or None}  # fmt: skip
    with unit_of_work():
        return auto_replies.create(Wanted("Работы", Event.WORKS, text, **times, **more), by="system")


def writes(words="Ну что?", **letter):
    message = cast.arrives(cast.a_letter(words, In_Reply_To="<a@client.example>", **letter))
    while work.run_due():
        pass
    return message.appeal


def an_appeal(**letter):
    return cast.an_appeal(message_id="<a@client.example>", **letter)


def test_a_new_appeal_is_told_of_the_works_instead_of_a_greeting(clock):
    with unit_of_work():
        cast.a_queue().calendar = Calendar(name="ночь", zone="Europe/Moscow", week=[[["01:00", "02:00"]]] * 7, days={})
    works()

    assert automatic(an_appeal()) == [TOLD]


@pytest.mark.parametrize(("begins", "hours"), [(60, None), (-600, -1)])
def test_before_and_after_them_nobody_is_told(clock, begins, hours):
    works("Работы.", begins=begins, hours=hours)

    assert automatic(an_appeal()) == ["arrived."]


def test_they_begin_and_end_to_the_minute(clock):
    works(begins=10, hours=1)
    said = []
    for number, minutes in enumerate((9, 1, 49, 1)):
        clock.forward(minutes * MINUTE)
        said += automatic(cast.an_appeal(sender=f"client{number}@client.example"))

    assert said == ["arrived.", TOLD.replace("18:00", "13:00"), TOLD.replace("18:00", "13:00"), "arrived."]


def test_who_writes_again_and_has_no_answer_is_told_again_after_a_pause(clock):
    appeal = an_appeal()
    works()

    writes()
    assert automatic(appeal) == ["arrived."]
    assert withheld(appeal) == [], "it is passed over in silence"
    clock.forward(auto_answering.PAUSE)
    writes()
    writes()
    assert automatic(appeal) == ["arrived.", TOLD]
    clock.forward(auto_answering.PAUSE)
    writes()
    assert automatic(appeal) == ["arrived.", TOLD, TOLD]


def test_a_client_gets_it_so_often_a_day(clock):
    works(most_a_day=2)
    appeal = an_appeal()
    for _again in range(3):
        clock.forward(auto_answering.PAUSE)
        writes()

    assert automatic(appeal) == [TOLD, TOLD]


@pytest.mark.parametrize("begins", [-1, None])
def test_whom_an_operator_has_answered_since_is_left_to_him(clock, begins):
    anna = cast.anna()
    appeal = cast.accepted(an_appeal(), anna)
    works(begins=begins)
    answer(appeal, anna)
    clock.forward(auto_answering.PAUSE)
    writes()

    assert automatic(appeal) == ["arrived."]


def test_whom_an_operator_answered_before_they_began_is_told_also_when_he_is_waited_for(clock):
    anna = cast.anna()
    appeal = cast.accepted(an_appeal(), anna)
    wait(appeal, anna)
    clock.forward(auto_answering.PAUSE)
    works()
    writes()

    assert automatic(appeal) == ["arrived.", TOLD.replace("18:00", "18:10")]


def test_who_opens_a_closed_appeal_is_told_of_them_alone(clock):
    anna = cast.anna()
    appeal = cast.accepted(an_appeal(), anna)
    answer(appeal, anna)
    close(appeal, anna)
    clock.forward(auto_answering.PAUSE)
    works()
    writes()

    assert automatic(appeal) == ["arrived.", TOLD.replace("18:00", "18:10")]


@pytest.mark.parametrize("letter", MACHINES[:3])
def test_a_machine_is_not_told(letter):
    works()
    first = cast.an_appeal("Меня нет", **letter)
    second = an_appeal(sender="other@client.example")
    told = automatic(second)
    writes("Меня нет", sender="other@client.example", **letter)

    assert automatic(first) == []
    assert automatic(second) == told


def test_of_messages_taken_in_at_once_one_is_answered(clock, at_once):
    appeal = an_appeal()
    works()
    clock.forward(auto_answering.PAUSE)
    for _again in range(5):
        cast.arrives(cast.a_letter("Ну?", In_Reply_To="<a@client.example>"))

    at_once(work.run_due, work.run_due, work.run_due)

    assert automatic(appeal) == ["arrived.", TOLD]


def test_the_end_is_told_by_the_clock_of_the_queue(clock):
    with unit_of_work():
        cast.a_queue().calendar = Calendar(
            name="восток", zone="Asia/Vladivostok", week=[[["00:00", "24:00"]]] * 7, days={}
        )
    works()

    assert automatic(an_appeal()) == ["Работы до 24 ноября 2026, 01:00."]


def test_without_an_end_its_words_are_refused_unless_they_say_something_instead(clock):
    with pytest.raises(auto_replies.EndUnknown, match=r"works\.until"):
        works(hours=None)
    works('Работы до {{works.until|default:"утра"}}.', hours=None)

    assert automatic(an_appeal()) == ["Работы до утра."]


def test_they_end_after_they_begin(clock):
    with pytest.raises(auto_replies.EndsBeforeItBegins):
        works(begins=60, hours=1)


def test_what_is_no_answer_to_works_has_neither(clock):
    with unit_of_work():
        reply = auto_replies.create(
            Wanted("Иначе", Event.CLOSED, "Пока.", begins_at=clocks.now(), ends_at=clocks.now()), by="system"
        )

    assert (reply.begins_at, reply.ends_at) == (None, None)
