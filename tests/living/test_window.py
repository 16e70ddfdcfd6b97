"""What of a simulated window has to be drawn anew: the same as in a real one."""

import pytest

from cec.living import window as windows
from cec.living.line import Answer
from cec.living.window import Window

LIST = '<aside class="worklist" id="worklist"></aside>'
APPEAL = '<main class="appeal" id="appeal" aria-label="x" data-id="12" data-composer=""></main>'
NOTHING = '<main class="appeal nothing" id="appeal" aria-label="x" data-now="2026"></main>'


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(windows, "RARELY", {})


def answer(page, mark=""):
    return Answer(200, f"HTTP/1.1 200 OK\r\nX-Live-Mark: {mark}\r\n" if mark else "HTTP/1.1 200 OK\r\n", page.encode())


def annas(page=APPEAL):
    window = Window("worklist")
    window.show(answer(LIST + page))
    return window


@pytest.mark.parametrize(
    ("page", "notice", "parts"),
    [
        (APPEAL, ["message.received", "appeal:12"], ["appeal", "worklist"]),
        (APPEAL, ["message.received", "appeal:13"], []),
        (APPEAL, ["worklist", "employee:1"], ["worklist"]),
        (NOTHING, ["worklist", "employee:1"], ["appeal", "worklist"]),
        (APPEAL, ["notice", "employee:1"], ["bell"]),
        (APPEAL, ["client.writing", "appeal:12"], []),
        (APPEAL, ["resync", "*"], ["appeal", "bell", "worklist"]),
    ],
)
def test_what_anna_hears_of_draws_the_part_that_it_concerns(page, notice, parts):
    window = annas(page)

    window.hear([notice])

    assert sorted(window.due()) == parts
    assert window.due() == []


def test_what_the_answer_to_her_act_has_drawn_is_not_drawn_again():
    window = annas()
    window.hear([["message.sent", "appeal:12", "a1"], ["worklist", "employee:1", "a1"]])
    window.show(answer(APPEAL, mark="a1"))

    assert window.due() == ["worklist"], "her answer has drawn the appeal only"


def test_what_somebody_else_did_meanwhile_is_drawn_all_the_same():
    window = annas()
    window.show(answer(LIST + APPEAL, mark="a1"))
    window.hear([["message.sent", "appeal:12", "a1"], ["message.received", "appeal:12", "b2"]])

    assert sorted(window.due()) == ["appeal", "worklist"]


def test_a_list_is_drawn_once_in_a_while_however_much_changes(monkeypatch):
    monkeypatch.setattr(windows, "RARELY", {"worklist": 60.0})
    window = annas()
    window.hear([["worklist", "employee:1"], ["notice", "employee:1"]])

    assert window.due() == ["bell"]
    assert window.rest() > 50


def test_a_supervisor_sees_the_appeals_of_all():
    window = Window("appeals")
    window.hear([["appeal.routed", "appeal:7"], ["employee.changed", "employee:1"]])

    assert window.due() == ["appeals"]


def test_what_is_open_is_known_by_what_is_drawn():
    window = annas()
    assert window.appeal == 12

    window.show(answer(LIST + NOTHING))

    assert window.appeal == 0
