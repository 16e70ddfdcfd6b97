"""2.1, 2.6: sign in, change the password, sign out."""

import dataclasses
import datetime as dt

import pytest
from cast import PASSWORD, a_centre, accepted, an_appeal, anna, boris, vera

from cec.platform import i18n, work
from cec.staff import presence, signing_in
from cec.staff.models import Presence, Session


@pytest.fixture(autouse=True)
def _english(client):
    client.set_cookie("cec_language", "en")


def login(client, name="anna", password=PASSWORD, **query):
    return client.post("/login", data={"login": name, "password": password}, query_string=query)


def test_the_page_speaks_russian_unless_asked(app, db):
    anna()

    assert 'lang="ru"' in app.test_client().get("/login").text
    assert 'lang="en"' in app.test_client().get("/login?language=en").text
    assert 'lang="ru"' in app.test_client().get("/login?language=xx").text


def test_who_has_nothing_to_choose_begins_at_once(client, db):
    anna()

    answer = login(client)

    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/").location == "/operator"
    assert presence.current(anna().id).status == Presence.NOT_ACCEPTING


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client, db):
    anna()

    cookie = login(client).headers["Set-Cookie"]

    assert cookie.startswith("cec_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age" not in cookie


def test_behind_tls_the_cookie_is_for_tls_only(app, client, db, monkeypatch):
    anna()
    monkeypatch.setitem(app.config, "CEC", dataclasses.replace(app.config["CEC"], secure_cookies=True))

    cookie = login(client).headers["Set-Cookie"]

    assert cookie.startswith("__Host-cec_session=")
    assert "Secure" in cookie
    assert "Path=/" in cookie


def test_every_sign_in_has_a_secret_of_its_own(client, db):
    anna()
    client.set_cookie("cec_session", "chosen-by-somebody-else")

    login(client)

    assert client.get_cookie("cec_session").value != "chosen-by-somebody-else"


def test_a_wrong_password_is_told_with_the_attempts_left_and_the_login_stays(client, db):
    anna()

    answer = login(client, password="wrong guess")

    assert answer.status_code == 422
    assert "The login or the password did not fit. 4 attempts are left" in answer.text
    assert 'value="anna"' in answer.text
    assert "wrong guess" not in answer.text
    assert client.get_cookie("cec_session") is None


def test_the_fifth_wrong_password_closes_the_door(client, db, clock):
    anna()
    for _ in range(5):
        answer = login(client, password="wrong guess")

    assert answer.status_code == 409
    assert "Too many wrong passwords" in answer.text
    assert login(client).status_code == 409
    clock.forward(dt.timedelta(minutes=15))
    assert login(client).status_code == 303


def test_markup_in_the_login_is_only_text(client, db):
    anna()

    assert "<script>alert" not in login(client, name='"><script>alert(1)</script>').text


def test_a_signed_in_person_is_led_past_the_sign_in_page(client, db):
    anna()
    login(client)

    assert client.get("/login").location == "/"


def test_anonymous_people_are_led_to_sign_in_and_then_where_they_wanted(client, db):
    boris()

    asked = client.get("/appeals?status=closed")
    answer = login(client, "boris", next="/appeals?status=closed")

    assert (asked.status_code, asked.location) == (303, "/login?next=/appeals%3Fstatus%3Dclosed")
    assert answer.location == "/appeals?status=closed"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/%09/evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "///evil.example",
        "/nothing-here",
        "/leaving",
        "http:evil.example",
        " /appeals",
        "",
    ],
)
def test_next_leads_to_pages_of_ours_only(client, db, elsewhere):
    boris()

    assert login(client, "boris", next=elsewhere).location == "/"


def test_next_does_not_lead_where_the_role_may_not_go(client, db):
    anna()

    assert login(client, next="/appeals").location == "/"


def test_parts_of_pages_are_led_to_sign_in_by_a_header(client, db):
    anna()

    answer = client.get("/appeals", headers={"HX-Request": "true"})

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")


def test_programs_are_told_in_json(client, db):
    anna()

    answer = client.get("/appeals", headers={"Accept": "application/json"})

    assert answer.status_code == 401
    assert answer.json == {"error": "Sign in first.", "fields": {}}


def test_a_made_up_or_ended_secret_opens_nothing(client, db):
    anna()
    login(client)
    for session in db.session.scalars(db.select(Session)):
        session.ended_at = session.started_at

    assert client.get("/profile").status_code == 303
    client.set_cookie("cec_session", "x" * 43)
    assert client.get("/profile").status_code == 303


def test_a_one_time_password_has_to_be_changed_first(client, db):
    password = signing_in.reset_password(anna(), by="employee:1")

    assert login(client, password=password).location.startswith("/start")
    assert client.get("/profile").location == "/password"
    assert client.post("/password", data={"old_password": password, "new_password": "short"}).status_code == 422
    assert client.post("/start").status_code == 400

    answer = client.post("/password", data={"old_password": password, "new_password": "another fine staple"})

    assert answer.location == "/start"
    assert client.get("/profile").status_code == 200


def test_what_is_wrong_with_a_new_password_is_said_at_its_field(client, db):
    anna().language = "en"
    login(client)

    answer = client.post("/password", data={"old_password": PASSWORD, "new_password": "short"})

    assert answer.status_code == 422
    assert 'data-error="new_password"' in answer.text
    assert "A password has at least 10 characters." in answer.text
    assert "short" not in answer.text


def test_leaving_says_how_many_appeals_go_back_and_returns_them(client, signed_in, db):
    a_centre()
    window = signed_in(anna())
    appeal = accepted(an_appeal(), anna())
    anna().language = "en"

    page = window.get("/leaving")
    answer = window.post("/leaving")

    assert "You have 1 appeal. What becomes of it?" in page.text
    assert answer.location == "/login"
    assert window.get_cookie("cec_session") is None
    assert presence.current(anna().id).status == Presence.OFFLINE
    work.run_due()
    db.session.expire_all()
    assert (appeal.status, appeal.operator_id) == ("queued", None)


def test_leaving_with_empty_hands_says_so(signed_in, db):
    vera().language = "en"
    window = signed_in(vera())

    assert "Nothing of yours goes back to a queue." in window.get("/leaving").text
    assert window.post("/leaving").status_code == 303
    assert window.get("/profile").location.startswith("/login")


def test_asking_to_leave_does_not_leave(signed_in, db):
    window = signed_in(anna())

    window.get("/leaving")

    assert window.get("/profile").status_code == 200


def test_the_window_that_was_taken_over_says_so(signed_in, client, db):
    anna().language = "en"
    old = signed_in(anna())
    login(client)
    client.post("/start", data={**anna().last_choice, "take_over": "1"})

    answer = old.get("/profile")

    assert answer.location == "/taken-over"
    old.set_cookie("cec_language", "en")
    assert "open in another window" in old.get("/taken-over").text
    assert client.get("/profile").status_code == 200


def test_moments_are_told_in_the_zone_of_the_branch(app, db):
    anna().language = "en"
    anna().roles = ["operator", "supervisor"]
    anna().branch.zone = "Asia/Yekaterinburg"
    db.session.commit()
    browser = app.test_client()
    login(browser)

    assert "signed in at 14:00" in browser.get("/start").text
    assert i18n.language() == "ru"
