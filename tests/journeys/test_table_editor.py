"""Guide 5.2: Vera writes the table of priorities by keyboard, is told what is wrong, publishes it, and looks at it."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from cec.appeals import acting, ratings
from cec.appeals.models import Appeal, Resolution
from cec.distribution import offering
from cec.distribution.models import Assignment
from cec.dmn import sheets
from cec.platform.db import db, unit_of_work
from cec.rulebook import drafts, files, scenarios
from cec.rulebook.steps import Splice
from cec.staff.models import Employee
from cec.topics.models import Topic
from tests.dmn.tables_of_story import a_table

pytestmark = pytest.mark.long

TABLE = "/admin/rules/prioritization"
SEGMENT, MARK, POINTS, REASON = 1, 3, 9, 10
OLGA = "Ольга Нестерова <o.nesterova@primer.example>"
TOPIC = '"Доставка › Где заказ"'
WHY = "VIP с низкой оценкой"
FOREIGN = a_table(('"vip"', "< 3", "200", WHY), inputs=("segment", "last_mark"), outputs=("points",))


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


def throw_away(page: Page) -> None:
    """Throw the draft away."""
    page.get_by_role("button", name="Ещё").click()
    page.get_by_text("Удалить черновик…").click()
    page.get_by_role("button", name="Удалить навсегда").click()
    expect(page.get_by_text("Черновик удалён.")).to_be_visible()


def was_dissatisfied(centre: Any, page: Page) -> None:
    """Let Olga, a VIP client, have had an appeal closed that she gave a 2 for."""
    centre.receives(OLGA, "Где стеллаж", "Обещали вчера")
    expect(page.get_by_role("alertdialog")).to_be_visible()
    with centre.app.app_context():
        with unit_of_work():
            offer = db.session.scalars(db.select(Assignment).where(Assignment.state == "offered")).one()
            by = db.session.get_one(Employee, offer.employee_id)
            appeal = offering.accept(offer.id, by=by)
            resolution = db.session.scalars(db.select(Resolution.id).order_by(Resolution.id)).first()
            topic = db.session.scalars(db.select(Topic.id).where(Topic.parent_id.is_not(None))).first()
            answers = {"resolution_id": resolution, "topic_id": topic, "comment": ""}
            acting.act(
                appeal.id, "close", by=by, expected_version=appeal.version, answers=answers, confirmed=True,
                seen_message_id=appeal.last_client_message_id or 0,
            )  # fmt: skip
        with unit_of_work():
            ratings.rate(db.session.get_one(Appeal, appeal.id), 2, by="client")


def write_row(vera: Page, is_open_to_all: Callable[[Page, str], None]) -> None:
    """Write "VIP and rating under 3: +200" with a few keys; the checks speak."""
    keys, grid = vera.keyboard, vera.locator("#rules-grid")
    is_open_to_all(vera, "table")
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
    for _ in range(MARK - SEGMENT):
        keys.press("ArrowRight")
    keys.type("< = 3")
    expect(vera.locator("#rules-line [data-fault]")).to_contain_text("Знак 3")
    is_open_to_all(vera, "cell with an error")
    keys.press("Control+a")
    keys.type("< 3")
    keys.press("Enter")
    expect(cell(vera, 10, MARK)).to_have_text("< 3")
    expect(grid).to_be_focused()
    for col, text in ((POINTS, "200"), (REASON, WHY)):
        cell(vera, 10, col).click()
        keys.type(text)
        keys.press("Enter")
    found = vera.locator("#rules-found")
    expect(found).to_contain_text("когда срабатывает эта строка, срабатывает и строка 1: вместе 220")
    expect(found).to_contain_text("Например")
    is_open_to_all(vera, "table with findings")
    found.get_by_role("button", name="Показать строку 1").click()
    expect(grid).to_be_focused()
    expect(cell(vera, 1, 1)).to_have_attribute("aria-selected", "true")
    saved(vera)


def keep_scenario(vera: Page) -> None:
    """Try the row on the bench beside the table, and keep what it said as a scenario."""
    vera.get_by_role("link", name="Проверка").click()
    bench = vera.locator("#bench")
    bench.get_by_label("Сегмент клиента").select_option("vip")
    bench.get_by_label("Последняя оценка").fill("2")
    bench.get_by_role("button", name="Проверить").click()
    expect(bench.locator("#bench-result")).to_contain_text("+200")
    expect(vera.locator("#rules-grid tr[data-row='9']")).to_have_class(re.compile("hit"))
    bench.get_by_role("button", name="Сохранить как сценарий").click()
    expect(bench.locator("#bench-kept")).to_contain_text(WHY)


def goes_first(centre: Any, anna: Page) -> None:
    """Let two write while nobody is there: Olga, who wrote last, is first, and "why" shows the row."""
    anna.locator("#presence").click()
    anna.get_by_role("menuitemradio", name="Не принимаю").click()
    anna.locator("#presence").get_by_text("Не принимаю").wait_for()
    centre.receives("Артур Манукян <artur.m@primer.example>", "Вопрос о доставке", "Когда доставка?")
    waiting(centre, 1)
    centre.receives(OLGA, "Опять нет стеллажа", "Сколько можно")
    waiting(centre, 2)
    anna.locator("#presence").click()
    anna.get_by_role("menuitemradio", name="Активен").click()
    anna.get_by_role("alertdialog").filter(has_text="Ольга Нестерова").get_by_role("button", name="Принять").click()
    expect(anna.get_by_role("heading", level=1, name="Ольга Нестерова")).to_be_visible()
    anna.get_by_role("button", name="почему").click()
    expect(anna.locator("#why tr").filter(has_text=WHY)).to_contain_text("строка 10")


def test_a_row_for_vip_clients_is_written_checked_tried_published_and_their_next_mail_goes_first(
    centre: Any, works: Callable[..., Page], vera: Page, is_open_to_all: Callable[[Page, str], None]
) -> None:
    anna = works("anna")
    was_dissatisfied(centre, anna)
    write_row(vera, is_open_to_all)

    keep_scenario(vera)
    is_open_to_all(vera, "table with its bench")

    vera.get_by_role("link", name="Опубликовать…").click()
    is_open_to_all(vera, "publication")
    vera.get_by_label("Что нового и почему").fill("Недовольный VIP не ждёт")
    vera.get_by_role("button", name="Опубликовать вместо версии 2").click()
    expect(vera.get_by_text("Теперь действует версия 3.")).to_be_visible()
    is_open_to_all(vera, "versions")

    goes_first(centre, anna)

    vera.get_by_role("link", name="Версия 2", exact=True).click()
    is_open_to_all(vera, "version")
    vera.get_by_role("button", name="Ввести в действие версию 2").click()
    # What she expects of the table holds for old versions too.
    expect(vera.get_by_text("Сценарии дают не то, что ожидалось")).to_be_visible()
    with centre.app.app_context(), unit_of_work():
        scenarios.remove(scenarios.list_all("prioritization")[-1], by="system")
    vera.get_by_role("button", name="Ввести в действие версию 2").click()
    expect(vera.get_by_text("Теперь действует версия 2.")).to_be_visible()


def waiting(centre: Any, count: int) -> None:
    """Wait until so many appeals are in the queues."""
    until = time.monotonic() + 20
    queued = db.select(db.func.count()).select_from(Appeal).where(Appeal.status == "queued")
    while True:
        with centre.app.app_context(), unit_of_work():
            if db.session.scalar(queued) == count:
                return
        assert time.monotonic() < until
        time.sleep(0.1)


def test_a_column_comes_and_goes_and_comes_back(vera: Page) -> None:
    heads = vera.locator("#rules-grid thead th")
    vera.get_by_role("button", name="Столбцы").click()
    vera.locator("#column-term").select_option(label="Вложения")
    vera.locator("[data-add-column]").click()
    expect(heads.filter(has_text="Вложения")).to_have_count(1)
    expect(vera.locator("#rules-grid")).to_be_focused()
    vera.keyboard.type("> 2")
    vera.keyboard.press("Enter")
    # Values of directories are found by their names.
    for title, typed, name, code in (("Очередь", "дост", "Доставка", '"delivery"'), ("Тематика", "где", TOPIC, TOPIC)):
        vera.get_by_role("button", name="Столбцы").click()
        vera.locator("#column-term").select_option(label=title)
        vera.locator("[data-add-column]").click()
        expect(vera.locator("#rules-grid")).to_be_focused()
        vera.keyboard.press("F2")
        vera.keyboard.type(typed)
        expect(vera.locator("#rules-choices li").first).to_contain_text(name)
        vera.keyboard.press("ArrowDown")
        vera.keyboard.press("Enter")
        expect(vera.locator("#rules-grid").get_by_text(code, exact=True)).to_have_count(1)
    vera.get_by_role("button", name="Столбцы").click()
    vera.get_by_role("button", name="Убрать столбец: Сегмент клиента").click()
    expect(heads.filter(has_text="Сегмент клиента")).to_have_count(0)

    for _ in range(7):
        vera.keyboard.press("Control+z")

    expect(heads.filter(has_text="Вложения")).to_have_count(0)
    expect(cell(vera, 1, SEGMENT)).to_have_text('"vip"')
    expect(vera.locator("#rules-saved")).to_have_attribute("data-saved", "yes")
    vera.reload()
    expect(vera.locator("#rules-found")).to_be_visible()
    expect(cell(vera, 1, SEGMENT)).to_have_text('"vip"')
    throw_away(vera)


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
    throw_away(vera)


def test_who_saves_second_is_told_at_once_and_loses_nothing(centre: Any, vera: Page) -> None:
    with centre.app.app_context(), unit_of_work():
        igor = db.session.scalars(db.select(Employee).where(Employee.login == "igor")).one()
        sheet = sheets.of_text(files.current("prioritization").text)
        drafts.change("prioritization", [Splice(0, 1, sheet.lines[:1])], revision=0, by=igor.key)
        name = igor.name
    # Before he has done anything he sees who else writes.
    expect(vera.locator("#rules-others")).to_contain_text(name)

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


def look_through(vera: Page, text: str) -> None:
    """Choose a DMN file and have it looked through, without a mouse."""
    file = vera.get_by_label("Файл DMN (.dmn)")
    file.set_input_files({"name": "чужая.dmn", "mimeType": "text/xml", "buffer": text.encode()})
    file.focus()
    vera.keyboard.press("Tab")
    vera.keyboard.press("Enter")


def test_a_file_of_another_editor_is_looked_through_and_taken_by_keyboard(
    vera: Page, is_open_to_all: Callable[[Page, str], None]
) -> None:
    vera.goto(f"{TABLE}/dmn")
    is_open_to_all(vera, "dmn")
    look_through(vera, FOREIGN.replace("</rule>", "</rool>"))
    expect(vera.locator("#error-file")).to_contain_text(re.compile(r"Этот файл не принят: строка 1, столбец \d+"))
    is_open_to_all(vera, "no dmn")
    look_through(vera, FOREIGN.replace("&lt; 3", "&lt; &lt;").replace("points", "risk"))
    expect(vera.locator(".callout.bad")).to_contain_text("3 ошибки не дают этому файлу решать здесь")
    expect(vera.get_by_role("row", name=re.compile("^1 last_mark < < Знак 3"))).to_be_visible()
    expect(vera.locator("#decision-picture[data-ready]")).to_be_visible()
    is_open_to_all(vera, "dmn with errors")

    look_through(vera, FOREIGN)
    expect(vera.locator("#decision-picture[data-ready]")).to_be_visible()
    is_open_to_all(vera, "dmn in order")
    vera.get_by_role("button", name="Взять как черновик").press("Enter")

    expect(cell(vera, 1, SEGMENT)).to_have_text('"vip"')
    expect(vera.locator("#rules-grid thead th").filter(has_text="last_mark")).to_have_count(1)
    throw_away(vera)
