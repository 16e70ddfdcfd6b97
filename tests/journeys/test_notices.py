"""Guide 2.2.7, 3.8.1: what happens elsewhere is told, counted, opened; errors and announcements stay."""

import datetime as dt
import re
import smtplib
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

OLGA, TIMUR = "Ольга Лунина", "Тимур Ганиев"
SECOND = "И ещё: можно ли завтра утром?"


def accept(page: Page, name: str) -> None:
    """Take the offer that rings."""
    offer = page.get_by_role("alertdialog").filter(has_text=name)
    offer.get_by_role("button", name="Принять").click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def answer(page: Page, words: str) -> None:
    """Answer the client."""
    page.get_by_label("Сообщение клиенту").fill(words)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("log")).to_contain_text(words)


RETURNED = """From: MAILER-DAEMON@client.example
To: shop@demo.example
Subject: Undelivered mail returned to sender
Message-ID: <{id}>
Content-Type: multipart/report; report-type=delivery-status; boundary=part

--part

550 5.1.1 There is no such mailbox
--part
Content-Type: message/delivery-status

Reporting-MTA: dns; client.example

Final-Recipient: rfc822; ganiev@client.example
Action: failed
Status: 5.1.1
--part
Content-Type: message/rfc822

Message-ID: {ours}
Subject: Re

old
--part--
"""


def bounce(centre: Any, ours: str) -> None:
    """Let a letter of ours come back."""
    report = RETURNED.format(ours=ours, id=f"returned.{ours.strip('<>')}")
    with smtplib.SMTP("127.0.0.1", int(centre.mail_port), timeout=20) as door:
        door.sendmail("", ["shop@demo.example"], report)


@pytest.fixture
def anna(centre: Any, works: Callable[..., Page]) -> Page:
    """Give Anna's window: Timur's appeal is open, Olga's is in work too."""
    page = works("anna")
    for name, address in ((OLGA, "lunina@client.example"), (TIMUR, "ganiev@client.example")):
        centre.receives(f"{name} <{address}>", "Доставка стола", "Когда привезёте?")
        with page.expect_response("**/notifications/focus"):
            accept(page, name)
    return page


def olga_writes(centre: Any, words: str) -> None:
    """Let Olga write again in her appeal: by its number, which our answers carry."""
    with centre.app.app_context():
        from cec.appeals.models import Appeal  # noqa: PLC0415 - only here
        from cec.clients.models import Address  # noqa: PLC0415
        from cec.platform.db import db, unit_of_work  # noqa: PLC0415

        with unit_of_work():
            hers = db.select(Appeal.number).join(Address, Address.id == Appeal.address_id)
            number = db.session.scalar(
                hers.where(Address.value == "lunina@client.example").order_by(Appeal.id.desc()).limit(1)
            )
    centre.receives(f"{OLGA} <lunina@client.example>", f"Re: Доставка стола [#{number}]", words)


def test_who_writes_elsewhere_is_told_counted_and_opened_with_the_keyboard(centre: Any, anna: Page) -> None:
    writing = anna.get_by_label("Сообщение клиенту")
    writing.fill("Здравствуйте, Тимур")
    expect(anna.locator("#bell-button")).to_have_attribute("aria-label", "Уведомления")

    olga_writes(centre, SECOND)

    toast = anna.locator("#toast .callout")
    expect(toast).to_contain_text("Клиент написал")
    expect(toast).to_contain_text(OLGA)
    expect(anna.locator("#bell-button")).to_have_attribute("aria-label", "Уведомления, 1 непрочитанное")
    expect(anna).to_have_title(re.compile(r"^\(1\) "))
    expect(anna.locator("html")).to_have_attribute("data-sounded", re.compile(r"^\d+-"))
    expect(writing).to_be_focused()
    toast.hover()
    anna.wait_for_timeout(8000)
    expect(toast).to_be_visible()
    anna.mouse.move(5, 700)
    expect(toast).to_have_count(0, timeout=9000)

    anna.locator("#bell-button").focus()
    anna.keyboard.press("Enter")
    expect(anna.get_by_label("Только непрочитанные")).to_be_focused()
    row = anna.locator("#bell-list").get_by_role("link", name="Клиент написал").first
    while not row.evaluate("element => element === document.activeElement"):
        anna.keyboard.press("Tab")
    anna.keyboard.press("Enter")

    expect(anna.get_by_role("heading", level=1, name=OLGA)).to_be_visible()
    expect(anna.get_by_role("log")).to_contain_text(SECOND)
    expect(anna.locator("#bell-button")).to_have_attribute("aria-label", "Уведомления")
    expect(anna).to_have_title(re.compile(r"^[^(]"))
    expect(anna.locator("#bell-menu")).to_be_empty()

    olga_writes(centre, "Спасибо, жду")
    expect(anna.get_by_role("log")).to_contain_text("Спасибо, жду")
    anna.wait_for_timeout(1000)
    expect(anna.locator("#toast .callout")).to_have_count(0)
    expect(anna.locator("#bell-button")).to_have_attribute("aria-label", "Уведомления")


