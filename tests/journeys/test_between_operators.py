"""Guide 3.7.1, 3.7.2: a transfer between two operators, with a wait for the client."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

NAME = "Тимур Алиев"


def accept(page: Page, name: str = NAME) -> None:
    """Take the offer that rings."""
    page.get_by_role("alertdialog").filter(has_text=name).get_by_role("button", name="Принять").click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def answer(page: Page, words: str) -> None:
    """Answer the client."""
    page.get_by_label("Сообщение клиенту").fill(words)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("log")).to_contain_text(words)


def test_a_transfer_between_two_operators_with_a_wait_for_the_client(centre: Any, works: Callable[..., Page]) -> None:
    anna = works("anna")
    centre.receives(f"{NAME} <aliev@client.example>", "Возврат денег", "Верните оплату за стол")
    accept(anna)

    anna.keyboard.press("F4")
    sheet = anna.locator("form.sheet")
    sheet.get_by_text("Оператору").click()
    igor = works("igor")
    anna.keyboard.press("Escape")
    anna.keyboard.press("F4")
    sheet.get_by_text("Оператору").click()
    sheet.locator("select[name=operator_id]").select_option(label="Игорь Лапшин · Активен")
    sheet.get_by_role("button", name="Перевести").click()
    expect(sheet.get_by_text("не меньше", exact=False).or_(sheet.locator(".is-invalid"))).to_be_visible()
    sheet.get_by_label("Комментарий").fill("Возврат ведёте вы, клиент торопится")
    sheet.get_by_role("button", name="Перевести").click()
    expect(anna.locator("#toast")).to_contain_text("передано")

    accept(igor)
    expect(igor.get_by_role("log")).to_contain_text("Возврат ведёте вы, клиент торопится")
    waiting = igor.locator("#outcome-wait")
    expect(waiting).to_have_attribute("aria-disabled", "true")
    answer(igor, "Пришлите, пожалуйста, чек")
    ours = centre.sent("Пришлите, пожалуйста, чек")["Message-ID"]
    igor.keyboard.press("F9")
    igor.locator("form.sheet").get_by_role("button", name="Ждать ответа").click()
    expect(igor.locator("#group-2")).to_contain_text("1")
    expect(igor.locator("#toast")).to_contain_text("ждёт ответа клиента")

    centre.receives(f"{NAME} <aliev@client.example>", "Re: Возврат денег", "Чек во вложении", answers=ours)

    expect(igor.locator("#group-1")).to_contain_text("1")
    igor.get_by_role("link", name=NAME).click()
    expect(igor.get_by_role("log")).to_contain_text("Чек во вложении")
    expect(igor.get_by_role("log")).to_contain_text("клиент написал")
    expect(anna.get_by_role("link", name=NAME)).to_have_count(0)
