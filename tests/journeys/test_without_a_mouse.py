"""A working day by keyboard alone (DESIGN 6, 7): from the sign-in to the sign-out no mouse is touched."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

NAME = "Яна Клавина"
MOST_TABS = 60


@pytest.fixture
def hands_off(centre: Any, browser: Browser) -> Any:
    """Give a window in which any use of the mouse would be told."""
    context = browser.new_context(base_url=centre.url, locale="ru-RU", viewport={"width": 1280, "height": 720})
    context.set_default_timeout(15_000)
    context.add_init_script("addEventListener('pointerdown', () => { document.title = 'a mouse was used'; }, true)")
    yield context.new_page()
    centre.tidy()
    context.close()


@pytest.fixture
def tab_to(hands_off: Page) -> Callable[[str], None]:
    """Give a function that goes to a control by the Tab key, as people do."""

    def go(selector: str) -> None:
        for _ in range(MOST_TABS):
            if hands_off.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector):
                return
            hands_off.keyboard.press("Tab")
        raise AssertionError(f"{selector} is not reached by Tab")

    return go


def test_a_day_by_keyboard_alone(centre: Any, hands_off: Page, tab_to: Callable[[str], None]) -> None:
    page, keys = hands_off, hands_off.keyboard
    page.goto("/login")
    tab_to("[name=login]")
    keys.type("anna")
    tab_to("[name=password]")
    keys.type(centre.password("anna"))
    keys.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    if "/start" in page.url:
        tab_to("button.go")
        keys.press("Enter")
        page.wait_for_url(lambda url: "/start" not in url)
    keys.press("Alt+a")
    expect(page.locator("#presence")).to_contain_text("Активен")

    centre.receives(f"{NAME} <klavina@client.example>", "Стеллаж", "Когда приедет стеллаж?")
    expect(page.get_by_role("alertdialog").filter(has_text=NAME)).to_be_visible()
    keys.press("Alt+Enter")
    expect(page.get_by_role("heading", level=1, name=NAME)).to_be_visible()
    choose_a_topic(page)
    keys.press("Alt+n")
    expect(page.get_by_label("Внутренняя заметка")).to_be_focused()
    keys.type("Клиент торопится.")
    keys.press("Control+Enter")
    expect(page.locator(".intnote")).to_contain_text("Клиент торопится.")
    keys.press("Alt+n")
    expect(page.get_by_label("Сообщение клиенту")).to_be_focused()
    keys.type("Здравствуйте! Стеллаж приедет завтра.")
    keys.press("Control+Enter")
    expect(page.get_by_role("log")).to_contain_text("Стеллаж приедет завтра.")
    centre.sent("Стеллаж приедет завтра.")
    put_aside_and_bring_back(page, tab_to)
    close(page, tab_to)

    expect(page.get_by_role("heading", level=1)).to_be_focused()
    tab_to("[data-menu=who-menu]")
    keys.press("Enter")
    keys.press("ArrowUp")
    tab_to("#who-menu a[href='/leaving']")
    keys.press("Enter")
    page.wait_for_url("**/leaving")
    tab_to("form button")
    keys.press("Enter")
    page.wait_for_url("**/login**")
    assert page.title() != "a mouse was used"


def choose_a_topic(page: Page) -> None:
    """Find a topic by its words and choose it."""
    page.keyboard.press("F2")
    expect(page.locator("#topic-words")).to_be_focused()
    page.keyboard.type("где заказ")
    expect(page.locator("#topic-list li:visible")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".facts")).to_contain_text("Где заказ")


def put_aside_and_bring_back(page: Page, tab_to: Callable[[str], None]) -> None:
    """Postpone the appeal for an hour, open it from the list and take it back to work."""
    page.keyboard.press("F6")
    expect(page.locator("form.sheet")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#outcome-postpone")).to_be_focused()
    page.keyboard.press("F6")
    expect(page.locator("form.sheet")).to_be_visible()
    tab_to("form.sheet [data-preset]:nth-of-type(2)")
    page.keyboard.press("Enter")
    tab_to("form.sheet .btn.go")
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_contain_text("отложено")
    page.keyboard.press("Alt+ArrowDown")
    expect(page.get_by_role("heading", level=1, name=NAME)).to_be_visible()
    tab_to(".actionbar .btn.go")
    page.keyboard.press("Enter")
    expect(page.locator(".appeal-h .chip").filter(has_text="В работе")).to_be_visible()


def close(page: Page, tab_to: Callable[[str], None]) -> None:
    """Close with a resolution."""
    page.keyboard.press("F8")
    expect(page.locator("form.sheet")).to_be_visible()
    tab_to("[name=resolution_id]")
    page.keyboard.press("ArrowDown")
    tab_to("form.sheet .btn.go")
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_contain_text(re.compile(r"Обращение 2026-\d+ закрыто"))
