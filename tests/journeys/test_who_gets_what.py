"""Guide 3.1, 4.2: three operators, and a supervisor who watches who gets what and why."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cec.platform import journal
from cec.platform.db import db, unit_of_work
from cec.staff import groups
from cec.staff.models import Branch, Employee
from cec.staff.passwords import hash_password

CLIENTS = ["Алла Первова", "Белла Вторых", "Вадим Третьяк", "Глеб Четверик"]
PASSWORD = "galina works here"


@pytest.fixture
def galina(centre: Any) -> Iterator[str]:
    """Let a third operator join the first line; afterwards she leaves."""
    with centre.app.app_context(), unit_of_work():
        branch = db.session.scalars(db.select(Branch)).first()
        person = Employee(
            login="galina", name="Галина Седых", roles=["operator"], branch=branch,
            password_hash=hash_password(PASSWORD),
        )  # fmt: skip
        person.groups = [groups.find("first_line")]
        db.session.add(person)
        db.session.flush()
        journal.record("employee.changed", person.key, by="test", added=True)
    yield person.login
    with centre.app.app_context(), unit_of_work():
        person = db.session.scalars(db.select(Employee).filter_by(login="galina")).one()
        person.is_active = False
        journal.record("employee.changed", person.key, by="test", dismissed=True)


def offer(page: Page, client: str) -> Any:
    """Find the offer of a client's appeal in a window."""
    return page.get_by_role("alertdialog").filter(has_text=client)


def test_a_supervisor_watches_who_gets_what_and_why(
    centre: Any, galina: str, works: Callable[..., Page], is_open_to_all: Callable[[Page, str], None]
) -> None:
    anna, igor, third = works("anna"), works("igor"), works(galina, password=PASSWORD)
    boris = works("boris", status="")
    operators = dict(zip(CLIENTS, [anna, igor, third], strict=False))

    for client, page in operators.items():
        centre.receives(f"{client} <{CLIENTS.index(client)}@who.example>", "Где заказ", "Где мой заказ?")
        expect(offer(page, client)).to_contain_text("Почему вам")
    boris.goto("/appeals")
    for client in operators:
        expect(boris.get_by_role("row").filter(has_text=client)).to_contain_text("Распределено")
    centre.receives(f"{CLIENTS[3]} <3@who.example>", "Где заказ", "И мой?")

    boris.get_by_role("row").filter(has_text=CLIENTS[3]).get_by_role("link", name="почему ждёт").click()
    waiting = boris.get_by_role("region", name="Почему ждёт")
    expect(waiting).to_be_visible()
    is_open_to_all(boris, "an appeal that waits")
    for name in ("Анна Котова", "Игорь Лапшин", "Галина Седых"):
        expect(waiting.get_by_role("row").filter(has_text=name)).to_contain_text("звонит другое предложение")

    offer(igor, CLIENTS[1]).get_by_role("button", name="Принять").click()
    expect(offer(igor, CLIENTS[3])).to_be_visible()
    expect(boris.get_by_role("region", name="Почему у оператора Игорь Лапшин")).to_contain_text("Общие вопросы")
    expect(boris.get_by_role("definition").filter(has_text="Игорь Лапшин")).to_be_visible()

    for page, client in ((anna, CLIENTS[0]), (third, CLIENTS[2]), (igor, CLIENTS[3])):
        offer(page, client).get_by_role("button", name="Принять").click()
        expect(page.locator("#group-1")).to_contain_text("2" if page is igor else "1")
    is_open_to_all(boris, "an appeal that somebody has")

    boris.get_by_role("link", name="Операторы").click()
    row = boris.get_by_role("row").filter(has_text="Игорь Лапшин")
    expect(row).to_contain_text("2/5")
    is_open_to_all(boris, "operators")
    row.get_by_role("link", name="Игорь Лапшин").click()
    boris.get_by_label("Что", exact=True).select_option(label="Держит столько единиц")
    boris.get_by_label("Единицы").fill("2")
    boris.get_by_label("До", exact=True).fill("2030-01-01T10:00")
    boris.get_by_role("button", name="Изменить").click()
    expect(boris.get_by_text("Выберите время в будущем", exact=False)).to_be_visible()
    is_open_to_all(boris, "an operator")
