"""Guide 3.3: Anna answers with a template, without a mouse; the prompter offers it; Vera writes one for all (5.3)."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

NAME = "Зоя Линд"


@pytest.fixture
def anna(centre: Any, works: Callable[..., Page]) -> Page:
    """Give Anna's window with an appeal about a delivery that she has just accepted."""
    page = works("anna")
    centre.receives(f"{NAME} <zoya@client.example>", "Заказ 81-5206: перенос доставки", "Когда привезут стеллаж?")
    expect(page.get_by_role("alertdialog").filter(has_text=NAME)).to_be_visible()
    page.keyboard.press("Alt+Enter")
    expect(page.get_by_role("heading", level=1, name=NAME)).to_be_visible()
    return page


def answer(page: Page) -> Any:
    """The field of the answer."""
    return page.get_by_label("Сообщение клиенту")


def choose_template(page: Page, words: str, name: str) -> None:
    """Look for a template in the open panel."""
    expect(page.get_by_label("Найти шаблон")).to_be_focused()
    page.keyboard.type(words)
    expect(page.locator("#templates [role=option][aria-selected=true]")).to_contain_text(name)


def test_an_answer_is_written_with_a_template_by_keyboard_alone(centre: Any, anna: Page) -> None:
    keys = anna.keyboard
    answer(anna).focus()
    # Quicker than the panel comes.
    keys.type("/перен")
    expect(anna.get_by_label("Найти шаблон")).to_have_value("перен")
    choose_template(anna, "", "Перенос доставки")
    expect(answer(anna)).to_have_text("")
    expect(anna.locator("#templates [data-preview]:not([hidden])")).to_contain_text("Здравствуйте, клиент!")
    keys.press("Escape")
    expect(answer(anna)).to_be_focused()
    expect(anna.locator("#templates")).to_be_empty()
    keys.press("Control+/")
    keys.press("Escape")
    anna.wait_for_timeout(500)
    expect(anna.locator("#templates")).to_be_empty()
    expect(answer(anna)).to_be_focused()

    keys.press("/")
    choose_template(anna, "доставку", "Перенос доставки")
    keys.press("Enter")
    expect(answer(anna)).to_be_focused()
    expect(answer(anna)).to_contain_text("завтра с 10 до 14")
    keys.type(" Пишите!")
    keys.press("Control+a")
    keys.press("Home")
    expect(anna.locator("[data-draft-state]").first).to_contain_text("Черновик")
    anna.reload()
    expect(answer(anna)).to_contain_text("Какое вам удобнее? Пишите!")
    answer(anna).focus()
    keys.press("Control+Enter")
    expect(anna.get_by_role("log")).to_contain_text("Какое вам удобнее? Пишите!")
    centre.sent("Какое вам удобнее? Пишите!")

    expect(anna.locator("#prompter .dock-line")).to_contain_text("Перенос доставки")
    keys.press("Alt+q")
    expect(answer(anna)).to_be_focused()
    expect(answer(anna)).to_contain_text("Извините за перенос")


def test_a_template_goes_where_the_cursor_is_and_keeps_what_is_typed(anna: Page) -> None:
    answer(anna).focus()
    anna.keyboard.type("Начало. Конец.")
    for _ in range(len("Конец.")):
        anna.keyboard.press("ArrowLeft")
    anna.keyboard.type("/")
    anna.keyboard.press("Backspace")
    anna.keyboard.press("Control+/")
    choose_template(anna, "подъём", "Подъём на этаж")
    anna.keyboard.press("Enter")

    expect(answer(anna)).to_contain_text(re.compile(r"^Начало. Подъём на этаж при .* на месте\.\s*Конец\.$", re.DOTALL))
    anna.keyboard.type(" И ещё.")
    expect(answer(anna)).to_contain_text("оплата на месте. И ещё.")
    anna.keyboard.press("Control+z")


def test_inserted_and_sent_at_once(centre: Any, anna: Page) -> None:
    answer(anna).focus()
    anna.keyboard.press("/")
    choose_template(anna, "у курьера", "Заказ у курьера")
    anna.keyboard.press("Control+Enter")

    expect(anna.get_by_role("log")).to_contain_text("Он позвонит за час")
    centre.sent("Он позвонит за час")


