"""3.4.2, 152-FZ: Vera asks to forget a client; Boris hears of it, looks and confirms; by keyboard, in two windows."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

NAME, ADDRESS = "Лидия Аркадьевна Зарубина-Константинопольская", "lidia@client.example"
SECRET = "паспорт 4917 шкафа"


@pytest.fixture
def lidia(centre: Any, works: Callable[..., Page]) -> None:
    """Lidia has written, and her appeal is over."""
    anna = works("anna")
    centre.receives(f"{NAME} <{ADDRESS}>", "Заказ", f"Потеряли {SECRET}")
    anna.get_by_role("alertdialog").filter(has_text=NAME).get_by_role("button", name="Принять").click()
    expect(anna.get_by_role("heading", level=1, name=NAME)).to_be_visible()
    centre.tidy()


def finds(page: Page, words: str) -> None:
    """Look for a client in the list of clients."""
    page.goto("/centre/clients")
    page.get_by_label("Имя или адрес").fill(words)
    page.keyboard.press("Enter")


def test_a_client_is_forgotten_by_two_people(
    lidia: None, works: Callable[..., Page], is_open_to_all: Callable[[Page, str], None]
) -> None:
    boris, vera = works("boris", status=""), works("vera", status="")
    finds(vera, "lidia")
    vera.get_by_role("link", name=NAME).focus()
    vera.keyboard.press("Enter")
    vera.get_by_label("Основание").select_option("Просит сам клиент")
    vera.get_by_label("Номер документа").fill("№ 17")
    vera.get_by_label("Для подтверждения введите имя").fill(NAME)
    vera.keyboard.press("Enter")
    expect(vera.get_by_text("без пробелов")).to_be_visible()
    expect(vera.get_by_label("Для подтверждения введите имя")).to_have_value(NAME)
    vera.get_by_label("Номер документа").fill("№17")
    vera.keyboard.press("Enter")
    expect(vera.get_by_text("Ждёт подтверждения супервизора.")).to_be_visible()
    is_open_to_all(vera, "a client who waits to be forgotten")

    expect(boris.locator("#bell-button")).to_have_accessible_name(re.compile("Уведомления, [1-9]"))
    boris.locator("#bell-button").click()
    told = boris.locator("#bell").get_by_text("просит забыть клиента навсегда").first
    expect(told).to_be_visible()
    boris.locator("#bell").get_by_role("link", name=re.compile("Открыть|просит забыть")).first.click()
    expect(boris.get_by_role("heading", level=1, name="Забвение клиентов")).to_be_visible()
    is_open_to_all(boris, "clients to be forgotten")
    boris.get_by_role("link", name=NAME).focus()
    boris.keyboard.press("Enter")
    expect(boris.get_by_text("Вера", exact=False).first).to_be_visible()
    is_open_to_all(boris, "a client to be forgotten")
    boris.get_by_label("Для подтверждения введите имя").fill("Лидия")
    boris.keyboard.press("Enter")
    expect(boris.get_by_text("Введите имя в точности так")).to_be_visible()
    boris.get_by_label("Для подтверждения введите имя").fill(NAME)
    boris.keyboard.press("Enter")
    expect(boris.get_by_text("об этом клиенте ничего не осталось")).to_be_visible()
    expect(boris.locator("#bell")).not_to_contain_text("просит забыть")
    is_open_to_all(boris, "no client to be forgotten")

    vera.reload()
    expect(vera.get_by_text("Клиент забыт: от него остались")).to_be_visible()
    expect(vera.locator("body")).not_to_contain_text("Зарубина")
    finds(vera, "lidia")
    expect(vera.get_by_text("Никого не нашлось")).to_be_visible()
