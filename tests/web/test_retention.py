"""5: how long each kind of data is kept; a shorter term asks once more before it removes anything."""

import datetime as dt

import pytest
from cast import a_centre, accepted, an_appeal, anna, vera

from cec.retention import purging, terms
from cec.retention.kinds import KINDS
from tests import stories


@pytest.fixture
def window(signed_in):
    a_centre()
    vera().language = "en"
    return signed_in(vera())


def test_every_kind_stands_in_the_list_with_what_went_and_would_go(window, words, clock):
    stories.close(accepted(an_appeal(), anna()), anna())
    clock.forward(dt.timedelta(days=1096))
    window.post("/login", data={"login": "vera", "password": "correct horse"})

    before = words(window.get("/centre/retention").text)
    purging.purge(rest=lambda _seconds: None)
    after = words(window.get("/centre/retention").text)

    assert "Messages and appeals 1095 days since the appeal ended not yet nothing yet 1" in before
    assert "Messages and appeals 1095 days since the appeal ended 12:00 1 12:00 0" in after
    assert all(kind.name in after for kind in KINDS.values())


def test_a_term_is_changed_and_its_history_told(window, words):
    answer = window.post("/centre/retention/events", data={"days": "20"})

    assert answer.status_code == 303
    assert terms.days_of(KINDS["events"]) == 20
    assert "Kept for, days 14 20" in words(window.get("/centre/retention/events").text)


@pytest.mark.parametrize(
    ("kind", "days", "sentence"),
    [
        ("messages", "89", "from 90 to 3650"),
        ("journal", "399", "from 400 to 3650"),
        ("messages", "", "from 90 to 3650"),
        ("messages", "1e3", "from 90 to 3650"),
        ("messages", "99999999999", "from 90 to 3650"),
        ("messages", "300", "the longest of their terms is 365 days"),
        ("files", "1096", "which are kept for 1095 days"),
    ],
)
def test_a_term_out_of_bounds_is_refused_at_the_field_and_what_was_typed_stays(window, kind, days, sentence):
    answer = window.post(f"/centre/retention/{kind}", data={"days": days})

    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{days}"' in answer.text
    assert terms.days_of(KINDS[kind]) == KINDS[kind].days


def test_a_term_that_removes_something_asks_once_more(window, clock):
    stories.close(accepted(an_appeal(), anna()), anna())
    clock.forward(dt.timedelta(days=400))
    window.post("/login", data={"login": "vera", "password": "correct horse"})

    asked = window.post("/centre/retention/messages", data={"days": "365"})
    assert asked.status_code == 422
    assert "1 will be removed for good" in asked.text

    assert window.post("/centre/retention/messages", data={"days": "365", "sure": "1"}).status_code == 303
    assert terms.days_of(KINDS["messages"]) == 365


def test_of_two_who_change_a_term_at_once_the_second_is_told(window):
    page = window.get("/centre/retention/audit").text
    seen = page.split('name="seen" value="')[1].split('"')[0]
    window.post("/centre/retention/audit", data={"days": "400", "seen": seen})

    answer = window.post("/centre/retention/audit", data={"days": "500", "seen": seen})

    assert answer.status_code == 409
    assert terms.days_of(KINDS["audit"]) == 400


def test_what_is_no_kind_is_not_there(window):
    assert window.get("/centre/retention/nothing").status_code == 404
    assert window.post("/centre/retention/nothing", data={"days": "90"}).status_code == 404
