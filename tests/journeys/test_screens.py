"""The screens as pictures beside the mock-ups: `make screens` keeps them in docs/screens, a test throws them away."""

import os
import smtplib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.dmn.tables_of_story import a_table

CLIENTS = {
    "Ольга Нестерова": (
        "o.nesterova@primer.example",
        "Заказ 81-5206: перенос доставки",
        "Здравствуйте! Заказ 81-5206, обещали привезти стеллаж сегодня с 10 до 14. Теперь «перенесено». Что случилось?",
    ),
    "Руслан Гайнутдинов": (
        "ruslan.g@primer.example",
        "Возврат за повреждённый стол",
        "Добрый день. Стол привезли с трещиной, акт подписали. Когда вернутся деньги на карту?",
    ),
    "Тамара Фролова": (
        "tamara@primer.example",
        "Гарантия на кресло",
        "Подскажите, пожалуйста, распространяется ли гарантия на газлифт кресла? Покупала в августе.",
    ),
    "Артур Манукян": (
        "artur.m@primer.example",
        "Оплата прошла, а заказа нет",
        "Деньги списали дважды, а заказ в кабинете висит как неоплаченный. Проверьте, пожалуйста.",
    ),
}
ANSWER = "Ольга Викторовна, здравствуйте! Извините за молчание: машина сломалась на трассе. Ближайшее окно в субботу."
# Nobody could answer this one: it has no sender.
NAMELESS = "To: shop@demo.example\r\nSubject: Price list\r\n\r\nLook at our offer\r\n"
TABLE = "/admin/rules/prioritization"
FOREIGN = a_table(
    ('"vip"', "< 3", "200", "VIP с низкой оценкой"), ('"gold"', "< 3", "100", "Gold с низкой оценкой"),
    policy="COLLECT", aggregation="SUM", inputs=("segment", "last_mark"), outputs=("points",),
)  # fmt: skip
DRAFT = "Воскресенье подойдёт: 29 ноября с 9 до 12. Подъём на 5 этаж берём на себя. Подтверждаете?"


