"""SPEC 1C, web chat: a visitor on the page of a shop and an operator talk; pages are reloaded, links drop."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.doors_widget import Site, Talk
from bench.dropping import BadLink
from cec.channels.models import ChannelAccount
from cec.platform.db import db, unit_of_work
from cec.staff.models import Employee

ASKED, ANSWERED = "Пройдёт ли он в лифт 80 см?", "Разберём и соберём у вас"
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def visits(centre: Any, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Give a function that opens the page of the shop in a browser of its own; no page has told an error."""
    opened, troubles = [], []

    def visit(**options: Any) -> Page:
        context = browser.new_context(
            base_url=centre.url, **{"locale": "ru-RU", "viewport": {"width": 1280, "height": 720}, **options}
        )
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda told: troubles.append(told.text) if told.type == "error" else None)
        page.goto("/shop")
        return page

    yield visit
    for context in opened:
        context.close()
    assert troubles == []


def field(page: Page) -> Any:
    """Where the visitor writes."""
    return page.get_by_role("textbox", name="Сообщение")


def says(page: Page, words: str) -> None:
    """Let the visitor write."""
    field(page).fill(words)
    field(page).press("Enter")


def takes(operator: Page, name: str) -> None:
    """Take the offer that rings."""
    operator.get_by_role("alertdialog").filter(has_text=name).get_by_role("button", name="Принять").click()
    expect(operator.get_by_role("heading", level=1, name=name)).to_be_visible()


@pytest.fixture
def talking(works: Callable[..., Page], visits: Callable[..., Page]) -> tuple[Page, Page]:
    """Ivan has asked about a lift on the page of the shop, and Anna has his chat in work."""
    anna, ivan = works("anna"), visits()
    ivan.get_by_role("button", name="Открыть чат").click()
    expect(field(ivan)).to_be_focused()
    ivan.get_by_label("Ваше имя").fill("Иван Лифтов")
    says(ivan, ASKED)
    takes(anna, "Иван Лифтов")
    return anna, ivan


def test_a_visitor_and_an_operator_talk(
    talking: tuple[Page, Page], tmp_path: Path, is_open_to_all: Callable[[Page, str], None]
) -> None:
    anna, ivan = talking
    feed, log = anna.get_by_role("log"), ivan.get_by_role("log")
    file = tmp_path / "план.txt"
    file.write_text("лифт")
    expect(feed).to_contain_text(ASKED)
    expect(feed.get_by_role("link", name="Стеллаж «Линд»")).to_have_attribute("href", ivan.url)
    expect(log).to_contain_text("Прочитано")
    is_open_to_all(ivan, "chat")

    # Both are in mid-sentence when their pages are reloaded.
    answer = anna.get_by_role("textbox", name="Сообщение клиенту")
    answer.press_sequentially("Разберём")
    expect(ivan.get_by_text("Анна печатает")).to_be_visible()
    field(ivan).press_sequentially("А ещё")
    expect(anna.get_by_text("Иван Лифтов печатает")).to_be_visible()
    expect(anna.get_by_text("Черновик сохранён")).to_be_visible()
    ivan.reload()
    anna.reload()
    expect(field(ivan)).to_have_value("А ещё")
    expect(answer).to_have_value("Разберём")

    answer.fill(ANSWERED)
    anna.locator("form.composer input[type=file]").first.set_input_files(file)
    expect(anna.locator("form.composer .files")).to_contain_text("план.txt")
    anna.keyboard.press("Control+Enter")
    expect(log).to_contain_text(ANSWERED)
    expect(feed.locator(".msg.out")).to_contain_text("Прочитано")
    with ivan.expect_download() as saved:
        log.get_by_role("link", name="план.txt").click()
    assert Path(saved.value.path()).read_text() == "лифт"

    ivan.locator("[data-cec-chat] input[type=file]").set_input_files(file)
    expect(ivan.get_by_role("button", name="Убрать файл: план.txt")).to_be_visible()
    says(ivan, "Спасибо, вот план")
    expect(feed.get_by_role("link", name="план.txt").last).to_be_visible()


