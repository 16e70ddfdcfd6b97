"""Guide 3.2.6: Anna writes to a client first: with a template, a file and formatting; now and later; by keyboard."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

NAME = "Зоя Александровна Константинопольская-Преображенская"


@pytest.fixture
def anna(centre: Any, works: Callable[..., Page]) -> Page:
    """Give Anna's window with an appeal that she has just accepted."""
    page = works("anna")
    centre.receives(f"{NAME} <zoya@client.example>", "Заказ 81-5206: перенос доставки", "Когда привезут стеллаж?")
    expect(page.get_by_role("alertdialog").filter(has_text=NAME)).to_be_visible()
    page.keyboard.press("Alt+Enter")
    expect(page.get_by_role("heading", level=1, name=NAME)).to_be_visible()
    return page


def text(page: Page) -> Any:
    """The field of the first message."""
    return page.locator("#outgoing-text")


def test_it_is_written_with_a_template_a_file_and_formatting_by_keyboard(
    centre: Any, anna: Page, tmp_path: Path, is_open_to_all: Callable[[Page, str], None]
) -> None:
    keys = anna.keyboard
    keys.press("Alt+w")
    expect(anna.get_by_label("На почтовый адрес")).to_be_focused()
    keys.type("first@client.example")
    anna.get_by_label("Очередь", exact=True).select_option("Доставка")
    text(anna).focus()
    keys.press("/")
    expect(anna.get_by_label("Найти шаблон")).to_be_focused()
    keys.type("перен")
    expect(anna.locator("#templates-first [aria-selected=true]")).to_contain_text("Перенос доставки")
    is_open_to_all(anna, "templates of a first message")
    keys.press("Enter")
    expect(text(anna)).to_contain_text("завтра с 10 до 14")
    expect(text(anna)).to_be_focused()
    keys.press("Control+b")
    keys.type(" Жирно.")
    expect(text(anna).locator("b")).to_contain_text("Жирно")
    bill = tmp_path / "счёт.txt"
    bill.write_text("4917")
    anna.locator("form.first-message [type=file]").set_input_files(bill)
    expect(anna.locator("form.first-message .files")).to_contain_text("счёт.txt")

    keys.press("Control+Enter")
    expect(anna.locator("[data-error=subject]:visible")).to_contain_text("о чём письмо")
    expect(anna.locator("form.first-message .files")).to_contain_text("счёт.txt")
    expect(text(anna)).to_contain_text("Жирно")
    is_open_to_all(anna, "a first message refused")
    anna.get_by_label("Тема письма").fill("Заказ 4917 первым")
    keys.press("Control+Enter")

    expect(anna.get_by_role("heading", level=1, name="first@client.example")).to_be_visible()
    expect(anna.get_by_role("log")).to_contain_text("счёт.txt")
    letter = centre.sent("Жирно.")
    assert "<b>" in letter.get_body(("html",)).get_content()
    assert [part.get_filename() for part in letter.iter_attachments()] == ["счёт.txt"]


HOLDING = """([name, text]) => {
    const held = new DataTransfer();
    held.items.add(new File([text], name, {type: "text/plain"}));
    return held;
}"""
PASTE = """([element, held]) => element.dispatchEvent(
    new ClipboardEvent("paste", {clipboardData: held, bubbles: true, cancelable: true}))"""


def test_files_are_dragged_and_pasted_and_go_to_it_not_to_the_answer_beneath(anna: Page) -> None:
    anna.locator("#write-first").click()
    text(anna).click()
    dragged, pasted = (anna.evaluate_handle(HOLDING, [name, "x"]) for name in ("план.txt", "смета.txt"))

    anna.dispatch_event("#outgoing-text", "drop", {"dataTransfer": dragged})
    expect(anna.locator("form.first-message .files")).to_contain_text("план.txt")
    anna.evaluate(PASTE, [text(anna).element_handle(), pasted])

    expect(anna.locator("form.first-message .files .file")).to_have_count(2)
    anna.locator("form.first-message .file button").first.click()
    expect(anna.locator("form.first-message .files .file")).to_have_count(1)
    expect(anna.locator("form.composer .file")).to_have_count(0)
    anna.keyboard.press("Escape")
    anna.keyboard.press("Alt+w")
    expect(anna.locator("#first-messages")).to_contain_text(NAME)
    anna.locator("#first-messages").get_by_role("button", name="Убрать").click()
    expect(anna.locator("#first-messages")).to_be_empty()
    anna.keyboard.press("Escape")


