"""In which language a client is answered (guide 5.6): as his chat says, as his card says, else by his letters."""

import datetime as dt

import pytest

from cec.appeals import auto_waiting
from cec.appeals.models import Appeal
from cec.clients import languages
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from cec.replies import auto_replies
from cec.replies.auto_replies import Event, Wanted
from tests import cast
from tests.appeals.test_auto_answering import automatic
from tests.visitor import Visitor, a_webchat, everything_is_done


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("Где мой заказ?", "ru"),
        ("Where is my order?", "en"),
        ("Где мой IKEA стеллаж", "ru"),
        ("Order 12 для Петрова", "ru"),
        ("Order number 12 от Петра", "en"),
        ("ab вг", "en"),
        ("Їжак і ґанок", "ru"),
        ("+7 900 000-00-00", None),
        ("你好", None),
        ("", None),
    ],
)
def test_a_language_is_told_by_letters(words, language):
    assert languages.judge(words) == language


@pytest.fixture
def centre(db, post_office):
    cast.a_mailbox(port=post_office.port)
    cast.a_centre()
    for language, words in (("", "…"), ("ru", "Приняли {{date}}."), ("en", "Got it, {{date}}.")):
        auto_replies.create(Wanted(words, Event.ARRIVED, words, language=language), by="system")
    database.session.commit()


RU, EN = "Приняли 23 ноября 2026.", "Got it, 23 November 2026."


@pytest.mark.parametrize(("words", "told"), [("Где заказ?", RU), ("Where is it?", EN), ("12345", "…")])
def test_who_writes_is_answered_in_his_language(centre, words, told):
    assert automatic(cast.an_appeal(words)) == [told]


def test_what_his_card_says_goes_before_his_letters(centre):
    with unit_of_work():
        cast.petrov().language = "en"

    assert cast.an_appeal("Где заказ?").language == "en"


def test_the_widget_says_which_language_it_speaks(centre, client):
    a_webchat()
    visitor = Visitor(client)
    visitor.writes("Где заказ?", language="en")
    everything_is_done()

    assert database.session.scalars(database.select(Appeal)).one().language == "en"
    assert visitor.lines()[1].startswith("Got it")


@pytest.mark.parametrize("said", ["fr", 7, None, ["ru"], "x" * 1000])
def test_what_is_no_language_of_ours_counts_for_nothing(centre, client, said):
    a_webchat()
    Visitor(client).writes("Где заказ?", language=said)
    everything_is_done()

    assert database.session.scalars(database.select(Appeal)).one().language == "ru"


def test_who_waits_long_is_told_in_his_language_too(centre, clock):
    with unit_of_work():
        after = dt.timedelta(minutes=10)
        auto_replies.create(Wanted("Ждут", Event.WAITS_LONG, "Please wait.", language="en", after=after), by="system")
    russian, english = cast.an_appeal("Где?"), cast.an_appeal("Where?", sender="other@client.example")
    clock.forward(dt.timedelta(minutes=21))

    assert auto_waiting.look() == 1
    assert (len(automatic(russian)), len(automatic(english))) == (1, 2)


def test_a_language_that_is_none_is_refused(centre):
    with pytest.raises(auto_replies.NoSuchLanguage):
        auto_replies.create(Wanted("Иначе", Event.ARRIVED, "Bonjour", language="fr"), by="system")
