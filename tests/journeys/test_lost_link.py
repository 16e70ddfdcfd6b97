"""Guide 2.2.1: a lost link is shown and healed; what was typed is kept and sent exactly once (R11)."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from cec.appeals.models import Appeal, Message, Status
from cec.platform.db import db, unit_of_work

FIELD = "Сообщение клиенту"


@pytest.fixture
def anna(unlinked: None, centre: Any, works: Callable[..., Page]) -> Page:
    """Anna has a letter of Petrov's in work."""
    page = works("anna")
    centre.receives("Пётр Петров <petrov@client.example>", "Заказ", "Где стеллаж?")
    offer = page.get_by_role("alertdialog").filter(has_text="Пётр Петров")
    offer.get_by_role("button", name="Принять").click()
    expect(page.get_by_label(FIELD)).to_be_visible()
    return page


def sent(centre: Any, words: str) -> int:
    """Count the answers with these words."""
    with centre.app.app_context(), unit_of_work():
        wanted = db.select(db.func.count()).where(Message.direction == "out", Message.text.contains(words))
        return int(db.session.scalar(wanted.select_from(Message)) or 0)


def move(centre: Any, before: Status, after: Status) -> None:
    """Let the appeal have moved on elsewhere."""
    with centre.app.app_context(), unit_of_work():
        db.session.execute(db.update(Appeal).where(Appeal.status == before).values(status=after))


def answer(page: Page, words: str) -> None:
    """Write and send."""
    page.get_by_label(FIELD).fill(words)
    page.get_by_label(FIELD).press("Control+Enter")


def test_what_is_sent_without_a_link_waits_and_goes_out_once(centre: Any, anna: Page) -> None:
    anna.context.set_offline(True)
    expect(anna.get_by_role("button", name="Поставить в отправку")).to_be_visible()
    expect(anna.get_by_role("button", name="Закрыть")).to_have_attribute("aria-disabled", "true")
    answer(anna, "Воскресенье подойдёт")

    expect(anna.get_by_role("log")).to_contain_text("Ждёт отправки")
    expect(anna.locator("#link-lost")).to_contain_text("1 сообщение ждёт отправки")
    anna.get_by_label(FIELD).press_sequentially("И ещё")
    expect(anna.locator("form.composer:not([data-note]) [data-draft-state]")).to_have_text(
        "Черновик на этом компьютере"
    )
    anna.context.set_offline(False)

    expect(anna.get_by_role("log")).not_to_contain_text("Ждёт отправки", timeout=15_000)
    expect(anna.get_by_role("log")).to_contain_text("Воскресенье подойдёт")
    expect(anna.get_by_label(FIELD)).to_have_text("И ещё")
    expect(anna.locator("form.composer:not([data-note]) [data-draft-state]")).to_contain_text("Черновик сохранён")
    assert sent(centre, "Воскресенье") == 1


def test_an_answer_that_was_taken_and_never_confirmed_is_one_message(centre: Any, anna: Page) -> None:
    def take_and_say_nothing(route: Route) -> None:
        route.fetch()
        route.abort()

    anna.route("**/messages", take_and_say_nothing, times=1)
    answer(anna, "Ответ потерялся")

    expect(anna.get_by_role("log").get_by_text("Ответ потерялся")).to_have_count(1, timeout=15_000)
    expect(anna.get_by_role("log")).not_to_contain_text("Ждёт отправки", timeout=15_000)
    assert sent(centre, "потерялся") == 1


def test_what_waits_outlives_a_reload(centre: Any, anna: Page) -> None:
    anna.route("**/messages", lambda route: route.abort())
    answer(anna, "Переживёт")
    expect(anna.get_by_role("log")).to_contain_text("Ждёт отправки")
    anna.unroute("**/messages")

    anna.reload()

    expect(anna.get_by_role("log").get_by_text("Переживёт")).to_have_count(1, timeout=15_000)
    expect(anna.get_by_role("log")).not_to_contain_text("Ждёт отправки", timeout=15_000)
    assert sent(centre, "Переживёт") == 1


def test_pressing_twice_sends_once(centre: Any, anna: Page) -> None:
    anna.get_by_label(FIELD).fill("Дважды нажато")

    anna.get_by_role("button", name="Отправить").dblclick()

    expect(anna.get_by_role("log")).to_contain_text("Дважды нажато")
    assert sent(centre, "Дважды") == 1


def test_what_is_refused_when_the_link_is_back_keeps_its_words(centre: Any, anna: Page) -> None:
    anna.context.set_offline(True)
    answer(anna, "Поздний ответ")
    expect(anna.get_by_role("log")).to_contain_text("Ждёт отправки")
    move(centre, Status.IN_WORK, Status.WAITING)
    anna.context.set_offline(False)

    told = anna.locator("#unsent [role=alert]")
    expect(told).to_contain_text("Не отправлено: Пётр Петров", timeout=15_000)
    expect(told).to_contain_text("Поздний ответ")
    told.get_by_role("button", name="Удалить").click()
    expect(told).to_have_count(0)
    assert sent(centre, "Поздний") == 0
    move(centre, Status.WAITING, Status.IN_WORK)
