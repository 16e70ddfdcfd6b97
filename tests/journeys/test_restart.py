"""Guide 3.7.4: a postponement that wakes after a restart of everything."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

TWO_HOURS = 2 * 60 * 60
NAME = "Артём Ким"


def test_a_postponement_wakes_after_a_restart(centre: Any, works: Callable[..., Page]) -> None:
    anna = works("anna")
    centre.receives(f"{NAME} <kim@client.example>", "Доставка", "Перезвоните завтра про доставку")
    anna.get_by_role("alertdialog").filter(has_text=NAME).get_by_role("button", name="Принять").click()
    expect(anna.get_by_role("heading", level=1, name=NAME)).to_be_visible()

    anna.keyboard.press("F6")
    sheet = anna.locator("form.sheet")
    sheet.get_by_role("button", name="1 час").click()
    sheet.get_by_label("Комментарий").fill("Перезвонить")
    sheet.get_by_role("button", name="Отложить").click()
    expect(anna.locator("#group-3")).to_contain_text("1")
    anna.get_by_role("link", name=NAME).click()
    anna.get_by_label("Внутренняя заметка").fill("Звонить после обеда")
    centre.stop()
    expect(anna.locator("#link-lost")).to_be_visible(timeout=15_000)
    anna.keyboard.press("Control+Enter")
    expect(anna.get_by_role("log")).to_contain_text("Звонить после обеда")
    centre.start(ahead=TWO_HOURS)
    expect(anna.locator("#link-lost")).to_be_hidden(timeout=20_000)

    # By the clock she has touched nothing for two hours: who was taken for idle is back with any touch.
    anna.keyboard.press("Shift")
    # It is hers at once; if it woke before her window was back, or while she was taken for idle, it rings.
    rings = anna.get_by_role("alertdialog").filter(has_text=NAME)
    expect(anna.locator("#group-1").filter(has_text="1").or_(rings).first).to_be_visible(timeout=45_000)
    if rings.is_visible():
        rings.get_by_role("button", name="Принять").click()
    expect(anna.locator("#group-1")).to_contain_text("1", timeout=20_000)
    expect(anna.get_by_role("log")).to_contain_text("Вернулось: срок вышел")
    # The note waited on this computer and was kept once.
    expect(anna.locator("#feed .intnote").filter(has_text="Звонить после обеда")).to_have_count(1, timeout=20_000)
