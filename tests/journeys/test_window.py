"""Guide 2.2, 2.3, 3.5: the window around the conversation, without a mouse: diagram, history, search, list, columns."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect


def takes(page: Page, name: str) -> None:
    """Accept the offer that rings, by the keyboard."""
    expect(page.get_by_role("alertdialog").filter(has_text=name)).to_be_visible()
    page.keyboard.press("Alt+Enter")
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def focused(page: Page) -> Locator:
    """What has the focus."""
    return page.locator(":focus")


def test_diagram_history_search_and_list_without_a_mouse(
    centre: Any, works: Callable[..., Page], is_open_to_all: Callable[[Page, str], None]
) -> None:
    anna = works("anna")
    names = ["Глеб Первый", "Дина Вторая"]
    for index, name in enumerate(names):
        centre.receives(f"{name} <shelf{index}@client.example>", f"Шкаф {index}", "Когда привезут?")
        takes(anna, name)

    anna.locator("#open-life").focus()
    anna.keyboard.press("Enter")
    expect(anna.locator("#life-diagram[data-ready]")).to_be_visible()
    expect(anna.locator(".diagram-here")).to_have_text("Сейчас здесь")
    expect(anna.locator(".bjs-powered-by")).to_be_visible()
    is_open_to_all(anna, "diagram")
    anna.get_by_role("button", name="Показать таблицей").press("Enter")
    expect(anna.locator("#life-table tbody tr").first).to_be_visible()
    is_open_to_all(anna, "steps as a table")
    anna.locator("#life-kind").select_option("person")
    expect(anna.locator("#life-table tr[data-kind='work']").first).to_be_hidden()
    anna.keyboard.press("Escape")
    expect(anna.locator("#life")).to_have_count(0)
    expect(focused(anna)).to_have_id("open-life")

    anna.keyboard.press("Alt+p")
    anna.keyboard.press("ArrowRight")
    expect(anna.get_by_role("tab", name=re.compile("История"))).to_have_attribute("aria-selected", "true")
    expect(anna.locator("#history-rows .past")).to_have_count(1)
    is_open_to_all(anna, "history")

    anna.keyboard.press("Control+k")
    anna.keyboard.type("Глеб Первый")
    expect(anna.get_by_role("option", name=re.compile("Шкаф"))).to_be_visible()
    is_open_to_all(anna, "search")
    anna.keyboard.press("Enter")
    expect(anna.get_by_role("heading", level=1, name=names[0])).to_be_visible()

    anna.keyboard.press("Alt+o")
    anna.keyboard.press("End")
    expect(focused(anna)).to_contain_text(names[1])
    anna.keyboard.press("Home")
    expect(focused(anna)).to_contain_text(names[0])
    anna.locator("#list-order").press("Enter")
    expect(anna.get_by_role("menuitemradio", name="Сначала новые")).to_be_visible()
    is_open_to_all(anna, "order of the list")
    anna.keyboard.press("Escape")
    expect(focused(anna)).to_have_id("list-order")


def test_a_width_set_by_keys_is_there_after_a_reload(works: Callable[..., Page]) -> None:
    anna = works("anna", status="")
    splitter = anna.get_by_role("separator", name="Ширина списка")
    before = anna.locator("#worklist").bounding_box()["width"]

    with anna.expect_response("**/operator/layout") as kept:
        splitter.press("ArrowRight")
    assert kept.value.status == 204
    anna.reload()

    assert anna.locator("#worklist").bounding_box()["width"] == before + 16
    expect(splitter).to_have_attribute("aria-valuenow", str(int(before + 16)))
    with anna.expect_response("**/operator/layout"):
        splitter.press("ArrowLeft")


def test_an_operator_sees_that_his_supervisor_looks_and_writes(centre: Any, works: Callable[..., Page]) -> None:
    anna = works("anna")
    centre.receives("Майя Ли <maya@client.example>", "Полка", "Где полка?")
    takes(anna, "Майя Ли")
    number = anna.locator("#appeal").get_attribute("data-id")

    boris = works("boris", status="")
    boris.goto(f"/appeals/{number}")
    expect(anna.locator("#viewers")).to_contain_text("смотрит")
    boris.get_by_label("Заметка оператору").press_sequentially("Предложите скидку")
    expect(anna.locator("#viewers")).to_contain_text("пишет")
    boris.get_by_role("button", name="Сохранить заметку").click()

    expect(anna.get_by_role("log")).to_contain_text("Предложите скидку")


def test_the_list_of_keys_opens_with_and_without_an_appeal(
    centre: Any, works: Callable[..., Page], is_open_to_all: Callable[[Page, str], None]
) -> None:
    anna = works("anna", status="")
    keys = anna.get_by_role("dialog", name="Клавиши")
    anna.keyboard.press("?")
    expect(keys).to_contain_text("Стать активным")
    expect(keys).not_to_contain_text("F8")
    is_open_to_all(anna, "keys on an empty desk")
    anna.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    anna.get_by_role("button", name="Клавиши").click()
    expect(keys).to_be_visible()
    anna.keyboard.press("Escape")
    expect(anna.get_by_role("button", name="Клавиши")).to_be_focused()

    anna.keyboard.press("Alt+a")
    expect(anna.get_by_role("button", name="Клавиши")).to_be_visible()
    centre.receives("Ия Ким <iya@client.example>", "Полка", "Где полка?")
    takes(anna, "Ия Ким")
    anna.keyboard.press("Alt+o")
    anna.keyboard.press("?")
    expect(keys).to_contain_text("F8")
    is_open_to_all(anna, "keys of an appeal")
    anna.keyboard.press("Escape")
    expect(focused(anna)).to_contain_text("Ия Ким")


@pytest.mark.parametrize("size", [(1280, 720), (1001, 600), (1920, 1080)])
def test_the_desk_never_scrolls_as_a_whole(works: Callable[..., Page], size: tuple[int, int]) -> None:
    anna = works("anna", status="")
    for width, height in (size, (size[0] + 50, size[1] - 20), size):
        anna.set_viewport_size({"width": width, "height": height})
        anna.mouse.move(width / 2, height / 2)
        anna.mouse.wheel(0, 200)
        anna.wait_for_timeout(100)
        assert anna.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0
        assert anna.evaluate("scrollY") == 0


def test_what_is_told_in_passing_lies_over_neither_list_nor_offer(centre: Any, works: Callable[..., Page]) -> None:
    anna = works("anna")
    centre.receives("Лев Юн <lev@client.example>", "Полка", "Где полка?")
    takes(anna, "Лев Юн")
    anna.keyboard.press("F6")
    anna.get_by_role("button", name="1 час").click()
    anna.locator("form.sheet .btn.go").click()

    toast, worklist = anna.locator("#toast .callout"), anna.locator("#worklist")
    expect(toast).to_be_visible()
    assert toast.bounding_box()["x"] >= worklist.bounding_box()["x"] + worklist.bounding_box()["width"]
