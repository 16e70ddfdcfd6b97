"""Guide 3: a mail comes in, is answered and closed."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

LETTER = "Где мой стеллаж? Обещали доставку сегодня с 10 до 14."
ANSWER = "Здравствуйте! Курьер привезёт стеллаж завтра с 10 до 14."


def accept(page: Page, name: str) -> None:
    """Take the offer that rings."""
    offer = page.get_by_role("alertdialog").filter(has_text=name)
    offer.get_by_role("button", name="Принять").click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def close(page: Page) -> None:
    """Close the open appeal: the question is solved."""
    page.keyboard.press("F8")
    sheet = page.locator("form.sheet")
    sheet.get_by_label("Тематика").select_option(label="Доставка › Где заказ")
    sheet.get_by_label("Решение").select_option(label="Вопрос решён")
    sheet.get_by_role("button", name="Закрыть", exact=True).click()


def test_a_mail_comes_in_is_answered_and_closed(centre: Any, works: Callable[..., Page]) -> None:
    anna = works("anna")
    centre.receives("Пётр Петров <petrov@client.example>", "Заказ 81-5206", LETTER)

    accept(anna, "Пётр Петров")
    expect(anna.get_by_role("log")).to_contain_text(LETTER)
    anna.get_by_label("Сообщение клиенту").fill(ANSWER)
    anna.keyboard.press("Control+Enter")
    expect(anna.get_by_role("log")).to_contain_text(ANSWER)
    expect(anna.get_by_label("Сообщение клиенту")).to_have_text("")
    expect(anna.get_by_label("Сообщение клиенту")).to_be_focused()
    letter = centre.sent(ANSWER)
    expect(anna.get_by_role("log")).to_contain_text("Отправлено")
    close(anna)

    expect(anna.locator("#toast")).to_contain_text(re.compile(r"Обращение 2026-\d+ закрыто"))
    expect(anna.get_by_role("heading", level=1)).to_contain_text("Вы принимаете обращения")
    assert letter["To"] == "petrov@client.example"
    assert letter["Subject"].startswith("Re: Заказ 81-5206 [#2026-")


def test_an_answer_is_taken_back_within_the_seconds_of_undo(centre: Any, works: Callable[..., Page]) -> None:
    anna = works("anna")
    centre.receives("Мария Сидорова <sidorova@client.example>", "Оплата", "Прошла ли оплата?")
    accept(anna, "Мария Сидорова")

    anna.get_by_label("Сообщение клиенту").fill("Оплата не прошла")
    anna.keyboard.press("Control+Enter")
    anna.get_by_role("button", name="Отменить").click()

    expect(anna.get_by_label("Сообщение клиенту")).to_have_text("Оплата не прошла")
    expect(anna.get_by_role("log")).not_to_contain_text("Оплата не прошла")


def test_who_writes_a_note_goes_on_in_notes(centre: Any, works: Callable[..., Page]) -> None:
    anna = works("anna")
    centre.receives("Лев Рой <roy@client.example>", "Обмен", "Можно обменять?")
    accept(anna, "Лев Рой")

    anna.keyboard.press("Alt+n")
    anna.keyboard.type("Уточнить на складе")
    anna.keyboard.press("Control+Enter")

    expect(anna.get_by_role("log")).to_contain_text("Уточнить на складе")
    expect(anna.get_by_label("Внутренняя заметка")).to_be_focused()
    expect(anna.get_by_label("Сообщение клиенту")).to_be_hidden()


def test_a_draft_and_a_file_survive_a_reload(centre: Any, works: Callable[..., Page]) -> None:
    anna = works("anna")
    centre.receives("Ольга Ким <kim@client.example>", "Гарантия", "Нужен талон")
    accept(anna, "Ольга Ким")

    anna.get_by_label("Сообщение клиенту").fill("Высылаем талон")
    with anna.expect_file_chooser() as chooser:
        anna.get_by_role("button", name="Файл", exact=True).click()
    chooser.value.set_files({"name": "талон.txt", "mimeType": "text/plain", "buffer": b"talon"})
    expect(anna.locator("form.composer .files")).to_contain_text("талон.txt")
    expect(anna.locator("form.composer:not([data-note]) [data-draft-state]")).to_contain_text("Черновик сохранён")
    anna.reload()

    expect(anna.get_by_label("Сообщение клиенту")).to_have_text("Высылаем талон")
    anna.get_by_role("button", name="Отправить").click()
    assert [file.get_filename() for file in centre.sent("Высылаем талон").iter_attachments()] == ["талон.txt"]


def test_new_words_of_the_client_appear_and_take_no_focus(centre: Any, works: Callable[..., Page]) -> None:
    anna = works("anna")
    centre.receives("Иван Ли <li@client.example>", "Где курьер", "Доставка сегодня?")
    accept(anna, "Иван Ли")
    anna.get_by_label("Сообщение клиенту").fill("Сегодня после обеда")
    anna.get_by_role("button", name="Отправить").click()
    ours = centre.sent("Сегодня после обеда")["Message-ID"]
    anna.get_by_label("Сообщение клиенту").press_sequentially("Пишу дальше")

    centre.receives("Иван Ли <li@client.example>", "Re: Где курьер", "Спасибо, жду", answers=ours)

    expect(anna.get_by_role("log")).to_contain_text("Спасибо, жду")
    expect(anna.get_by_label("Сообщение клиенту")).to_be_focused()
    expect(anna.get_by_label("Сообщение клиенту")).to_have_text("Пишу дальше")
    anna.keyboard.press("Control+Enter")
    expect(anna.locator("form.composer [role=alert]")).to_contain_text("Клиент")
    anna.get_by_role("button", name="Отправить всё равно").click()
    expect(anna.get_by_role("log")).to_contain_text("Пишу дальше")


def test_a_letter_with_pictures_is_shown_without_asking_anybody(centre: Any, works: Callable[..., Page]) -> None:
    anna = works("anna")
    html = '<p>Смотрите <b>фото</b> <img src="http://tracker.example/a.png"><script>parent.hacked = 1</script></p>'
    centre.receives("Роман Чиж <chizh@client.example>", "Трещина", "Смотрите фото", html=html)
    accept(anna, "Роман Чиж")

    anna.get_by_role("button", name="Показать письмо, как отправлено").click()

    expect(anna.frame_locator(".as-sent iframe").locator("b")).to_have_text("фото")
    expect(anna.get_by_role("button", name="Показать картинки")).to_be_visible()
