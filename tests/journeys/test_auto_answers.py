"""Guide 5.6: the administrator lets the centre tell those who wait, by keyboard, and tries the words out."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

FORM = "form[data-shows]"


def shown(page: Page) -> set[str]:
    fields = page.locator(f"{FORM} :is(select, input:not([type=hidden]), textarea):visible")
    return {str(field.get_attribute("name")) for field in fields.all()}


def reach(page: Page, field: Locator) -> None:
    """Go on with Tab until the field has the focus."""
    for _step in range(60):
        if field.evaluate("(field) => field === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{field} is not reached by Tab")


def test_those_who_wait_are_told_and_the_words_are_tried_out(centre: Any, works: Callable[..., Page]) -> None:
    vera = works("vera", status="")
    vera.goto("/centre/auto-replies/new")
    always = {"name", "event", "channel", "queue_id", "segment", "language", "most_a_day", "text", "is_active"}
    expect(vera.get_by_label("Задержка")).to_be_visible()
    expect(vera.get_by_label("Через сколько")).to_be_hidden()
    assert shown(vera) == always | {"delay"}

    reach(vera, vera.get_by_label("Название"))
    vera.keyboard.type("Спасибо, что ждёте")
    reach(vera, vera.get_by_label("На что отвечает"))
    vera.keyboard.press("ArrowDown")
    vera.keyboard.press("ArrowDown")
    expect(vera.get_by_label("Через сколько")).to_be_visible()
    assert shown(vera) == always | {"after", "times", "repeat"}
    reach(vera, vera.get_by_label("Сколько раз"))
    vera.keyboard.type("2")
    reach(vera, vera.get_by_label("Повторяется каждые"))
    vera.keyboard.type("5 мин")
    reach(vera, vera.get_by_label("Текст"))
    vera.keyboard.type("Вы ")
    reach(vera, vera.get_by_role("button", name="Место клиента в очереди"))
    vera.keyboard.press("Enter")
    vera.keyboard.type("-й.")
    expect(vera.locator("#sample")).to_contain_text("Вы 4-й.")
    reach(vera, vera.get_by_label("Используется"))
    vera.keyboard.press("Space")
    reach(vera, vera.get_by_role("button", name="Сохранить"))
    vera.keyboard.press("Enter")
    expect(vera.locator("#error-repeat")).to_contain_text("от 10 мин")
    expect(vera.get_by_label("Повторяется каждые")).to_be_focused()
    vera.keyboard.press("Control+A")
    vera.keyboard.type("20 мин")
    vera.keyboard.press("Enter")
    vera.get_by_role("link", name="Спасибо, что ждёте").click()

    reach(vera, vera.get_by_label("На адрес"))
    vera.keyboard.type("vera")
    vera.keyboard.press("Enter")
    expect(vera.locator("#error-to")).to_be_visible()
    expect(vera.get_by_label("Используется")).not_to_be_checked()
    vera.get_by_label("На адрес").fill("vera@home.example")
    vera.keyboard.press("Enter")
    expect(vera.locator("#test")).to_contain_text("Проверка отправлена на v…@home.example")
    assert centre.sent("Вы 4-й.")["Subject"] == "Проверка: автоответ «Спасибо, что ждёте»"


def test_without_scripts_all_fields_are_there(centre: Any, works: Callable[..., Page], browser: Browser) -> None:
    cookies = works("vera", status="").context.cookies()
    with browser.new_context(base_url=centre.url, java_script_enabled=False) as context:
        context.add_cookies(cookies)
        page = context.new_page()
        page.goto("/centre/auto-replies/new")

        assert {"delay", "after", "times", "repeat", "calendar_id"} <= shown(page)
