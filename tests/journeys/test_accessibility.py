"""Every screen in both themes: axe finds nothing (DESIGN 7), also at 200 % zoom."""

import base64
import smtplib
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cec.appeals.models import Appeal
from cec.distribution import returning
from cec.platform.db import db, unit_of_work

pytestmark = pytest.mark.long

NAME = "Вера Ким"
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def test_the_desk_of_an_operator(
    centre: Any, works: Callable[..., Page], is_open_to_all: Callable[[Page, str], None]
) -> None:
    anna = works("anna", status="")
    is_open_to_all(anna, "empty desk")
    anna.keyboard.press("Alt+w")
    expect(anna.get_by_label("На почтовый адрес")).to_be_focused()
    is_open_to_all(anna, "writing first")
    anna.keyboard.press("Escape")
    expect(anna.get_by_label("На почтовый адрес")).to_be_hidden()
    anna.keyboard.press("Alt+a")
    centre.receives(f"{NAME} <vera.kim@client.example>", "Трещина", "Смотрите", html="<p>Стол с <b>трещиной</b></p>")
    offer = anna.get_by_role("alertdialog").filter(has_text=NAME)
    expect(offer).to_be_visible()
    is_open_to_all(anna, "offer")
    offer.get_by_role("button", name="Отклонить…").click()
    is_open_to_all(anna, "decline")
    anna.keyboard.press("Alt+Enter")
    expect(anna.get_by_role("heading", level=1, name=NAME)).to_be_visible()
    is_open_to_all(anna, "appeal")

    anna.get_by_role("button", name="почему").click()
    expect(anna.locator("#why h2")).to_be_visible()
    is_open_to_all(anna, "why")
    anna.keyboard.press("F2")
    expect(anna.locator("#topics li").first).to_be_visible()
    is_open_to_all(anna, "topics")
    anna.keyboard.press("Escape")
    anna.locator("#presence").click()
    expect(anna.get_by_role("menuitemradio").first).to_be_visible()
    is_open_to_all(anna, "presence")
    anna.keyboard.press("Escape")
    anna.keyboard.press("Alt+n")
    is_open_to_all(anna, "note")
    anna.get_by_role("button", name="Показать письмо, как отправлено").click()
    expect(anna.locator(".as-sent iframe")).to_be_visible()
    is_open_to_all(anna, "letter")
    for key, outcome in (("F8", "close"), ("F4", "transfer"), ("F6", "postpone")):
        anna.keyboard.press(key)
        expect(anna.locator(f"form.sheet[hx-post$='{outcome}']")).to_be_visible()
        is_open_to_all(anna, outcome)
    anna.locator("form.sheet .btn.go").click()
    expect(anna.locator("form.sheet .is-invalid").first).to_be_visible()
    is_open_to_all(anna, "errors at the fields")
    anna.keyboard.press("Escape")
    anna.set_viewport_size({"width": 640, "height": 360})
    is_open_to_all(anna, "200 % zoom")


def test_what_an_answer_is_written_with(
    centre: Any, works: Callable[..., Page], is_open_to_all: Callable[[Page, str], None]
) -> None:
    anna = works("anna")
    centre.receives(f"{NAME} <vera.kim@client.example>", "Трещина", "Смотрите")
    anna.get_by_role("alertdialog").filter(has_text=NAME).get_by_role("button", name="Принять").click()
    answer = anna.get_by_label("Сообщение клиенту")
    answer.press_sequentially("Стол заменим")
    anna.locator("form.composer:not([hidden]) input[type=file]").set_input_files(
        {"name": "стол.png", "mimeType": "image/png", "buffer": PICTURE}
    )
    expect(anna.locator("form.composer .file")).to_be_visible()
    is_open_to_all(anna, "composer with a file")
    anna.locator("[data-whom]").click()
    anna.get_by_label("Копия", exact=True).fill("никому")
    is_open_to_all(anna, "recipients")
    answer.press("Control+Enter")
    expect(anna.locator(".whom-fields .is-invalid")).to_be_visible()
    is_open_to_all(anna, "a recipient refused")
    anna.get_by_label("Копия", exact=True).fill("")
    anna.locator("[data-whom]").click()
    for name in ("Эмодзи", "Что уйдёт под ответом"):
        anna.locator("form.composer:not([hidden])").get_by_role("button", name=name).click()
        is_open_to_all(anna, name)
        anna.keyboard.press("Escape")
    answer.press("Control+Shift+K")
    anna.get_by_label("Адрес ссылки").fill("не адрес")
    anna.keyboard.press("Enter")
    is_open_to_all(anna, "link")
    anna.keyboard.press("Escape")
    answer.press("Control+Enter")
    anna.locator("#feed a[data-picture]").click()
    expect(anna.locator("#lightbox")).to_be_visible()
    is_open_to_all(anna, "a picture seen large")
    anna.keyboard.press("Escape")


