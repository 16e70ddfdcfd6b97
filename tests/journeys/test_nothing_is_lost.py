"""Guide 3.2.4: whatever is redrawn while an operator types or decides, what he typed stays, and what was sent goes."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from cec.appeals.models import Appeal
from cec.distribution import returning
from cec.platform.db import db, unit_of_work

NAME, ADDRESS = "Олег Ветров", "vetrov@client.example"
ANSWER, NOTE = "Сообщение клиенту", "Внутренняя заметка"

# Everything that the switch of the status says from now on.
SHOWN = """() => {
    const shown = [], said = () => shown.push(document.getElementById("presence").textContent);
    const all = {childList: true, subtree: true, characterData: true};
    new MutationObserver(said).observe(document.getElementById("desk-state"), all);
    said();
    return shown;
}"""


@pytest.fixture
def anna(centre: Any, works: Callable[..., Page]) -> Page:
    """Anna has a letter of Vetrov's in work."""
    page = works("anna")
    centre.receives(f"{NAME} <{ADDRESS}>", "Заказ", "Где стеллаж?")
    page.get_by_role("alertdialog").filter(has_text=NAME).get_by_role("button", name="Принять").click()
    expect(page.get_by_label(ANSWER)).to_be_visible()
    return page


def writes_again(centre: Any, page: Page, words: str) -> None:
    """Let Vetrov write once more into the open appeal."""
    number = page.locator("[data-copy]").first.get_attribute("data-copy")
    centre.receives(f"{NAME} <{ADDRESS}>", f"Re: Заказ [#{number}]", words)


def goes_back(centre: Any) -> None:
    """Let the appeal in work return to its queue."""
    with centre.app.app_context(), unit_of_work():
        appeal = db.session.scalars(db.select(Appeal).where(Appeal.status == "in_work")).one()
        returning.return_one(appeal.id, appeal.operator_id, "system")


def written(page: Page) -> list[str]:
    """Read what stands in the answer and in the note."""
    fields = page.locator("form.composer :is(textarea, .letter)")
    return [str(text).strip() for text in fields.evaluate_all("all => all.map(one => one.value ?? one.innerText)")]


def slowly(route: Route) -> None:
    """Let a request take longer than the pause after which drafts are kept."""
    route.request.frame.page.wait_for_timeout(1200)
    route.continue_()


def test_what_is_typed_outlives_the_choice_of_a_topic_at_once(anna: Page) -> None:
    anna.get_by_label(ANSWER).press_sequentially("Привезём в воскресенье")
    anna.keyboard.press("F2")
    anna.get_by_label("Найти тематику").fill("перенос срока")
    anna.keyboard.press("Enter")

    expect(anna.locator(".facts")).to_contain_text("Перенос срока")
    expect(anna.get_by_label(ANSWER)).to_have_text("Привезём в воскресенье")
    expect(anna.locator("[data-draft-state]").first).to_contain_text("Черновик сохранён")
    anna.reload()
    expect(anna.get_by_label(ANSWER)).to_have_text("Привезём в воскресенье")


def test_a_client_who_writes_meanwhile_takes_no_letter_away(centre: Any, anna: Page) -> None:
    field = anna.get_by_label(ANSWER)
    field.focus()
    words = "Стеллаж уже в пути, его привезут до обеда, курьер позвонит за час"
    for at, word in enumerate(words.split()):
        anna.keyboard.type(f"{word} ", delay=60)
        if at % 4 == 0:
            writes_again(centre, anna, f"И ещё вопрос {at}")

    expect(anna.get_by_role("log")).to_contain_text("И ещё вопрос 8")
    expect(field).to_have_text(re.compile(f"^{words}"))
    expect(field).to_be_focused()


@pytest.mark.parametrize(("kind", "path"), [(NOTE, "**/notes"), (ANSWER, "**/messages")])
def test_what_was_sent_does_not_come_back_as_a_draft(anna: Page, kind: str, path: str) -> None:
    anna.route(path, slowly, times=1)
    if kind == NOTE:
        anna.keyboard.press("Alt+n")
    anna.get_by_label(kind).press_sequentially("Бригада свободна с утра")
    anna.get_by_label(kind).press("Control+Enter")

    expect(anna.get_by_role("log")).to_contain_text("Бригада свободна с утра")
    anna.wait_for_timeout(1000)
    assert written(anna) == ["", ""]
    anna.reload()
    assert written(anna) == ["", ""]


def test_a_note_being_typed_outlives_an_answer_being_sent(anna: Page) -> None:
    anna.get_by_label(ANSWER).press_sequentially("Уточняю у склада")
    anna.keyboard.press("Alt+n")
    anna.get_by_label(NOTE).press_sequentially("Спросить Кузьмина")
    anna.keyboard.press("Alt+n")
    anna.keyboard.press("Control+Enter")

    expect(anna.get_by_role("log")).to_contain_text("Уточняю у склада")
    anna.keyboard.press("Alt+n")
    expect(anna.get_by_label(NOTE)).to_have_value("Спросить Кузьмина")
    expect(anna.locator("form[data-note] [data-draft-state]")).to_contain_text("Черновик сохранён")