def test_what_was_typed_is_found_again_and_planned_and_cancelled(
    anna: Page, is_open_to_all: Callable[[Page, str], None]
) -> None:
    anna.locator("#write-first").click()
    anna.get_by_label("Тема письма").fill("Заказ 81-5206")
    text(anna).click()
    anna.keyboard.type("Стеллаж приехал")
    anna.keyboard.press("Escape")
    expect(anna.locator("form.first-message")).to_have_count(0)

    anna.keyboard.press("Alt+w")
    expect(anna.locator("#first-messages")).to_contain_text("не окончено")
    anna.locator("#first-messages").get_by_role("button", name="Открыть").click()
    expect(text(anna)).to_contain_text("Стеллаж приехал")
    anna.get_by_text("Запланировать на время").click()
    anna.get_by_role("button", name="Завтра, 9:00").click()
    is_open_to_all(anna, "a first message that is planned")
    anna.get_by_role("button", name="Запланировать", exact=False).last.click()
    # Her appeal with this client is open in the same channel.
    anna.get_by_role("button", name="Всё равно написать").click()

    expect(anna.get_by_role("status").filter(has_text="Запланировано на")).to_be_visible()
    expect(anna.locator("#first-messages")).to_contain_text("09:00")
    is_open_to_all(anna, "planned first messages")
    anna.locator("#first-messages").get_by_role("button", name="Отменить отправку").click()
    expect(anna.locator("#first-messages")).to_contain_text("не окончено")
    anna.locator("#first-messages").get_by_role("button", name="Убрать").click()
    expect(anna.locator("#first-messages")).to_be_empty()
    anna.keyboard.press("Escape")


def test_who_wants_no_first_messages_gets_a_service_message_only(
    centre: Any, anna: Page, is_open_to_all: Callable[[Page, str], None]
) -> None:
    number = anna.locator(".appeal-h .num").first.inner_text()
    expect(anna.locator("#spared")).not_to_contain_text("Снова можно писать")
    centre.receives("zoya@client.example", f"Re: Заказ [#{number}]", "СТОП!")
    expect(anna.locator("#spared")).to_contain_text("по собственному сообщению")
    expect(anna.get_by_role("log")).to_contain_text("не хочет, чтобы ему писали первыми")
    is_open_to_all(anna, "a client who wants no first messages")

    anna.locator("#write-first").click()
    anna.get_by_label("Тема письма").fill("Скидки")
    text(anna).click()
    anna.keyboard.type("Только до пятницы")
    anna.keyboard.press("Control+Enter")
    expect(anna.locator("[data-error=way]:visible")).to_contain_text("не хочет, чтобы ему писали первыми")
    expect(anna.get_by_label("На какой адрес")).to_be_focused()
    expect(text(anna)).to_contain_text("Только до пятницы")
    is_open_to_all(anna, "a first message to who wants none")
    anna.get_by_label("Служебное сообщение").focus()
    anna.keyboard.press("Space")
    anna.keyboard.press("Control+Enter")
    # Her appeal with this client is open in the same channel.
    anna.get_by_role("button", name="Всё равно написать").click()

    expect(anna.get_by_role("log")).to_contain_text("служебное сообщение: Вы")
    # What was just drawn acts once its programs have seen it.
    anna.locator("#spare[data-htmx-powered]").focus()
    anna.keyboard.press("Enter")
    expect(anna.locator("#spare")).to_have_text("Не хочет, чтобы писали первыми")
    expect(anna.locator("#spare")).to_be_focused()
    anna.keyboard.press("Enter")
    expect(anna.locator("#spared")).to_contain_text("отметил(а)")
    anna.keyboard.press("Enter")
    expect(anna.locator("#spare")).to_have_text("Не хочет, чтобы писали первыми")


def test_in_quiet_hours_it_is_planned_for_their_end_by_one_button(
    anna: Page, works: Callable[..., Page], is_open_to_all: Callable[[Page, str], None]
) -> None:
    vera = works("vera", status="")
    vera.goto("/centre/mailboxes")
    vera.get_by_role("row").filter(has_text="shop@demo.example").get_by_role("link").click()
    expect(vera.get_by_label("Тихо с")).to_be_hidden()
    vera.get_by_label("не писать клиентам первыми").check()
    expect(vera.get_by_label("Тихо с")).to_have_value("22:00")
    expect(vera.get_by_label("Тихо до")).to_have_value("09:00")
    is_open_to_all(vera, "quiet hours of a mailbox")
    # The centre's own clock: another story may have moved it on.
    told = anna.locator("#appeal").get_attribute("data-now") or ""
    now = dt.datetime.fromisoformat(told).astimezone(ZoneInfo("Europe/Moscow"))
    for label, hours in (("Тихо с", -1), ("Тихо до", 2)):
        vera.get_by_label(label).fill(f"{now + dt.timedelta(hours=hours):%H:%M}")
    vera.get_by_role("button", name="Сохранить").click()
    expect(vera.get_by_text("Сохранено")).to_be_visible()

    anna.keyboard.press("Alt+w")
    anna.get_by_label("На почтовый адрес").fill("night@client.example")
    anna.get_by_label("Тема письма").fill("Ночью")
    text(anna).click()
    anna.keyboard.type("Стеллаж приехал")
    anna.keyboard.press("Control+Enter")
    expect(anna.locator("form.first-message [data-refused]")).to_contain_text("Здесь тихие часы до")
    is_open_to_all(anna, "a first message in quiet hours")
    anna.get_by_role("button", name="Запланировать на").focus()
    anna.keyboard.press("Enter")

    expect(anna.get_by_role("status").filter(has_text="Запланировано на")).to_be_visible()
    expect(anna.locator("#first-messages")).to_contain_text("night@client.example")
    vera.get_by_label("не писать клиентам первыми").uncheck()
    vera.get_by_role("button", name="Сохранить").click()
    expect(vera.get_by_label("Тихо с")).to_be_hidden()
