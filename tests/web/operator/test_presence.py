"""Guide 2.2.2, 3.2.1: the status switch, its timer, and what leaving would return."""

import datetime as dt

import cast
import pytest

from cec.platform.db import unit_of_work
from cec.staff import presence, reasons
from cec.staff.models import Presence


def test_an_operator_begins_without_accepting_and_becomes_active(desk, words):
    assert "Не принимаю" in words(desk.page(""))

    part = _change(desk, "active")

    assert "Активен" in words(part)
    assert presence.current(cast.anna().id).status == Presence.ACTIVE


def _change(desk, status: str, expected: int = 200) -> str:
    answer = desk.browser.post("/operator/status", data={"status": status}, headers={"HX-Request": "true"})
    assert answer.status_code == expected, answer.text
    return str(answer.text)


def test_the_timer_runs_from_the_change(desk, clock, words):
    _change(desk, "active")
    clock.forward(dt.timedelta(hours=1, minutes=42, seconds=8))

    assert "1:42:08" in words(desk.part("/worklist"))


def test_a_break_says_how_many_appeals_it_returns(desk, appeal, words):
    assert "вернёт в очередь 1 обращение" in words(desk.part("/status")).replace("\xa0", " ")


@pytest.fixture
def lunch(db):
    """A reason of the directory."""
    with unit_of_work():
        return reasons.create(name="Обед", icon="tools-kitchen-2", by="test")


def test_a_break_has_the_reason_and_its_icon(desk, lunch, words):
    assert "Обед" in words(desk.part("/status"))

    part = _break(desk, lunch)

    assert "Обед" in words(part)
    assert "#i-tools-kitchen-2" in part
    assert presence.current(cast.anna().id).reason_id == lunch.id


def test_with_appeals_in_hand_the_menu_asks_first(desk, appeal, lunch, words):
    step = words(desk.part(f"/status/break?status=break&reason_id={lunch.id}")).replace("\xa0", " ")

    assert "Когда закончу" in step
    assert "вернёт в очередь 1 обращение" in step


def test_a_break_that_returns_more_than_was_confirmed_is_refused(desk, appeal, lunch, words):
    refusal = words(_break(desk, lunch))

    assert "вернёт в очередь 1 обращение" in refusal.replace("\xa0", " ")
    assert presence.current(cast.anna().id).status == Presence.ACTIVE
    _break(desk, lunch, returns=1)
    assert presence.current(cast.anna().id).status == Presence.BREAK


def _break(desk, reason, path="/operator/status", **more) -> str:
    data = {"status": "break", "reason_id": reason.id, **more}
    return str(desk.browser.post(path, data=data, headers={"HX-Request": "true"}).text)


def test_a_break_that_begins_when_done_is_a_chip_with_a_way_back(desk, appeal, lunch, words):
    part = _break(desk, lunch, "/operator/status/next")

    assert "далее: Обед" in words(part)
    assert presence.current(cast.anna().id).status == Presence.ACTIVE
    assert "далее" not in words(desk.act("/status/next", method="delete"))
    assert presence.next_of(cast.anna().id) is None


def test_a_reason_that_is_not_offered_is_refused(desk, lunch):
    with unit_of_work():
        reasons.change(lunch, name="Обед", icon="coffee", is_active=False, by="test")

    for reason_id in (lunch.id, 99):
        data = {"status": "break", "reason_id": reason_id}
        assert desk.browser.post("/operator/status", data=data).status_code == 422
    assert presence.current(cast.anna().id).status == Presence.NOT_ACCEPTING


def test_nobody_chooses_to_be_offline_or_something_unknown(desk):
    _change(desk, "offline", expected=422)
    _change(desk, "dancing", expected=422)

    assert presence.current(cast.anna().id).status == Presence.NOT_ACCEPTING
