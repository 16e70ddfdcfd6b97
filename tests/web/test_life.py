"""Guide 2.3: where an appeal stands on its diagram, which way it came, what it waits for."""

import html
import json
import re
from collections.abc import Callable

import cast
import pytest
import stories
from flask.testing import FlaskClient
from lxml import etree

from cec.appeals import acting
from cec.appeals.models import Appeal
from cec.platform.db import unit_of_work

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def looks(signed_in: Callable[..., FlaskClient], appeal: Appeal) -> Callable[[], str]:
    """Give a function by which Anna looks at the way of the appeal."""
    anna = signed_in(cast.anna())

    def look() -> str:
        answer = anna.get(f"/life/{appeal.id}", headers=PART)
        assert answer.status_code == 200, answer.text[:300]
        return answer.text

    return look


def marks(drawn: str) -> dict:
    """What the viewer is told to mark."""
    return json.loads(html.unescape(re.search(r'data-marks="([^"]*)"', drawn)[1]))


def test_an_appeal_in_work_stands_at_its_task(looks, words):
    drawn = looks()

    assert "Сейчас здесь: Вести обращение" in words(drawn)
    assert marks(drawn)["appeal_handling"]["here"] == ["handle"]
    assert marks(drawn)["appeal_handling"]["passed"]["enqueue"] == [1, "12:00 · Клиент"]
    assert "Никто не ответил в срок" in words(drawn)


def test_who_waits_inside_a_called_diagram_stands_in_both(looks, appeal, words):
    stories.postpone(appeal, cast.anna(), hours=2)

    drawn = looks()

    assert marks(drawn)["appeal_handling"]["here"] == ["postponement"]
    assert marks(drawn)["appeal_postponement"]["here"] == ["aside"]
    assert marks(drawn)["appeal_postponement"]["passed"].keys() == {"asked", "put_aside"}
    assert "до 14:00" in words(drawn)
    assert "сообщение клиента" in words(drawn)


def test_what_is_closed_stands_at_its_end_and_waits_for_nothing(looks, appeal, words):
    stories.close(appeal, cast.anna())

    drawn = looks()

    assert marks(drawn)["appeal_handling"]["here"] == ["closed"]
    assert "больше ничего не ждёт" in words(drawn)


def test_a_reopened_appeal_tells_its_earlier_way_too(signed_in, appeal):
    stories.close(appeal, cast.anna())
    with unit_of_work():
        acting.undo_closing(appeal.id, by=cast.anna())

    drawn = signed_in(cast.boris()).get(f"/life/{appeal.id}", headers=PART).text

    assert marks(drawn)["appeal_handling"]["here"] == ["handle"]
    assert "closed" not in marks(drawn)["appeal_handling"]["passed"]
    assert drawn.count('data-kind="person"') == 1


def test_the_table_says_when_who_and_what(looks, appeal, words):
    stories.postpone(appeal, cast.anna(), hours=2)

    rows = [words(row) for row in re.findall(r'<tr data-kind="[^"]*">.*?</tr>', looks(), re.DOTALL)]

    assert "12:00 Задачи людей Вести обращение Вы" in rows
    assert any("Автоматические шаги" in row and "Клиент" in row for row in rows)
    assert any("Что произошло" in row and "Взято в работу" in row for row in rows)


def test_the_diagram_speaks_the_readers_language_and_hides_the_machine(signed_in, appeal):
    anna = signed_in(cast.anna())

    answer = anna.get(f"/life/{appeal.id}/diagrams/appeal_handling")

    assert answer.mimetype == "application/xml"
    assert etree.fromstring(answer.data).tag.endswith("definitions")
    assert "Вести обращение" in answer.text
    assert "serviceTaskOperator" not in answer.text
    assert "conditionExpression" not in answer.text
    assert anna.get(f"/life/{appeal.id}/diagrams/nothing").status_code == 404


def test_others_ways_do_not_exist(signed_in, appeal):
    igor = signed_in(cast.igor())

    assert igor.get(f"/life/{appeal.id}", headers=PART).status_code == 404
    assert igor.get(f"/life/{appeal.id}/diagrams/appeal_handling").status_code == 404


def test_a_supervisor_sees_the_way_of_what_his_queues_hold(signed_in, appeal, words):
    page = signed_in(cast.boris()).get(f"/life/{appeal.id}")

    assert page.status_code == 200
    assert "К обращению" in words(page.text)
    assert "Сейчас здесь: Вести обращение" in words(page.text)
