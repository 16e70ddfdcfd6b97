"""A digit after the closing is a mark, not a new question (SPEC part 5, 14)."""

import datetime as dt

import pytest

from cec.appeals import queries
from cec.appeals.models import Appeal, Rating, Status
from cec.platform.db import db
from cec.web import small
from cec.web.operator import feed
from tests import cast, stories


@pytest.fixture
def closed(db):
    """An appeal of Petrov's that Anna has answered and closed."""
    cast.a_centre()
    appeal = cast.accepted(cast.an_appeal(message_id="<a@x>"), cast.anna())
    stories.answer(appeal, cast.anna())
    return stories.close(appeal, cast.anna())


def writes(words, **headers):
    assert cast.arrives(cast.a_letter(words, References="<a@x>", **headers)) is not None


def marks():
    return list(db.session.scalars(db.select(Rating.mark).order_by(Rating.id)))


@pytest.mark.parametrize(
    "words", ["5", " 5 \n", "5!", "5.", "5\n\n> Ваш заказ у курьера.\n> Оцените нас", "5\n\n-- \nПётр"]
)
def test_a_letter_that_is_only_a_digit_rates_the_appeal_which_stays_closed(closed, words):
    writes(words)

    appeal = cast.reread(closed)
    assert (appeal.status, appeal.mark, marks()) == (Status.CLOSED, 5, [5])
    assert db.session.scalar(db.select(db.func.count()).select_from(Appeal)) == 1
    assert cast.story(appeal.key)[-1] == "appeal.rated"
    assert db.session.scalars(db.select(Rating.employee_id)).one() == cast.anna().id


def test_the_latest_mark_counts_and_the_earlier_ones_stay(closed):
    for words in ("2", "4"):
        writes(words)

    assert (cast.reread(closed).mark, marks()) == (4, [2, 4])


@pytest.mark.parametrize("words", ["6", "0", "55", "5 дней жду", "Пять", ""])
def test_anything_else_opens_the_appeal_again(closed, words):
    writes(words)

    appeal = cast.reread(closed)
    assert (appeal.status in {Status.QUEUED, Status.IN_WORK}, appeal.mark, marks()) == (True, None, [])


def test_a_digit_after_a_day_is_a_word_like_any_other(closed, clock):
    clock.forward(dt.timedelta(hours=24, seconds=1))
    writes("5")

    assert marks() == []


def test_a_digit_while_the_appeal_is_open_is_an_answer_to_the_operator(db):
    cast.a_centre()
    appeal = cast.accepted(cast.an_appeal(message_id="<a@x>"), cast.anna())
    writes("5")

    assert (cast.reread(appeal).status, marks()) == (Status.IN_WORK, [])


def test_the_mark_stands_in_the_header_and_in_the_history(closed):
    with_mark = cast.reread(closed)
    assert small.rated(with_mark.mark) == ""
    writes("3")
    assert "Оценка 3 из 5" in small.rated(cast.reread(closed).mark)
    told = feed.lines(closed, [], queries.events(closed), reader=cast.anna(), new_from=None)
    assert told[-1].text == "Клиент: оценка 3 из 5"


def test_an_automatic_answer_is_no_mark(closed):
    writes("5", Auto_Submitted="auto-replied")

    assert marks() == []