def test_an_appeal_that_went_while_the_link_was_lost(
    centre: Any,
    works: Callable[..., Page],
    becomes: Callable[[Page, str], None],
    is_open_to_all: Callable[[Page, str], None],
) -> None:
    anna = works("anna")
    centre.receives(f"{NAME} <vera.kim@client.example>", "Трещина", "Смотрите")
    anna.get_by_role("alertdialog").filter(has_text=NAME).get_by_role("button", name="Принять").click()
    expect(anna.get_by_label("Сообщение клиенту")).to_be_visible()
    becomes(anna, "Не принимаю")
    with centre.app.app_context(), unit_of_work():
        appeal = db.session.scalars(db.select(Appeal).where(Appeal.status == "in_work")).one()
        returning.return_one(appeal.id, appeal.operator_id, "system", returning.OFFLINE)
    expect(anna.locator("#appeal [data-refusal]")).to_contain_text("обращение не у вас")
    is_open_to_all(anna, "an appeal that went")
    anna.goto("/operator")
    expect(anna.locator("#returned .callout")).to_be_visible()
    is_open_to_all(anna, "what went meanwhile")
    anna.locator("#returned").get_by_role("button", name="Понятно").click()
    becomes(anna, "Активен")
    anna.get_by_role("alertdialog").filter(has_text=NAME).get_by_role("button", name="Принять").click()
    expect(anna.get_by_label("Сообщение клиенту")).to_be_visible()


def test_a_letter_nobody_could_read_and_the_help(
    centre: Any, works: Callable[..., Page], is_open_to_all: Callable[[Page, str], None]
) -> None:
    vera = works("vera", status="")
    with smtplib.SMTP("127.0.0.1", int(centre.mail_port)) as door:
        door.sendmail("", "shop@demo.example", "To: shop@demo.example\r\nSubject: Price list\r\n\r\nOur offer\r\n")
    vera.goto("/quarantine")
    while not vera.locator("a.wl-item").count():
        vera.wait_for_timeout(200)
        vera.reload()
    vera.locator("a.wl-item").first.click()
    expect(vera.get_by_role("heading", level=1)).to_be_visible()
    is_open_to_all(vera, "quarantine")
    vera.goto("/centre/channels")
    vera.get_by_label("Название").fill("Приложение")
    vera.get_by_label("Код").fill("app")
    vera.get_by_role("button", name="Открыть канал").click()
    expect(vera.locator("code.secret")).to_be_visible()
    is_open_to_all(vera, "a secret")
    vera.get_by_role("link", name="Сохранено, дальше").click()
    expect(vera.get_by_label("Открыт: принимает сообщения")).to_be_checked()
    is_open_to_all(vera, "a generic channel")
    for path in ("/centre/mailboxes/1", "/centre/console", "/help", "/help/2.2.3"):
        vera.goto(path)
        is_open_to_all(vera, path)


