"""What every answer carries, and how a no looks."""

import pytest
from cast import anna, boris, vera
from sqlalchemy.exc import OperationalError

from cec.web import appeals_list, profile, protection


@pytest.fixture
def window(signed_in):
    boris().language = "en"
    return signed_in(boris())


@pytest.mark.parametrize(
    "path", ["/appeals", "/login", "/nothing-here", "/appeals/999", "/static/app.css", "/centre/people"]
)
def test_every_answer_keeps_other_sites_out(window, path):
    with window.get(path) as answer:
        headers = answer.headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "object-src 'none'" in policy
    assert "'unsafe-eval'" not in policy
    assert "script-src" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Request-Id"]


def test_pages_with_somebodys_data_are_not_kept_by_the_browser(window):
    assert window.get("/appeals").headers["Cache-Control"] == "no-store"
    with window.get("/static/app.css") as sheet:
        assert "no-store" not in sheet.headers.get("Cache-Control", "")


def test_pages_have_no_scripts_or_styles_of_their_own(window, signed_in):
    for browser, path in ((window, "/appeals"), (window, "/login"), (signed_in(vera()), "/centre/people")):
        page = browser.get(path).text
        assert "<script>" not in page
        assert "<style" not in page
        assert " onclick=" not in page


def test_a_no_is_a_page_a_part_or_json(window):
    page = window.get("/appeals/999")
    part = window.get("/appeals/999", headers={"HX-Request": "true"})
    program = window.get("/appeals/999", headers={"Accept": "application/json"})

    assert [answer.status_code for answer in (page, part, program)] == [404] * 3
    assert "There is no such thing here." in page.text
    assert "<html" in page.text
    assert "There is no such thing here." in part.text
    assert "<html" not in part.text
    assert program.json == {"error": "There is no such thing here.", "fields": {}}


def test_an_unknown_page_and_a_wrong_method_speak_the_readers_words(window):
    assert "There is no such page." in window.get("/nothing").text
    wrong = window.delete("/appeals")
    assert wrong.status_code == 405
    assert "This cannot be done here." in wrong.text
    assert "GET" in wrong.headers["Allow"]


def test_too_large_a_request_is_told_so(app, client, db, monkeypatch):
    anna()
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 1000)

    answer = client.post("/login?language=en", data={"login": "anna", "password": "x" * 5000})

    assert answer.status_code == 413
    assert "can be sent at once" in answer.text


def test_what_breaks_says_nothing_of_itself(app, window, monkeypatch):
    def broken(*_args, **_kwargs):
        message = "a secret detail"
        raise ZeroDivisionError(message)

    monkeypatch.setattr(appeals_list.queries, "list_appeals", broken)
    monkeypatch.setattr(app, "testing", False)

    answer = window.get("/appeals")

    assert answer.status_code == 500
    assert "Something broke on our side. Nothing was changed." in answer.text
    assert answer.headers["X-Request-Id"] in answer.text
    assert "secret" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}, {"Accept": "application/json"}])
def test_a_database_that_is_away_is_told_so(app, window, monkeypatch, headers):
    def away(*_args, **_kwargs):
        raise OperationalError("select 1", {}, Exception("could not connect to server"))

    monkeypatch.setattr(appeals_list.queries, "list_appeals", away)

    answer = window.get("/appeals", headers=headers)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "The database does not answer." in answer.text
    assert "select 1" not in answer.text


def test_a_refused_act_leaves_nothing_behind(window, db, monkeypatch):
    def late(*_args, **_kwargs):
        boris().name = "Somebody else"
        db.session.flush()
        raise protection.ForeignRequest

    monkeypatch.setattr(profile.session, "remember_language", late)

    answer = window.post("/profile", data={"language": "ru", "theme": "dark"})

    assert answer.status_code == 403
    db.session.expire_all()
    assert (boris().name, boris().theme) == ("Борис Лаптев", "system")
