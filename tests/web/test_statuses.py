"""Guide 2.2.2: the administrator's directory of reasons for a break."""

import pytest
from cast import vera

from cec.platform.db import unit_of_work
from cec.staff import reasons


@pytest.fixture
def window(signed_in):
    vera().language = "en"
    return signed_in(vera())


@pytest.fixture
def lunch(db):
    with unit_of_work():
        return reasons.create(name="Обед", icon="coffee", by="test")


def test_a_reason_is_added(window, words):
    answer = window.post("/centre/statuses", data={"name": "Обучение", "icon": "school"})

    assert answer.location == "/centre/statuses?saved=1"
    page = words(window.get(answer.location).text)
    assert "Обучение" in page
    assert "Saved." in page


def test_a_wrong_one_is_told_at_its_field_and_what_was_typed_stays(window, lunch):
    answer = window.post("/centre/statuses", data={"name": "Обед", "icon": "school"})

    assert answer.status_code == 422
    assert "There is a reason of this name already." in answer.text
    assert 'value="Обед"' in answer.text


def test_a_reason_is_renamed_and_taken_out_of_use(window, lunch, words):
    page = window.get(f"/centre/statuses/{lunch.id}")
    assert page.status_code == 200

    window.post(f"/centre/statuses/{lunch.id}", data={"name": "Ланч", "icon": "tools-kitchen-2"})

    assert [(each.name, each.is_active) for each in reasons.list_all(retired=True)] == [("Ланч", False)]
    assert "Out of use" in words(window.get("/centre/statuses").text)


def test_an_unknown_reason_is_not_found(window):
    assert window.get("/centre/statuses/99").status_code == 404
    assert window.post("/centre/statuses/99", data={"name": "x", "icon": "coffee"}).status_code == 404