def test_the_conversation_goes_on_by_mail_and_comes_back(talking: tuple[Page, Page], centre: Any) -> None:
    anna, ivan = talking
    feed, log = anna.get_by_role("log"), ivan.get_by_role("log")
    anna.get_by_role("textbox", name="Сообщение клиенту").press_sequentially("Чертёж вышлем письмом")

    anna.get_by_role("button", name="Ответить через: Чат").click()
    anna.get_by_label("На другой адрес почты").fill("ivan@client.example")
    anna.get_by_role("button", name="Выбрать", exact=True).click()
    letter = anna.locator("form.composer:not(.is-note) .letter")
    expect(letter).to_have_text("Чертёж вышлем письмом")
    expect(letter).to_be_focused()
    anna.keyboard.press("Control+Enter")
    expect(feed).to_contain_text("разговор продолжен в другом канале: Почта")
    read = centre.sent("Чертёж вышлем письмом")
    assert read["To"] == "ivan@client.example"
    centre.receives("ivan@client.example", read["Subject"], "Чертёж получил", answers=read["Message-ID"])
    expect(feed).to_contain_text("Чертёж получил")
    expect(log).not_to_contain_text("Чертёж")

    ivan.reload()
    says(ivan, "А привезёте в пятницу?")
    expect(feed).to_contain_text("А привезёте в пятницу?")
    anna.reload()
    answer = anna.get_by_role("textbox", name="Сообщение клиенту")
    expect(anna.get_by_role("button", name="Ответить через: Чат")).to_be_visible()
    answer.fill("Привезём")
    anna.keyboard.press("Control+Enter")
    expect(log).to_contain_text("Привезём")


def test_what_is_new_is_counted_and_what_is_over_is_rated(talking: tuple[Page, Page]) -> None:
    anna, ivan = talking
    answer = anna.get_by_role("textbox", name="Сообщение клиенту")

    ivan.keyboard.press("Escape")
    expect(ivan.get_by_role("button", name="Открыть чат")).to_be_focused()
    answer.fill("Всё видно")
    anna.keyboard.press("Control+Enter")
    expect(ivan.get_by_role("button", name="Новых сообщений: 1")).to_be_visible()
    ivan.get_by_role("button", name="Новых сообщений: 1").click()

    anna.keyboard.press("F8")
    sheet = anna.locator("form.sheet")
    sheet.get_by_label("Решение").select_option(label="Вопрос решён")
    topic = sheet.locator("select[name=topic_id]")
    if topic.count():
        topic.select_option(index=1)
    sheet.get_by_role("button", name="Закрыть").click()
    expect(ivan.get_by_text("Разговор завершён.")).to_be_visible()
    ivan.get_by_role("radio", name="5 из 5").check()
    ivan.get_by_role("button", name="Отправить оценку").click()
    expect(ivan.get_by_text("Спасибо за оценку!")).to_be_visible()


def test_on_a_phone_the_chat_takes_the_whole_screen_and_speaks_english(visits: Callable[..., Page]) -> None:
    page = visits(locale="en-GB", **PHONE)
    page.goto("/shop?language=en")
    page.get_by_role("button", name="Open the chat").click()

    panel = page.get_by_role("dialog", name="Lind")
    expect(panel).to_be_visible()
    assert panel.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 780}
    expect(page.get_by_text("Hello! What is it about?")).to_be_visible()


def test_over_a_link_that_drops_every_message_arrives_once_and_in_order(
    centre: Any, works: Callable[..., Page], browser: Browser
) -> None:
    works("anna")
    with Site("shop-chat") as site, BadLink(int(centre.port)) as link, centre.app.app_context():
        with unit_of_work():
            account = db.session.scalars(db.select(ChannelAccount).where(ChannelAccount.code == "shop-chat")).one()
            account.config = {**account.config, "origins": [site.origin]}
            anna = db.session.scalars(db.select(Employee.id).where(Employee.login == "anna")).one()
        page = browser.new_page()
        talk = Talk(centre.app, anna, link)
        talk.begin(page, site.page(link.port))

        wrong = talk.play(page, seconds=8, every=1.5, shut=0.4)
        page.close()

    assert wrong == []
    assert link.cuts >= 3
    assert talk.sent >= 5
    assert talk.answered >= 4


def test_a_first_message_is_plain_in_the_chat_and_a_letter_to_an_address(talking: tuple[Page, Page]) -> None:
    anna, _visitor = talking
    anna.locator("#write-first").click()
    words = anna.locator("#outgoing-text")
    words.click()
    anna.keyboard.type("Лифт работает")
    expect(anna.locator("textarea#outgoing-text")).to_have_value("Лифт работает")
    expect(anna.locator("form.first-message [data-format=bold]")).to_be_hidden()

    anna.get_by_label("На другой адрес почты").fill("ivan@client.example")
    expect(words).to_have_attribute("contenteditable", "true")
    expect(words).to_have_text("Лифт работает")
    anna.locator("form.first-message [data-format=bold]").click()
    anna.get_by_label("На другой адрес почты").fill("")

    expect(anna.locator("textarea#outgoing-text")).to_have_value("Лифт работает")
    anna.keyboard.press("Escape")
