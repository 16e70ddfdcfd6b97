"""Guide 2.1, 2.2.2, 2.6: two windows of one person, a break that begins when done, and leaving."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Page, expect

NAME = "Роза Цой"
TYPED = "Роза, уточняю у курьера"


def go_on_elsewhere(centre: Any, browser: Browser) -> Page:
    """Anna signs in in another browser, which takes over."""
    page = browser.new_context(base_url=centre.url, locale="ru-RU").new_page()
    page.goto("/login")
    page.locator("[name=login]").fill("anna")
    page.locator("[name=password]").fill(centre.password("anna"))
    page.locator("button.go").click()
    page.wait_for_url("**/start**")
    page.locator("button.go").click()
    page.locator("button[name=take_over]").click()
    page.wait_for_url(lambda url: "/start" not in url)
    return page


def test_a_window_that_was_taken_over_keeps_what_was_typed_and_goes_on(
    centre: Any, works: Callable[..., Page], browser: Browser
) -> None:
    anna = works("anna")
    centre.receives(f"{NAME} <tsoy@client.example>", "Где курьер", "Курьер не приехал")
    anna.get_by_role("alertdialog").filter(has_text=NAME).get_by_role("button", name="Принять").click()
    field = anna.get_by_label("Сообщение клиенту")
    field.click()
    anna.keyboard.type(TYPED)

    second = go_on_elsewhere(centre, browser)
    banner = anna.get_by_role("alert").filter(has_text="Сеанс открыт в другом окне")
    expect(banner).to_be_visible()
    address = anna.url
    field.click(force=True)
    anna.keyboard.type("лишнее")
    anna.keyboard.press("F8")
    expect(anna.locator("form.sheet")).to_have_count(0)
    expect(anna.get_by_role("log")).to_contain_text("Курьер не приехал")
    assert anna.url == address

    banner.get_by_role("button", name="Продолжить здесь").press("Enter")
    expect(banner).to_be_hidden()
    expect(anna.locator(".composer:not([hidden])")).to_contain_text(re.compile("Отправить"))
    field.press("End")
    anna.keyboard.type("!")
    expect(second.get_by_role("alert").filter(has_text="Сеанс открыт в другом окне")).to_be_visible()
    second.context.close()
    anna.keyboard.press("Control+Enter")
    expect(anna.get_by_role("log")).to_contain_text(TYPED + "!")


def test_a_break_by_the_keyboard_begins_when_the_last_appeal_is_done(centre: Any, works: Callable[..., Page]) -> None:
    anna = works("anna")
    centre.receives(f"{NAME} <tsoy@client.example>", "Ещё вопрос", "Когда вернут деньги?")
    offer = anna.get_by_role("alertdialog").filter(has_text=NAME)
    offer.wait_for()
    anna.keyboard.press("Alt+Enter")
    expect(anna.get_by_role("heading", level=1, name=NAME)).to_be_visible()

    anna.locator("#presence").press("Enter")
    lunch = anna.get_by_role("menuitemradio", name="Обед")
    lunch.wait_for()
    expect(anna.locator("#presence-menu")).to_contain_text("вернёт в очередь 1 обращение")
    lunch.press("Enter")
    anna.get_by_role("menuitem", name="Когда закончу").press("Enter")
    chip = anna.get_by_role("button", name="далее: Обед")
    expect(chip).to_be_visible()
    chip.press("Enter")
    expect(chip).to_have_count(0)
    anna.locator("#presence").press("Enter")
    lunch.press("Enter")
    anna.get_by_role("menuitem", name="Когда закончу").press("Enter")
    expect(chip).to_be_visible()

    anna.keyboard.press("F8")
    sheet = anna.locator("form.sheet")
    sheet.get_by_label("Тематика").select_option(label="Доставка › Где заказ")
    sheet.get_by_label("Решение").select_option(label="Вопрос решён")
    sheet.get_by_role("button", name="Закрыть", exact=True).press("Enter")

    expect(anna.locator("#presence")).to_contain_text("Обед")
