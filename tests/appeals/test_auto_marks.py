"""After the closing the centre asks for a mark (guide 5.6, 3.8.2): once, whom it helped, while it still makes sense."""

import dataclasses
import datetime as dt

import pytest

from cec.appeals import acting, auto_answering, rating_links
from cec.clients import addresses
from cec.distribution import choosing
from cec.platform import work
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from cec.replies import auto_replies
from cec.replies.auto_replies import Event, Wanted
from tests import cast
from tests.appeals.test_auto_answering import automatic, later, withheld
from tests.stories import act, answer, close

MINUTES = 30
WORDS = "Оцените нас: {{rating.link}}"


@pytest.fixture(autouse=True)
def _centre(db, post_office):
    cast.a_mailbox(port=post_office.port)
    cast.a_centre()
    auto_replies.create(Wanted("Оценка", Event.RATING, WORDS, delay=dt.timedelta(minutes=MINUTES)), by="system")
    database.session.commit()


def closed(*, is_answered=True, **letter):
    """An appeal that Anna has answered and closed."""
    appeal = cast.accepted(cast.an_appeal(**{"message_id": "<a@client.example>", **letter}), cast.anna())
    if is_answered:
        answer(appeal, cast.anna())
    return close(appeal, cast.anna())


def writes_again(words="Нет, не пришёл"):
    cast.arrives(cast.a_letter(words, In_Reply_To="<a@client.example>"))


def test_some_time_after_the_closing_a_link_goes_to_the_client(clock):
    appeal = closed()

    later(clock, MINUTES - 1)
    assert automatic(appeal) == []
    later(clock, 1)
    (told,) = automatic(appeal)
    words, _, link = told.rpartition(" ")
    assert words == "Оцените нас:"
    assert link.startswith("http://127.0.0.1:8000/rating/")
    assert rating_links.read(link.rpartition("/")[2]).id == appeal.id
    later(clock, 24 * 60)
    assert len(automatic(appeal)) == 1


def test_without_a_delay_it_waits_until_the_closing_cannot_be_taken_back(clock):
    with unit_of_work():
        reply = auto_replies.list_all()[0]
        reply.delay = dt.timedelta()
    appeal = closed()
    work.run_due()
    assert automatic(appeal) == []
    with unit_of_work():
        acting.undo_closing(appeal.id, by=cast.anna())
    later(clock, 5)
    assert automatic(appeal) == []

    close(appeal, cast.anna())
    later(clock, 1)
    assert len(automatic(appeal)) == 1


def test_a_goodbye_of_before_only_puts_it_off(clock):
    with unit_of_work():
        auto_replies.list_all()[0].delay = dt.timedelta(minutes=5)
        auto_replies.create(Wanted("Пока", Event.CLOSED, "Пока."), by="system")
    appeal = closed()

    later(clock, 9)
    assert automatic(appeal) == ["Пока."]
    later(clock, 1)
    assert len(automatic(appeal)) == 2
    assert withheld(appeal) == []


@pytest.mark.parametrize("mark", ["5", "2"])
def test_who_has_given_a_mark_is_not_asked(clock, mark):
    appeal = closed()
    writes_again(mark)
    later(clock, MINUTES)

    assert automatic(appeal) == []


def test_what_is_open_again_is_asked_about_after_its_next_closing(clock):
    appeal = closed()
    clock.forward(dt.timedelta(minutes=MINUTES - 1))
    writes_again()
    choosing.distribute()
    answer(appeal, cast.anna())
    close(appeal, cast.anna())
    later(clock, 1)
    assert automatic(appeal) == []

    later(clock, MINUTES - 1)
    assert len(automatic(appeal)) == 1


def test_whom_nobody_answered_is_not_asked(clock):
    appeal = cast.accepted(cast.an_appeal(), cast.anna())
    with unit_of_work():
        acting.act(
            appeal.id, "close", by=cast.anna(), expected_version=appeal.version,
            seen_message_id=appeal.last_message_id, confirmed=True,
            answers={"topic_id": cast.a_topic().id, "resolution_id": cast.a_resolution().id, "comment": ""},
        )  # fmt: skip
    later(clock, MINUTES)

    assert (cast.reread(appeal).status, automatic(appeal)) == ("closed", [])


def test_spam_and_machines_and_the_dead_are_not_asked(clock):
    spam = cast.accepted(cast.an_appeal(), cast.anna())
    act(spam, "spam", cast.anna(), comment="")
    dead = closed(sender="gone@client.example", message_id="<b@client.example>")
    with unit_of_work():
        addresses.mark_unreachable("email", {"gone@client.example": "No such user"})
    later(clock, MINUTES)

    assert (automatic(spam), automatic(dead)) == ([], [])
    assert withheld(dead) == [auto_answering.UNREACHABLE]


def test_of_several_workers_one_asks(clock, at_once):
    appeal = closed()
    with unit_of_work():
        asked = {"appeal_id": appeal.id, "reply_id": auto_replies.list_all()[0].id, "event": "rating", "said": None}
        for _again in range(3):
            work.enqueue("auto_replies.answer", **asked | {"said": appeal.last_message_id})
    clock.forward(dt.timedelta(minutes=MINUTES))

    at_once(work.run_due, work.run_due, work.run_due)
    later(clock, 10)

    assert len(automatic(appeal)) == 1


def test_without_an_address_of_the_centre_no_link_is_promised(app, monkeypatch, clock):
    appeal = closed()
    nowhere = dataclasses.replace(app.config["CEC"], demo=False)
    monkeypatch.setitem(app.config, "CEC", nowhere)

    with pytest.raises(auto_replies.NoAddressOfCentre, match="CEC_PUBLIC_URL"):
        auto_replies.create(Wanted("Оценка", Event.RATING, WORDS), by="system")
    auto_replies.create(Wanted("Оценка", Event.RATING, "Ответьте цифрой от 1 до 5."), by="system")
    database.session.rollback()
    later(clock, MINUTES)
    assert withheld(appeal) == [auto_answering.UNFILLED]


def test_two_marks_at_once_are_two_and_the_later_one_counts(clock, at_once):
    appeal = closed()
    token = rating_links.make(appeal).rpartition("/")[2]
    database.session.commit()

    def gives(mark):
        def give():
            with unit_of_work():
                return rating_links.give(token, str(mark), "").mark

        return give

    assert at_once(gives(1), gives(5)) == [1, 5]

    assert cast.reread(appeal).mark == rating_links.last(appeal).mark


def test_who_changes_it_without_end_is_stopped_for_an_hour(clock):
    appeal = closed()
    token = rating_links.make(appeal).rpartition("/")[2]
    for _again in range(rating_links.MOST):
        rating_links.give(token, "4", "")

    with pytest.raises(rating_links.TooOften):
        rating_links.give(token, "5", "")
    clock.forward(rating_links.WITHIN)
    assert rating_links.give(token, "5", "Всё хорошо").mark == 5
    with pytest.raises(rating_links.NoMarkChosen):
        rating_links.give(token, "6", "")
