"""Guide 5.2: Vera writes the table of priorities by keyboard, is told what is wrong, publishes it, and looks at it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from cec.platform.db import db, unit_of_work
from cec.rulebook import drafts, files, tables
from cec.rulebook.steps import Splice
from cec.staff.models import Employee

TABLE = "/admin/rules/prioritization"
SEGMENT, TRANSFERS, POINTS, REASON = 1, 5, 9, 10


@pytest.fixture
def vera(works: Callable[..., Page]) -> Page:
    """Give Vera's window with the table open."""
    page = works("vera", status="", permissions=["clipboard-read", "clipboard-write"])
    page.goto(TABLE)
    expect(page.locator("#rules-found")).to_be_visible()
    return page


def cell(page: Page, row: int, col: int) -> Locator:
    """Find a cell; rows from 1, columns from 0 with the switch."""
    return page.locator(f"#rules-grid tr[data-row='{row - 1}'] td[data-col='{col}']")


def saved(page: Page) -> None:
    expect(page.locator("#rules-saved")).to_have_text(re.compile(r"Сохранено в \d\d:\d\d"))


def test_a_table_is_written_by_keyboard_checked_published_and_judges(
    centre: Any, vera: Page, is_open_to_all: Callable[[Page, str], None]
) -> None:
    keys, grid = vera.keyboard, vera.locator("#rules-grid")
    is_open_to_all(vera, "table")
    # The whole of it with a few keys: a row below, "VIP and often transferred: +200".
    grid.focus()
    keys.press("Control+End")
    keys.press("Insert")
    keys.type("vip")
    keys.press("Tab")
    expect(cell(vera, 10, SEGMENT)).to_have_text("vip")
    expect(cell(vera, 10, SEGMENT)).to_have_class(re.compile("err"))
    keys.press("Shift+Tab")
    expect(vera.locator("[data-remedy]")).to_be_visible()
    keys.press("Alt+Enter")
    expect(cell(vera, 10, SEGMENT)).to_have_text('"vip"')
    for _ in range(TRANSFERS - SEGMENT):
        keys.press("ArrowRight")
    keys.type("> = 3")
    expect(vera.locator("#rules-line [data-fault]")).to_contain_text("Знак 3")
    is_open_to_all(vera, "cell with an error")
    keys.press("Alt+Enter")
    keys.press("Enter")
    expect(cell(vera, 10, TRANSFERS)).to_have_text(">= 3")
    expect(grid).to_be_focused()
    for col, text in ((POINTS, "200"), (REASON, "VIP, которого передают")):
        cell(vera, 10, col).click()
        keys.type(text)
        keys.press("Enter")
    found = vera.locator("#rules-found")
    expect(found).to_contain_text("когда срабатывает эта строка, срабатывают и строки 1, 6: вместе 230")
    expect(found).to_contain_text("Например")
    is_open_to_all(vera, "table with findings")
    found.get_by_role("button", name="Показать строку 6").click()
    expect(grid).to_be_focused()
    expect(cell(vera, 6, 1)).to_have_attribute("aria-selected", "true")
    saved(vera)

    vera.get_by_role("link", name="Опубликовать…").click()
    is_open_to_all(vera, "publication")
    vera.get_by_label("Что нового и почему").fill("VIP не передают по кругу")
    vera.get_by_role("button", name="Опубликовать вместо версии 2").click()
    expect(vera.get_by_text("Теперь действует версия 3.")).to_be_visible()
    is_open_to_all(vera, "versions")
    with centre.app.app_context(), unit_of_work():
        verdict = tables.judge("prioritization", {"segment": "vip", "transfers": 3})
    assert verdict.outputs == {"points": 230}
    assert verdict.rows[-1].reason == "VIP, которого передают"

    vera.get_by_role("link", name="Версия 2", exact=True).click()
    is_open_to_all(vera, "version")
    vera.get_by_role("button", name="Ввести в действие версию 2").click()
    expect(vera.get_by_text("Теперь действует версия 2.")).to_be_visible()


