"""Guide 2.2.2, 3.2.1: the status switch, its timer, and what leaving would return."""

import datetime as dt

import cast

from cec.staff import presence
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


def test_nobody_chooses_to_be_offline_or_something_unknown(desk):
    _change(desk, "offline", expected=422)
    _change(desk, "dancing", expected=422)

    assert presence.current(cast.anna().id).status == Presence.NOT_ACCEPTING
