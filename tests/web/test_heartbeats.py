"""Guide 2.1, 2.6: heartbeats of windows; going on in a window that another one took over."""

import datetime as dt

import cast
import pytest
from cast import PASSWORD, anna

from bench.statements import said
from cec.distribution import returning
from cec.platform import work
from cec.platform.clock import now
from cec.platform.db import unit_of_work
from cec.staff import links, presence, signing_in
from cec.staff.models import Presence, Session

LOST, GONE = dt.timedelta(seconds=60), dt.timedelta(seconds=180)


@pytest.fixture
def window(signed_in):
    """The window in which Anna works."""
    return signed_in(anna())


@pytest.fixture
def second(window, app):
    """Another browser in which she goes on."""
    browser = app.test_client()
    browser.post("/login", data={"login": "anna", "password": PASSWORD})
    place = signing_in.workplaces(anna().branch_id)[0]
    choice = {"role": "operator", "branch_id": anna().branch_id, "workplace_id": place.id, "take_over": "1"}
    assert browser.post("/start", data=choice).status_code == 303
    return browser


def beat(browser, **fields):
    answer = browser.post("/heartbeat", data=fields)
    assert answer.status_code == 200
    return answer.json


def take_back(browser):
    return browser.post("/session", headers={"HX-Request": "true"}).status_code


def test_a_heartbeat_tells_when_the_window_was_touched_last(window, db, clock):
    moment = clock.forward(dt.timedelta(seconds=15))

    assert beat(window, untouched="40") == {"session": "open", "link": "live", "person": anna().id}

    session = db.session.scalars(db.select(Session)).one()
    assert (session.seen_at, session.input_at) == (moment, moment - dt.timedelta(seconds=40))


@pytest.mark.parametrize("untouched", ["", "x", "-5", "1e9", "99999999999999999999"])
def test_a_strange_age_is_bounded(window, db, clock, untouched):
    assert beat(window, untouched=untouched)["session"] == "open"

    touched = db.session.scalars(db.select(Session.input_at)).one()
    assert dt.timedelta(0) <= now() - touched <= dt.timedelta(days=1)


def test_a_heartbeat_is_cheap_and_leaves_no_fact(window, db, clock):
    clock.forward(dt.timedelta(seconds=15))
    facts = len(cast.story(anna().key))

    with said() as statements:
        beat(window, untouched="1")

    assert [sentence.split()[0] for sentence in statements] == ["SELECT", "UPDATE"]
    assert len(cast.story(anna().key)) == facts


def test_two_tabs_of_one_session_are_both_alive(window, app, db, clock):
    other_tab = app.test_client()
    other_tab.set_cookie("cec_session", window.get_cookie("cec_session").value)

    assert beat(window, untouched="600")["session"] == beat(other_tab, untouched="3")["session"] == "open"
    assert beat(window, untouched="615")["session"] == "open"

    assert db.session.scalars(db.select(Session.input_at)).one() == now() - dt.timedelta(seconds=3)


def test_a_window_that_another_one_took_over_hears_of_it(window, second):
    assert beat(window)["session"] == "taken_over"
    assert beat(second)["session"] == "open"


def test_its_acts_are_refused_in_place_and_lead_nowhere(window, second):
    answer = window.post("/operator/status", data={"status": "active"}, headers={"HX-Request": "true"})

    assert answer.status_code == 401
    assert "HX-Redirect" not in answer.headers
    assert presence.current(anna().id).status == Presence.NOT_ACCEPTING


def test_it_can_go_on_and_then_the_other_one_is_read_only(window, second):
    assert take_back(window) == 204

    assert beat(window)["session"] == "open"
    assert beat(second)["session"] == "taken_over"
    assert take_back(window) == 204


def test_the_page_of_a_taken_over_window_goes_on_too(window, second):
    page = window.get("/operator")
    assert page.location == "/taken-over"
    assert 'action="/session"' in window.get("/taken-over").text

    assert window.post("/session").location == "/"
    assert window.get("/operator").status_code == 200


@pytest.mark.parametrize("ending", ["signs_out", "changes_password", "is_dismissed", "hours"])
def test_after_these_no_older_window_goes_on(window, second, db, clock, ending):
    if ending == "signs_out":
        second.post("/leaving")
    elif ending == "changes_password":
        second.post("/password", data={"old_password": PASSWORD, "new_password": "another long one"})
    elif ending == "is_dismissed":
        anna().is_active = False
        db.session.commit()
    else:
        clock.forward(dt.timedelta(hours=8))

    assert take_back(window) == 409
    assert beat(window)["session"] != "open"


def test_strangers_and_made_up_secrets_go_nowhere(client, db):
    anna()
    db.session.commit()
    client.set_cookie("cec_session", "made-up")

    assert beat(client) == {"session": "ended"}
    assert take_back(client) == 409


def test_two_windows_that_take_back_at_once_leave_one(window, second, db, at_once):
    tokens = [browser.get_cookie("cec_session").value for browser in (window, second)]
    db.session.commit()

    def back(token):
        with unit_of_work():
            return signing_in.take_back(token)

    results = at_once(*[lambda token=token: back(token) for token in tokens] * 2)

    assert not [result for result in results if isinstance(result, Exception)]
    assert len(db.session.scalars(db.select(Session).where(Session.ended_at.is_(None))).all()) == 1


def test_what_went_back_is_listed_until_it_is_dismissed(window, db, clock, words):
    cast.a_centre()
    db.session.commit()
    appeal = cast.accepted(cast.an_appeal(), anna())
    db.session.commit()
    for seconds in (61, 120):
        clock.forward(dt.timedelta(seconds=seconds))
        links.lose(LOST)
        links.give_up(GONE)
    while work.run_due():
        pass

    assert beat(window)["link"] == "gone"
    shown = words(window.get("/operator/status/returned").text)
    assert appeal.number in shown
    assert "вернулось 1 обращение" in shown.replace("\xa0", " ")
    assert window.delete("/operator/status/returned").text == ""
    assert window.get("/operator/status/returned").text.strip() == ""
    assert returning.untold(anna()) == []


def test_a_window_that_nobody_touches_asks_whether_he_is_there(window, clock):
    cast.at_work(anna())
    beat(window, untouched="0")
    clock.forward(dt.timedelta(minutes=5, seconds=20))

    assert beat(window, untouched="320")["idle"] == 40
    assert "idle" not in beat(window, untouched="0")
    assert 'id="are-you-here"' in window.get("/operator").text
