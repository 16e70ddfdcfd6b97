"""Guide 3.8.2: the page where a client gives a mark, by the link in his letter."""

import datetime as dt

import pytest

from cec.appeals import rating_links
from cec.appeals.models import Rating
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from tests import cast
from tests.stories import answer, close

EN = {"Accept-Language": "en-GB,en;q=0.9"}


@pytest.fixture
def appeal(db):
    """An appeal of Petrov's that Anna has answered and closed."""
    cast.a_centre()
    appeal = cast.accepted(cast.an_appeal("Тайна Петрова", message_id="<a@client.example>"), cast.anna())
    answer(appeal, cast.anna())
    return close(appeal, cast.anna())


@pytest.fixture
def link(appeal):
    return rating_links.make(appeal).removeprefix("http://127.0.0.1:8000")


def marks():
    return [(each.mark, each.comment) for each in database.session.scalars(database.select(Rating).order_by(Rating.id))]


def test_a_client_gives_a_mark_changes_it_and_is_thanked(client, appeal, link, words):
    page = client.get(link)
    assert page.status_code == 200
    assert f"Ваша оценка обращения {appeal.number}" in words(page.text)
    assert marks() == [], "looking counts nothing"

    given = client.post(link, data={"mark": "4", "comment": "Долго"})
    assert given.status_code == 303
    thanks = words(client.get(given.location).text)
    assert "Спасибо! Ваша оценка: 4 из 5." in thanks
    assert "Долго" in thanks
    client.post(link, data={"mark": "5", "comment": ""})
    assert (cast.reread(appeal).mark, marks()) == (5, [(4, "Долго"), (5, "")])
    assert cast.reread(appeal).status == "closed"


def test_it_speaks_the_language_of_the_browser_whoever_is_signed_in(signed_in, link):
    anna = signed_in(cast.anna())

    page = anna.get(link, headers=EN).text

    assert '<html lang="en"' in page
    assert "How did we help you?" in page
    assert "data-person" not in page, "nobody is signed in here"
    assert "This link is not whole" in anna.get("/rating/x", headers=EN).text
    assert 'href="/"' not in anna.get("/rating/x", headers=EN).text, "a client has no home page here"


@pytest.mark.parametrize(("field", "value"), [("mark", ""), ("mark", "6"), ("mark", "1e0"), ("comment", "ы" * 1001)])
def test_what_is_wrong_is_said_at_its_field_and_stays_typed(client, link, field, value):
    refused = client.post(link, data={"mark": "4", "comment": "Так себе день", field: value})

    assert refused.status_code == 422
    assert f'id="error-{field}"' in refused.text
    assert (value if field == "comment" else "Так себе день") in refused.text
    assert marks() == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_foreign_or_broken_link_is_none(client, link, method):
    # The last sign of a signature says little: of its six bits two count for nothing.
    forged = link[:-5] + ("a" if link[-5] != "a" else "b") + link[-4:]
    broken = (forged, "/rating/x", "/rating/example", link[:20], f"{link}%00")

    for path in broken:
        answer = client.open(path, method=method, data={"mark": "5"} if method == "POST" else None)
        assert answer.status_code == 404, path
    assert marks() == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_old_link_is_over(client, link, method, clock, words):
    clock.forward(rating_links.GOOD_FOR - dt.timedelta(minutes=1))
    assert client.get(link).status_code == 200
    clock.forward(dt.timedelta(minutes=2))

    answer = client.open(link, method=method, data={"mark": "5"} if method == "POST" else None)

    assert answer.status_code == 410
    assert "Ссылка действовала семь дней" in words(answer.text)
    assert marks() == []


def test_a_link_of_an_appeal_that_was_opened_since_waits_for_another_closing(client, link, words):
    cast.arrives(cast.a_letter("Нет, не пришёл", In_Reply_To="<a@client.example>"))

    answer = client.post(link, data={"mark": "5"})

    assert answer.status_code == 410
    assert "снова занимаются" in words(answer.text)


def test_a_link_of_a_forgotten_client_is_over(client, link, appeal):
    with unit_of_work():
        cast.reread(appeal).erased_at = appeal.closed_at

    assert client.get(link).status_code == 410


def test_nothing_of_the_conversation_stands_there_and_no_other_site_gives_marks(client, link):
    page = client.get(link)
    foreign = client.post(link, data={"mark": "1"}, headers={"Sec-Fetch-Site": "cross-site"})

    assert "Тайна Петрова" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert foreign.status_code == 403
    assert marks() == []


def test_who_changes_it_without_end_is_told_to_wait(client, link, words):
    statuses = [client.post(link, data={"mark": "3"}).status_code for _again in range(rating_links.MOST + 1)]

    assert statuses == [303] * rating_links.MOST + [429]