def test_what_an_administrator_sets(works: Callable[..., Page], is_open_to_all: Callable[[Page, str], None]) -> None:
    vera = works("vera", status="")
    vera.goto("/centre/skills")
    vera.get_by_label("Название").fill("Английский")
    vera.get_by_label("Код").fill("english")
    vera.get_by_role("button", name="Добавить").click()
    expect(vera.get_by_text("Сохранено")).to_be_visible()
    for path in (
        "/centre/queues/1", "/centre/queues/new", "/centre/queues/check", "/centre/calendars/new", "/centre/groups/1",
        "/centre/skills/1", "/centre/templates/new", "/centre/templates/1", "/centre/templates/catalogues",
        "/centre/templates/catalogues/1", "/centre/people/1", "/centre/people/import", "/centre/shifts/import",
        "/admin/rules/prioritization/bench", "/admin/rules/routing/scenarios", "/admin/rules/routing/scenarios/new",
        "/admin/rules/prioritization/reranking", "/centre/auto-replies", "/centre/auto-replies/new",
        "/centre/auto-replies/4",
        "/centre/retention", "/centre/retention/messages", "/centre/clients", "/centre/audit",
    ):  # fmt: skip
        vera.goto(path)
        is_open_to_all(vera, path)
    vera.goto("/centre/queues/1")
    vera.get_by_role("tab", name="Распределение").click()
    vera.get_by_label("Цель").fill("скоро")
    vera.get_by_role("button", name="Сохранить").click()
    expect(vera.locator(".is-invalid")).to_be_visible()
    is_open_to_all(vera, "a queue with an error")
    vera.goto("/centre/shifts")
    cells = vera.locator(".cells input")
    cells.first.fill("9-18")
    cells.first.press("Enter")
    expect(vera.locator(".cells tr:nth-child(2) input").first).to_be_focused()
    vera.get_by_role("button", name="Сохранить").click()
    expect(cells.first).to_have_value("09:00–18:00")
    is_open_to_all(vera, "shifts")


def test_the_pages_of_everybody(works: Callable[..., Page], is_open_to_all: Callable[[Page, str], None]) -> None:
    vera = works("vera", status="")
    links = sorted({str(each.get_attribute("href")) for each in vera.locator(".sidenav a").all()})
    assert len(links) > 2
    for link in links:
        vera.goto(link)
        is_open_to_all(vera, link)
    for path in ("/profile", "/password", "/leaving", "/start"):
        vera.goto(path)
        is_open_to_all(vera, path)


def test_the_door(centre: Any, browser: Any, is_open_to_all: Callable[[Page, str], None]) -> None:
    context = browser.new_context(base_url=centre.url)
    page = context.new_page()

    page.goto("/login")
    is_open_to_all(page, "login")
    page.locator("[name=login]").fill("anna")
    page.locator("[name=password]").fill("wrong")
    page.locator("button.go").click()
    page.locator(".callout.bad").wait_for()
    is_open_to_all(page, "wrong password")
    context.close()


def test_what_people_are_told(
    centre: Any, works: Callable[..., Page], is_open_to_all: Callable[[Page, str], None]
) -> None:
    vera, anna = works("vera", status=""), works("anna")
    vera.goto("/announcements")
    vera.get_by_label("Заголовок").fill("Склад закрыт до обеда")
    vera.get_by_label("Нужно подтверждение").check()
    vera.locator("form [name=ends_at]").evaluate("field => field.required = false")
    vera.get_by_role("button", name="Опубликовать").click()
    expect(vera.get_by_text("Укажите день и время.")).to_be_visible()
    is_open_to_all(vera, "announcement refused")
    vera.get_by_label("До", exact=True).fill("2099-01-01T10:00")
    vera.get_by_role("button", name="Опубликовать").click()
    vera.locator("details").first.click()
    is_open_to_all(vera, "announcements")

    expect(anna.locator("#standing")).to_contain_text("Склад закрыт до обеда")
    is_open_to_all(anna, "announcement in the window")
    anna.locator("#bell-button").click()
    expect(anna.locator("#bell-list")).to_contain_text("Склад закрыт до обеда")
    is_open_to_all(anna, "list of the bell")
    anna.goto("/notifications")
    expect(anna.locator("#standing")).to_contain_text("Склад закрыт до обеда")
    is_open_to_all(anna, "notifications")
    anna.set_viewport_size({"width": 640, "height": 360})
    is_open_to_all(anna, "notifications at 200 % zoom")

    vera.get_by_role("link", name="Склад закрыт до обеда").first.click()
    is_open_to_all(vera, "an announcement")
    vera.get_by_role("button", name="Отозвать объявление").click()
    expect(vera.get_by_role("cell", name="отозвано").first).to_be_visible()


def test_the_page_of_all_components(works: Callable[..., Page], is_open_to_all: Callable[[Page, str], None]) -> None:
    page = works("anna", status="")
    for theme in ("light", "dark"):
        page.goto(f"/design?theme={theme}")
        expect(page.locator("main.kit")).to_have_attribute("data-bs-theme", theme)
        expect(page.locator("#kit-composer [data-whom-words]")).to_contain_text("o.nesterova@primer.example")
        is_open_to_all(page, f"components, {theme}")