def test_what_is_not_known_is_marked_and_never_sent(anna: Page) -> None:
    answer(anna).focus()
    anna.keyboard.type("Уважаемая {{client.first_name}}, добрый день!")
    assert anna.evaluate("CSS.highlights.get('left-to-write')?.size") == 1
    anna.keyboard.press("Control+Enter")
    expect(anna.locator("form.composer [data-error=text]").first).to_contain_text("В ответе осталось")
    expect(answer(anna)).to_contain_text("Уважаемая {{client.first_name}}")

    anna.keyboard.press("Control+/")
    anna.get_by_role("button", name="Сохранить как шаблон…").click()
    anna.get_by_label("Название шаблона").fill("Вежливо")
    anna.keyboard.press("Enter")
    expect(anna.locator("#templates")).to_contain_text("Шаблон «Вежливо» сохранён")
    anna.keyboard.press("Escape")
    answer(anna).focus()
    anna.keyboard.press("Control+a")
    anna.keyboard.press("Delete")
    anna.keyboard.press("/")
    choose_template(anna, "вежливо", "Вежливо")
    expect(anna.locator("#templates mark")).to_have_text("{{client.first_name}}")
    anna.get_by_role("button", name="В избранное").click()
    anna.get_by_text("Избранные", exact=True).click()
    expect(anna.locator("#templates [role=option]")).to_have_count(1)
    anna.keyboard.press("Escape")
    expect(anna.locator("#templates")).to_be_empty()


def test_an_administrator_writes_one_for_all_and_the_operator_has_it(anna: Page, works: Callable[..., Page]) -> None:
    vera = works("vera", status="")
    vera.goto("/centre/templates/new")
    vera.get_by_label("Название").fill("Стеллаж разберём")
    vera.get_by_label("Каталог").select_option(label="Сроки и курьеры")
    vera.get_by_label("Текст").fill("Стеллаж разберём на площадке, ")
    vera.get_by_role("button", name="Имя клиента").click()
    expect(vera.get_by_label("Текст")).to_have_value(
        'Стеллаж разберём на площадке, {{client.first_name|default:"клиент"}}'
    )
    expect(vera.locator("#sample")).to_contain_text("Стеллаж разберём на площадке, Ольга")
    vera.get_by_label("Текст").press_sequentially(" {{x}}")
    expect(vera.locator("#sample")).to_contain_text("подстановки «x» нет")
    vera.get_by_role("button", name="Сохранить").click()
    expect(vera.locator("[data-error=text]")).to_contain_text("подстановки «x» нет")
    vera.get_by_label("Текст").fill("Стеллаж разберём на площадке.")
    vera.get_by_role("button", name="Сохранить").click()
    expect(vera.get_by_text("Сохранено")).to_be_visible()

    answer(anna).focus()
    anna.keyboard.press("Control+/")
    choose_template(anna, "стеллажи", "Стеллаж разберём")
    anna.keyboard.press("Enter")
    expect(answer(anna)).to_contain_text("Стеллаж разберём на площадке.")


def test_templates_of_ones_own_are_kept_in_the_profile(
    works: Callable[..., Page], is_open_to_all: Callable[[Page, str], None]
) -> None:
    page = works("anna", status="")
    page.goto("/profile")
    page.get_by_role("link", name="Мои шаблоны").click()
    is_open_to_all(page, "no templates of one's own")
    page.get_by_role("link", name="Новый шаблон").click()
    page.get_by_label("Название").fill("Очень длинное название шаблона, которое не помещается в столбец списка " * 2)
    page.get_by_label("Каталог").fill("Доставка / Сроки")
    page.get_by_label("Текст").fill("Уточню у склада: {{appeal.number}}")
    page.get_by_role("button", name="Сохранить").click()
    expect(page.locator("[data-error=name]")).to_contain_text("не больше 120")
    is_open_to_all(page, "a template refused")
    page.get_by_label("Название").fill("Очень длинное название шаблона, которое не помещается в столбец списка")
    page.get_by_role("button", name="Сохранить").click()
    is_open_to_all(page, "my templates")
    page.get_by_role("button", name=re.compile("^Удалить: Очень")).click()
    is_open_to_all(page, "a template removed")
    page.get_by_role("button", name="Вернуть").click()
    expect(page.get_by_role("cell", name="Доставка › Сроки")).to_have_count(0)
    expect(page.get_by_role("link", name=re.compile("^Очень длинное"))).to_be_visible()


def test_the_panel_and_the_prompter_are_open_to_all(anna: Page, is_open_to_all: Callable[[Page, str], None]) -> None:
    expect(anna.locator("#prompter .dock-line")).to_be_visible()
    is_open_to_all(anna, "prompter")
    for height, width in ((720, 1280), (1000, 1600), (360, 640)):
        anna.set_viewport_size({"width": width, "height": height})
        answer(anna).focus()
        anna.keyboard.press("Control+/")
        expect(anna.locator("#templates [role=option]").first).to_be_visible()
        is_open_to_all(anna, f"templates at {width}x{height}")
        anna.keyboard.type("ничего такого")
        expect(anna.locator("#templates .none")).to_be_visible()
        is_open_to_all(anna, f"no templates at {width}x{height}")
        anna.keyboard.press("Escape")