def test_an_answer_that_came_back_stays_until_it_is_dealt_with(centre: Any, anna: Page) -> None:
    answer(anna, "Привезём завтра с 10 до 14, Тимур")
    ours = centre.sent("Привезём завтра с 10 до 14, Тимур")["Message-ID"]
    expect(anna.get_by_role("log")).to_contain_text("Отправлено")

    bounce(centre, ours)

    standing = anna.locator("#standing").get_by_role("alert")
    expect(standing).to_contain_text("Ответ не дошёл до клиента")
    expect(standing).to_contain_text("отправьте ещё раз")
    anna.reload()
    expect(standing).to_contain_text("Ответ не дошёл до клиента")
    standing.get_by_role("button", name="Понятно").click()
    expect(anna.locator("#standing")).to_be_empty()
    anna.reload()
    expect(anna.locator("#bell-button")).to_be_visible()
    expect(anna.locator("#standing")).to_be_empty()


def test_an_announcement_stays_until_it_is_acknowledged_and_its_author_sees_by_whom(works: Callable[..., Page]) -> None:
    anna, vera = works("anna"), works("vera", status="")
    vera.get_by_role("link", name="Объявления").click()
    vera.get_by_label("Заголовок").fill("Склад закрыт до обеда")
    vera.get_by_label("Кому").select_option(label="Оператор")
    until = dt.datetime.now(dt.UTC) + dt.timedelta(days=2)  # noqa: TID251 - the centre runs by the same clock
    vera.get_by_label("До", exact=True).fill(f"{until:%Y-%m-%dT%H:%M}")
    vera.get_by_label("Нужно подтверждение").check()
    vera.get_by_role("button", name="Опубликовать").click()
    expect(vera.get_by_text("0 из 2")).to_be_visible()

    standing = anna.locator("#standing")
    expect(standing).to_contain_text("Склад закрыт до обеда")
    anna.reload()
    expect(standing).to_contain_text("Склад закрыт до обеда")
    standing.get_by_role("button", name="Понятно").click()
    expect(standing).to_be_empty()

    vera.reload()
    vera.get_by_text("1 из 2").click()
    expect(vera.get_by_text("Подтвердили: Анна Котова")).to_be_visible()
    vera.get_by_role("link", name="Склад закрыт до обеда").click()
    vera.get_by_role("button", name="Отозвать объявление").click()
    expect(vera.get_by_role("row").filter(has_text="Склад закрыт до обеда").first).to_contain_text("отозвано")


def test_keys_can_be_switched_off(works: Callable[..., Page], becomes: Callable[[Page, str], None]) -> None:
    anna = works("anna")
    anna.goto("/profile")
    anna.get_by_label("Работают клавиши").uncheck()
    anna.locator("#notices").get_by_role("button", name="Сохранить").click()
    anna.goto("/operator")
    expect(anna.locator("#bell-button")).to_be_visible()
    becomes(anna, "Не принимаю")

    anna.keyboard.press("Alt+a")
    anna.wait_for_timeout(700)
    expect(anna.locator("#presence")).to_contain_text("Не принимаю")

    anna.goto("/profile")
    anna.get_by_label("Работают клавиши").check()
    anna.locator("#notices").get_by_role("button", name="Сохранить").click()
    anna.goto("/operator")
    expect(anna.locator("#bell-button")).to_be_visible()
    anna.keyboard.press("Alt+a")
    expect(anna.locator("#presence")).to_contain_text("Активен")
