"""Guide 3.8.2: a client gives a mark by the link in his letter: by keyboard, in his language, without scripts."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from cec.appeals import rating_links
from cec.appeals.models import Appeal
from cec.platform.db import db, unit_of_work
from tests.journeys.test_day_of_an_operator import accept, close


@pytest.fixture
def link(centre: Any, works: Callable[..., Page]) -> str:
    """Anna answers and closes what a client wrote; the path of his link."""
    anna = works("anna")
    centre.receives("Константин Константинопольский <konst@client.example>", "Обмен", "Можно обменять стол?")
    accept(anna, "Константин Константинопольский")
    anna.get_by_label("Сообщение клиенту").fill("Обменяем завтра.")
    anna.keyboard.press("Control+Enter")
    centre.sent("Обменяем завтра.")
    expect(anna.get_by_role("log")).to_contain_text("Отправлено")
    close(anna)
    expect(anna.locator("#toast")).to_contain_text("закрыто")
    with centre.app.app_context(), unit_of_work():
        newest = db.select(Appeal).where(Appeal.subject == "Обмен").order_by(Appeal.id.desc()).limit(1)
        return rating_links.PATH + rating_links.make(db.session.scalars(newest).one()).rpartition("/")[2]


def test_a_mark_is_given_by_keyboard_and_changed_by_mouse(
    centre: Any, link: str, browser: Browser, is_open_to_all: Callable[[Page, str], None]
) -> None:
    with browser.new_context(base_url=centre.url, locale="ru-RU") as context:
        page = context.new_page()
        page.goto(link)
        expect(page.get_by_role("heading", level=1)).to_have_text("Как мы вам помогли?")
        is_open_to_all(page, "giving a mark")
        for _key in ("Tab", "Tab", "Tab"):
            page.keyboard.press(_key)
        expect(page.get_by_role("button", name="Поставить оценку")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#error-mark")).to_contain_text("оценку от 1 до 5")
        is_open_to_all(page, "no mark was chosen")

        expect(page.get_by_role("radio", name="1")).to_be_focused()
        for _key in range(3):
            page.keyboard.press("ArrowRight")
        expect(page.get_by_role("radio", name="4")).to_be_checked()
        page.keyboard.press("Tab")
        page.keyboard.type("Долго ждал")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Спасибо!")
        expect(page.locator(".callout")).to_contain_text("Ваша оценка: 4 из 5.")
        expect(page.get_by_label("Комментарий")).to_have_value("Долго ждал")
        is_open_to_all(page, "thanks")

        page.get_by_role("radio", name="Отлично").click()
        page.get_by_role("button", name="Изменить оценку").click()
        expect(page.locator(".callout")).to_contain_text("Ваша оценка: 5 из 5.")
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, "a telephone shows it whole"


def test_without_scripts_in_english_it_works_the_same(centre: Any, link: str, browser: Browser) -> None:
    with browser.new_context(base_url=centre.url, locale="en-GB", java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(link)
        page.get_by_role("radio", name="So-so").click()
        page.get_by_role("button", name="Give the mark").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Thank you!")
        answer = page.goto(f"{link[:-3]}xyz")
        assert answer is not None
        assert answer.status == 404
        expect(page.get_by_role("heading", level=1)).to_contain_text("This link is not whole")