def test_an_open_form_outlives_whatever_happens_to_its_appeal(centre: Any, anna: Page) -> None:
    anna.get_by_label(ANSWER).fill("Сейчас узнаю")
    anna.keyboard.press("Control+Enter")
    anna.keyboard.press("F6")
    sheet = anna.locator("form.sheet")
    sheet.get_by_label("Комментарий").fill("Ждём склад до завтра")
    expect(anna.get_by_role("log")).to_contain_text("Отправлено", timeout=15_000)
    writes_again(centre, anna, "Скорее, пожалуйста")
    expect(anna.get_by_role("log")).to_contain_text("Скорее, пожалуйста")

    expect(sheet.get_by_label("Комментарий")).to_have_value("Ждём склад до завтра")
    expect(anna.locator("#outcome-postpone")).to_have_attribute("aria-pressed", "true")


def test_an_appeal_that_goes_back_says_so_and_keeps_what_was_typed(
    centre: Any, anna: Page, becomes: Callable[[Page, str], None]
) -> None:
    field = anna.get_by_label(ANSWER)
    becomes(anna, "Не принимаю")
    field.press_sequentially("Привезём в воскре")
    goes_back(centre)

    told = anna.locator("form.composer:not([hidden]) [data-refusal]")
    expect(told).to_contain_text("обращение не у вас")
    expect(told).to_contain_text("Возвращено в очередь")
    anna.keyboard.type("сенье")
    expect(field).to_have_text("Привезём в воскресенье")
    anna.keyboard.press("Control+Enter")
    expect(told).to_contain_text("обращение не у вас")
    expect(field).to_have_text("Привезём в воскресенье")
    told.get_by_role("link", name="К списку").click()
    becomes(anna, "Активен")
    anna.get_by_role("alertdialog").filter(has_text=NAME).get_by_role("button", name="Принять").click()
    expect(field).to_have_text("Привезём в воскресенье")


@pytest.mark.parametrize(("sent", "chosen", "path"), [(ANSWER, NOTE, "**/messages"), (NOTE, ANSWER, "**/notes")])
def test_the_kind_chosen_while_another_is_being_sent_stays(anna: Page, sent: str, chosen: str, path: str) -> None:
    anna.route(path, slowly, times=1)
    if sent == NOTE:
        anna.keyboard.press("Alt+n")
    anna.get_by_label(sent).press_sequentially("Уточняю у склада")
    anna.keyboard.press("Control+Enter")
    anna.keyboard.press("Alt+n")
    anna.keyboard.type("Спросить Кузьмина")
    for _ in "Кузьмина":
        anna.keyboard.press("ArrowLeft")

    expect(anna.get_by_role("log")).to_contain_text("Уточняю у склада")
    expect(anna.get_by_label(chosen)).to_be_focused()
    anna.keyboard.type("Петра ")
    expect(anna.get_by_label(sent)).to_be_hidden()
    assert sorted(written(anna)) == ["", "Спросить Петра Кузьмина"]


def test_who_has_gone_to_the_list_while_an_answer_is_sent_is_left_there(anna: Page) -> None:
    anna.route("**/messages", slowly, times=1)
    anna.get_by_label(ANSWER).press_sequentially("Уточняю у склада")
    anna.keyboard.press("Control+Enter")
    anna.keyboard.press("Alt+o")

    expect(anna.get_by_role("log")).to_contain_text("Уточняю у склада")
    expect(anna.locator("#worklist a.wl-item").first).to_be_focused()


def test_what_was_asked_for_before_an_act_does_not_undo_on_the_screen_what_she_did(
    anna: Page, becomes: Callable[[Page, str], None]
) -> None:
    def late(route: Route) -> None:
        answer = route.fetch()
        route.request.frame.page.wait_for_timeout(1500)
        route.fulfill(response=answer)

    anna.route("**/operator/worklist*", late, times=1)
    with anna.expect_response("**/operator/worklist*"):
        anna.evaluate("htmx.trigger('#worklist', 'refresh')")
        becomes(anna, "Не принимаю")
        shown = anna.evaluate_handle(SHOWN)

    anna.wait_for_timeout(1000)
    assert [words for words in shown.json_value() if "Не принимаю" not in words] == []
    becomes(anna, "Активен")


def test_a_client_who_writes_while_his_appeal_is_put_aside_is_answered_first(centre: Any, anna: Page) -> None:
    anna.get_by_label(ANSWER).fill("Сейчас узнаю")
    anna.keyboard.press("Control+Enter")
    expect(anna.get_by_role("log")).to_contain_text("Сейчас узнаю")
    anna.keyboard.press("F6")
    sheet = anna.locator("form.sheet")
    expect(sheet.get_by_role("button", name="Сначала ответить")).to_have_count(0)
    sheet.get_by_role("button", name="1 час").click()
    sheet.get_by_label("Комментарий").fill("Ждём склад")
    writes_again(centre, anna, "Скорее, пожалуйста")
    expect(anna.get_by_role("log")).to_contain_text("Скорее, пожалуйста")
    sheet.get_by_role("button", name="Отложить").click()

    expect(sheet.get_by_role("alert")).to_contain_text("сначала прочитайте новое сообщение и ответьте на него")
    expect(sheet.get_by_role("button", name="Закрыть всё равно")).to_have_count(0)
    expect(sheet.get_by_label("Комментарий")).to_have_value("Ждём склад")
    sheet.get_by_role("button", name="Сначала ответить").click()
    expect(anna.get_by_label(ANSWER)).to_be_visible()