@pytest.fixture(scope="module")
def album(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the pictures."""
    kept = os.environ.get("CEC_SCREENS")
    folder = repository / kept if kept else tmp_path_factory.mktemp("screens")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def shoot(album: Path) -> Callable[[Page, str], None]:
    """Give a function that takes a picture and looks whether anything sticks out of the window."""

    def take(page: Page, name: str) -> None:
        page.wait_for_timeout(400)
        page.screenshot(path=album / f"{name}.png")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name}: {wide} px stick out"

    return take


def writes(centre: Any, name: str, **more: str) -> None:
    """Let one of the clients write."""
    address, subject, words = CLIENTS[name]
    centre.receives(f"{name} <{address}>", subject, more.pop("words", words), **more)


def takes(page: Page, name: str) -> None:
    """Accept the offer of a client."""
    page.get_by_role("alertdialog").filter(has_text=name).get_by_role("button", name="Принять").click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def postpones(page: Page) -> None:
    """Put the open appeal aside for an hour."""
    page.keyboard.press("F6")
    page.get_by_role("button", name="1 час").click()
    page.locator("form.sheet .btn.go").click()
    expect(page.locator("form.sheet")).to_have_count(0)


def waits(page: Page) -> None:
    """Answer the open appeal and wait for the client."""
    page.get_by_label("Сообщение клиенту").fill("Подтвердите, пожалуйста, адрес.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("log")).to_contain_text("Подтвердите, пожалуйста, адрес.")
    page.keyboard.press("F9")
    page.locator("form.sheet .btn.go").click()
    expect(page.locator("form.sheet")).to_have_count(0)


def test_the_window_of_an_operator(
    unlinked: None, centre: Any, works: Callable[..., Page], shoot: Callable[[Page, str], None]
) -> None:
    anna = works("anna", status="", color_scheme="light")
    shoot(anna, "operator-empty-1280-light")
    anna.keyboard.press("Alt+a")
    for name, then in (("Тамара Фролова", postpones), ("Артур Манукян", waits), ("Руслан Гайнутдинов", None)):
        writes(centre, name)
        takes(anna, name)
        if then:
            then(anna)
    writes(centre, "Ольга Нестерова")
    expect(anna.get_by_role("alertdialog")).to_be_visible()
    shoot(anna, "operator-offer-1280-light")
    takes(anna, "Ольга Нестерова")
    anna.get_by_label("Сообщение клиенту").fill(ANSWER)
    anna.keyboard.press("Control+Enter")
    expect(anna.get_by_role("log")).to_contain_text(ANSWER[:40])
    anna.keyboard.press("Alt+n")
    anna.get_by_label("Внутренняя заметка").fill("Для VIP можно воскресенье: бригада свободна с 9 до 12.")
    anna.keyboard.press("Control+Enter")
    expect(anna.locator(".intnote")).to_be_visible()
    letter = centre.sent(ANSWER[:40])
    writes(
        centre,
        "Ольга Нестерова",
        words="В субботу нас не будет весь день. А если в воскресенье утром? И поднимите, пожалуйста, на 5 этаж.",
        answers=str(letter["Message-ID"]),
    )
    expect(anna.get_by_role("log")).to_contain_text("А если в воскресенье")
    anna.locator("[data-compose=answer]:visible").click()
    anna.get_by_label("Сообщение клиенту").fill(DRAFT)
    anna.keyboard.press("F2")
    anna.get_by_role("button", name="Доставка › Перенос срока").click()
    expect(anna.locator(".facts")).to_contain_text("Перенос срока")
    with_templates(anna, shoot)
    for theme in ("light", "dark"):
        anna.emulate_media(color_scheme=theme)
        for width, height in ((1280, 720), (1920, 1080)):
            anna.set_viewport_size({"width": width, "height": height})
            shoot(anna, f"operator-{width}-{theme}")
    anna.emulate_media(color_scheme="light")
    anna.set_viewport_size({"width": 640, "height": 360})
    shoot(anna, "operator-zoom200")
    anna.set_viewport_size({"width": 1280, "height": 720})

    anna.keyboard.press("Alt+n")
    anna.get_by_role("button", name="почему").click()
    expect(anna.locator("#why h2")).to_be_visible()
    shoot(anna, "operator-details-1280-light")
    anna.keyboard.press("Escape")
    anna.keyboard.press("F6")
    expect(anna.locator("form.sheet")).to_be_visible()
    shoot(anna, "operator-postpone-1280-light")
    anna.keyboard.press("Escape")
    anna.locator("#open-life").click()
    expect(anna.locator(".djs-container .djs-shape").first).to_be_visible()
    shoot(anna, "operator-diagram-1280-light")
    anna.keyboard.press("Escape")
    writes_first(anna, shoot)
    without_a_link(anna, shoot)


def with_templates(page: Page, shoot: Callable[[Page, str], None]) -> None:
    """Look for a template."""
    page.get_by_label("Сообщение клиенту").focus()
    page.keyboard.press("Control+/")
    page.keyboard.type("дост")
    expect(page.locator("#templates [role=option]").first).to_be_visible()
    for theme in ("dark", "light"):
        page.emulate_media(color_scheme=theme)
        shoot(page, f"operator-templates-1280-{theme}")
    page.keyboard.press("Escape")


def writes_first(page: Page, shoot: Callable[[Page, str], None]) -> None:
    """Begin another appeal with the client."""
    page.locator("#write-first").click()
    page.get_by_label("Тема письма").fill("Заказ 81-5206: машина вышла")
    page.locator("#outgoing-text").fill("Ольга Викторовна, машина выехала и будет у вас к 11 часам.")
    shoot(page, "operator-outgoing-1280-light")
    page.keyboard.press("Escape")


def without_a_link(page: Page, shoot: Callable[[Page, str], None]) -> None:
    """Go on writing while there is no link."""
    page.context.set_offline(True)
    page.locator("[data-compose=answer]:visible").click()
    page.get_by_label("Сообщение клиенту").fill("Воскресенье, 29 ноября, с 9 до 12: записала.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#link-lost")).to_be_visible()
    expect(page.get_by_role("log")).to_contain_text("Ждёт отправки")
    shoot(page, "operator-offline-1280-light")
    page.context.set_offline(False)
    expect(page.locator("#link-lost")).to_be_hidden()


def test_the_pages_of_an_administrator(
    centre: Any, works: Callable[..., Page], shoot: Callable[[Page, str], None]
) -> None:
    vera = works("vera", status="", viewport={"width": 1440, "height": 900})
    for name, path in (
        ("mailbox", "/centre/mailboxes/1"),
        ("mailboxes", "/centre/mailboxes"),
        ("queue", "/centre/queues/1"),
        ("templates", "/centre/templates"),
        ("template", "/centre/templates/2"),
        ("auto-reply", "/centre/auto-replies/1"),
        ("webchat", "/centre/webchats/1"),
        ("api-keys", "/centre/keys"),
    ):
        vera.goto(path)
        shoot(vera, f"{name}-1440-light")
    with smtplib.SMTP("127.0.0.1", int(centre.mail_port)) as door:
        door.sendmail("", "shop@demo.example", NAMELESS)
    vera.goto("/quarantine")
    while not vera.locator("a.wl-item").count():
        vera.wait_for_timeout(200)
        vera.reload()
    vera.locator("a.wl-item").first.click()
    vera.get_by_role("heading", level=1).wait_for()
    shoot(vera, "quarantine-1440-light")


def test_the_decision_tables(works: Callable[..., Page], shoot: Callable[[Page, str], None]) -> None:
    vera = works("vera", status="", viewport={"width": 1440, "height": 900})
    vera.goto(TABLE)
    expect(vera.locator("#rules-found")).to_be_visible()
    shoot(vera, "rules-1440-light")
    vera.goto(f"{TABLE}?bench=1")
    bench = vera.locator("#bench")
    bench.get_by_label("Сегмент клиента").select_option("vip")
    bench.get_by_label("Последняя оценка").fill("2")
    bench.get_by_role("button", name="Проверить").click()
    expect(bench.locator("#bench-result")).to_contain_text("+20")
    shoot(vera, "rules-bench-1440-light")
    vera.goto(f"{TABLE}/dmn")
    for name, text in (("rules-dmn-wrong", FOREIGN.replace("&lt; 3", "&lt; &lt;")), ("rules-dmn", FOREIGN)):
        vera.get_by_label("Файл DMN (.dmn)").set_input_files(
            {"name": "vip.dmn", "mimeType": "text/xml", "buffer": text.encode()}
        )
        vera.get_by_role("button", name="Просмотреть").click()
        expect(vera.locator("#decision-picture[data-ready]")).to_be_visible()
        for theme in ("dark", "light"):
            vera.emulate_media(color_scheme=theme)
            shoot(vera, f"{name}-1440-{theme}")
    vera.get_by_role("button", name="Взять как черновик").click()
    with_findings(vera, shoot)


def with_findings(vera: Page, shoot: Callable[[Page, str], None]) -> None:
    """Write a row whose points add up with those of another, see both, and throw the draft away."""
    grid, keys = vera.locator("#rules-grid"), vera.keyboard
    expect(vera.locator("#rules-found")).to_contain_text("gold")
    grid.focus()
    keys.press("Insert")
    for text in ('"vip"', "1", "50", "VIP очень недоволен"):
        keys.type(text)
        keys.press("Tab")
    keys.press("Control+Home")
    keys.press("ArrowRight")
    expect(vera.locator("#rules-found")).to_contain_text("Например")
    expect(vera.locator("#rules-saved")).to_have_attribute("data-saved", "yes")
    shoot(vera, "rules-findings-1440-light")
    vera.get_by_role("button", name="Ещё").click()
    vera.get_by_text("Удалить черновик…").click()
    vera.get_by_role("button", name="Удалить навсегда").click()
    expect(vera.get_by_text("Черновик удалён.")).to_be_visible()


def test_why_an_appeal_waits_and_why_none_comes(
    centre: Any, works: Callable[..., Page], shoot: Callable[[Page, str], None]
) -> None:
    anna = works("anna", status="Не принимаю")
    boris = works("boris", status="", viewport={"width": 1440, "height": 900})
    centre.receives("Тимур Ждан <zhdan@client.example>", "Где заказ", "Оплата прошла, а заказа нет")
    boris.goto("/appeals?status=queued")
    boris.get_by_role("link", name="почему ждёт").click()
    expect(boris.get_by_role("region", name="Почему ждёт")).to_contain_text("Анна Котова")
    shoot(boris, "waiting-1440-light")
    anna.reload()
    expect(anna.get_by_role("region", name="Почему нет обращений")).to_contain_text("Оплата")
    shoot(anna, "operator-without-1280-light")

    anna.keyboard.press("Alt+a")
    takes(anna, "Тимур Ждан")


def test_the_door(centre: Any, browser: Browser, shoot: Callable[[Page, str], None]) -> None:
    context = browser.new_context(base_url=centre.url, viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.goto("/login")
    shoot(page, "signin-1280-light")
    context.close()
