"""The page of all components: in development only, in both themes."""

import dataclasses
import re
from collections import Counter

import pytest
from flask import Flask

from cec.app import create_app


@pytest.fixture(scope="module")
def workshop(settings) -> Flask:
    """Give the application as those have it who build it."""
    return create_app(dataclasses.replace(settings, development=True))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_components_are_shown_in_a_theme(workshop, db, theme, words):
    page = workshop.test_client().get(f"/design?theme={theme}")

    assert page.status_code == 200
    assert f'class="kit" data-bs-theme="{theme}"' in page.text
    for shown in ("Новое", "Отложено", "Срочный", "Не доставлено", "История", "VIP"):
        assert shown in words(page.text)


@pytest.mark.parametrize(
    ("part", "shown"),
    [
        ("kit-offer", ["Новое обращение", "Ольга Нестерова", "Почему вам", "Принять", "Отклонить…"]),
        ("kit-presence", ["Активен", "далее: Перерыв", "4/5", "Не принимаю", "Перерыв вернёт в очередь 3"]),
        ("kit-why", ["Приоритет 20: срочный", "VIP-клиент", "+20", "Почему в этой очереди"]),
        (
            "kit-composer",
            ["Ответ клиенту", "накладная.pdf", "Отправить", "Клиент этого не увидит", "Сохранить заметку"],
        ),
        ("kit-sheet", ["Отложить", "Причина", "Завтра, 9:00", "Клиент ждёт ответа.", "Сначала ответить"]),
        ("kit-grid", ["Номер", "Последнее сообщение", "В работе", "А если в воскресенье утром?", "Закрыто"]),
        ("kit-tabs", ["Клиент", "История"]),
        ("kit-toasts", ["закрыто", "Вернуть в работу", "отложено"]),
        ("kit-empty", ["Ничего не нашлось"]),
    ],
)
def test_each_component_is_drawn_as_the_product_draws_it(workshop, db, words, part, shown):
    page = workshop.test_client().get("/design").text
    section = page.partition(f'id="{part}"')[2].partition('</section>\n    <section class="box')[0]

    for said in shown:
        assert said in words(section)


def test_what_is_being_fetched_has_bones_and_an_offer_has_its_ring(workshop, db):
    page = workshop.test_client().get("/design").text

    assert 'class="block bone-lines"' in page
    assert re.search(r'class="ring" role="timer"[^>]*data-ring="', page)


def test_no_name_is_given_twice(workshop, db):
    names = re.findall(r'\sid="([^"]+)"', workshop.test_client().get("/design").text)

    assert [name for name, times in Counter(names).items() if times > 1] == []


def test_an_installation_does_not_have_it(client, db):
    assert client.get("/design").status_code == 404