def test_cells_are_chosen_copied_pasted_undone_and_moved(vera: Page) -> None:
    keys, line = vera.keyboard, vera.locator("#status-line")
    cell(vera, 1, SEGMENT).click()
    keys.press("Shift+ArrowDown")
    keys.press("Shift+ArrowRight")
    keys.press("Control+c")
    expect(line).to_have_text("Скопировано: 2 × 2")
    assert vera.evaluate("navigator.clipboard.readText()") == '"vip"\t-\n-\ttrue'

    # What Excel wraps in quotation marks is unwrapped, what is FEEL stays; the table grows as far as is needed.
    pasted = '"""gold"""\t-\n"vip","gold"\tда'
    vera.evaluate("text => navigator.clipboard.writeText(text)", pasted)
    keys.press("Control+End")
    keys.press("Home")
    keys.press("ArrowRight")
    keys.press("Control+v")
    expect(cell(vera, 9, SEGMENT)).to_have_text('"gold"')
    expect(cell(vera, 10, SEGMENT)).to_have_text('"vip","gold"')
    expect(vera.locator("#rules-count")).to_contain_text("Строк: 10")
    keys.press("Control+z")
    expect(vera.locator("#rules-count")).to_contain_text("Строк: 9")
    keys.press("Control+y")
    expect(vera.locator("#rules-count")).to_contain_text("Строк: 10")
    keys.press("Control+z")

    cell(vera, 2, SEGMENT).click()
    keys.press("Space")
    keys.press("Shift+Space")
    expect(line).to_have_text("Выбраны строки с 2 по 3")
    keys.press("Alt+ArrowUp")
    expect(cell(vera, 3, SEGMENT)).to_have_text('"vip"')
    keys.press("Control+Delete")
    expect(vera.locator("#rules-count")).to_contain_text("Строк: 7")
    keys.press("Control+z")
    keys.press("Control+z")
    expect(cell(vera, 1, SEGMENT)).to_have_text('"vip"')

    cell(vera, 1, 0).click()
    expect(vera.locator("#rules-count")).to_contain_text("включено: 8")
    keys.press("Enter")
    cell(vera, 1, SEGMENT).click()
    keys.press("F2")
    keys.type("x")
    keys.press("Escape")
    keys.press("Escape")
    expect(cell(vera, 1, SEGMENT)).to_have_text('"vip"')
    expect(vera.locator("#rules-grid")).to_be_focused()
    saved(vera)
    vera.get_by_role("button", name="Ещё").click()
    vera.get_by_text("Удалить черновик…").click()
    vera.get_by_role("button", name="Удалить навсегда").click()
    expect(vera.get_by_text("Черновик удалён.")).to_be_visible()


def test_who_saves_second_is_told_and_loses_nothing(centre: Any, vera: Page) -> None:
    with centre.app.app_context(), unit_of_work():
        igor = db.session.scalars(db.select(Employee).where(Employee.login == "igor")).one()
        sheet = drafts.sheet_of_text(files.current("prioritization").text)
        drafts.change("prioritization", [Splice(0, 1, sheet.lines[:1])], revision=0, by=igor.key)
        name = igor.name

    cell(vera, 1, POINTS).click()
    vera.keyboard.type("99")
    vera.keyboard.press("Enter")

    conflict = vera.locator("#rules-conflict")
    expect(conflict).to_contain_text(name)
    expect(cell(vera, 1, POINTS)).to_have_text("99")
    conflict.get_by_role("button", name="Заменить моим").click()
    saved(vera)
    with centre.app.app_context(), unit_of_work():
        draft = drafts.find("prioritization")
        assert draft is not None
        assert drafts.sheet_of(draft).lines[0].cells[-1] == "99"
        drafts.discard("prioritization", revision=draft.revision, by="system")


def test_a_decision_is_drawn(vera: Page, is_open_to_all: Callable[[Page, str], None]) -> None:
    vera.goto(f"{TABLE}/diagram")
    expect(vera.locator("#decision-picture[data-ready]")).to_be_visible()
    is_open_to_all(vera, "diagram")
    vera.goto(f"{TABLE}/excel")
    is_open_to_all(vera, "excel")
    vera.goto("/admin/rules")
    is_open_to_all(vera, "rules")
