"""Guide 3.2.6: the operator writes first, from the client, from what he reads or from the search."""

import dataclasses
import datetime as dt
import io
import re
import uuid

import pytest

from cec.appeals.models import Appeal
from cec.platform import clock as centre_clock
from cec.platform import i18n, work
from cec.platform.db import db, unit_of_work
from cec.replies import templates
from cec.replies.templates import Wanted as TemplateWanted
from tests import cast
from tests.web.operator.conftest import Desk

FIELDS = {"email": "sidorov@client.example", "subject": "Заказ 7", "text": "Готов!", "on_silence": "me"}


def test_it_is_begun_from_the_client_or_with_a_new_address(desk, appeal):
    drawn = desk.part(f"/outgoing?of={appeal.id}")
    assert cast.PETROV in drawn
    assert f"/operator/outgoing?of={appeal.id}" in desk.part(f"/appeals/{appeal.id}")
    assert "email=new@client.example" in desk.part("/search?words=new@client.example")

    fields = {**FIELDS, "client_uuid": str(uuid.uuid4()), "queue_id": str(appeal.queue_id)}
    desk.act("/outgoing", **fields)

    begun = db.session.scalars(db.select(Appeal).where(Appeal.direction == "out")).one()
    assert desk.answer.headers["HX-Redirect"] == f"/operator/appeals/{begun.id}"
    drawn = desk.part(f"/appeals/{begun.id}")
    assert "Готов!" in drawn
    assert 'id="outcome-close"' in drawn, "it can be closed while it waits"


@pytest.fixture
def first(appeal):
    """The fields of a first message to Petrov, with its name."""
    return {**FIELDS, "client_uuid": str(uuid.uuid4()), "queue_id": str(appeal.queue_id), "on_silence": "close"}


def a_file(name="счёт.pdf", content=b"%PDF-1.4"):
    return io.BytesIO(content), name, "application/pdf"


def begun():
    return db.session.scalars(db.select(Appeal).where(Appeal.direction == "out")).all()


def test_files_stay_when_the_form_is_refused_and_go_with_the_message(desk, appeal, first):
    assert "счёт.pdf" in desk.act(f"/outgoing/{first['client_uuid']}/attachments", file=a_file())

    desk.act("/outgoing", status=422, **{**first, "subject": ""})
    assert 'data-field="subject"' in desk.answer.text
    assert begun() == []
    desk.act("/outgoing", **first)

    (one,) = begun()
    assert "счёт.pdf" in desk.part(f"/appeals/{one.id}")
    desk.act("/outgoing", **first)
    assert len(begun()) == 1, "pressed twice it is one appeal"


def test_a_file_is_taken_off_again_and_is_nobody_elses(desk, appeal, first, signed_in):
    drawn = desk.act(f"/outgoing/{first['client_uuid']}/attachments", file=a_file())
    (path,) = re.findall(r"/operator(/attachments/\d+)", drawn)
    assert desk.page(path) == "%PDF-1.4"
    desk.answer.close()
    igors = Desk(signed_in(cast.igor()))
    igors.page(path, status=404)
    igors.act(f"/outgoing/{first['client_uuid']}/attachments", status=404, file=a_file())

    assert "счёт" not in desk.act(path, method="delete")


def test_a_picture_is_shown_in_the_letter(desk, appeal, first):
    png = bytes.fromhex("89504e470d0a1a0a") + b"rest"
    desk.act(f"/outgoing/{first['client_uuid']}/pictures", file=(io.BytesIO(png), "a.png", "image/png"))
    address = desk.answer.json["address"]
    assert desk.browser.get(address).mimetype == "image/png"

    del first["text"]
    for _pressed_twice in range(2):
        desk.act("/outgoing", html=f'<div>Вот: <img src="{address}"></div>', **first)

    (one,) = begun()
    assert f'src="{address}"' in desk.part(f"/appeals/{one.id}")


def test_what_was_typed_is_found_again(desk, appeal, first, words):
    desk.act(f"/outgoing/{first['client_uuid']}", method="put", **{**first, "html": "<div>Заказ <b>готов</b></div>"})
    assert desk.answer.json["words"].startswith("Черновик сохранён")

    assert "не окончено" in words(desk.part("/outgoing"))
    drawn = desk.part(f"/outgoing?name={first['client_uuid']}")
    assert "<b>готов</b>" in drawn
    assert 'value="Заказ 7"' in drawn
    assert "sidorov@client.example" not in desk.act(f"/outgoing/{first['client_uuid']}", method="delete")


def test_it_is_planned_seen_and_cancelled(desk, appeal, first, words, clock):
    at = f"{i18n.local(centre_clock.now() + dt.timedelta(days=1)):%Y-%m-%dT%H:%M}"
    desk.act("/outgoing", status=422, start="later", at="", **first)
    assert 'data-field="at"' in desk.answer.text

    drawn = words(desk.act("/outgoing", start="later", at=at, **first))

    assert "Запланировано на" in drawn
    assert "Отменить отправку : sidorov@client.example" in drawn
    assert f'value="{at}"' in desk.part(f"/outgoing?name={first['client_uuid']}")
    assert "не окончено" in words(desk.act(f"/outgoing/{first['client_uuid']}/moment", method="delete"))
    assert "Отменить" not in desk.part("/outgoing")
    clock.forward(dt.timedelta(days=2))
    work.run_due()
    assert begun() == []


def test_templates_are_filled_in_for_the_client_who_is_chosen(desk, appeal, first, words):
    with unit_of_work():
        text = "Здравствуйте, {{client.first_name}}! {{appeal.subject}}, {{appeal.number}}"
        template = templates.create(TemplateWanted("Готов", text), by="test")
    cast.reread(appeal).client_id = cast.petrov().id
    db.session.commit()

    asked = f"of={appeal.id}&subject=Заказ 7&queue_id={appeal.queue_id}"
    drawn = desk.part(f"/outgoing/templates?{asked}")
    assert 'data-text="Здравствуйте, Пётр! Заказ 7, {{appeal.number}}"' in drawn
    assert "Номер подставится при отправке" in words(drawn)
    assert "Здравствуйте, Пётр!" in desk.part(f"/outgoing/templates/list?email={cast.PETROV}&words=готов")
    assert "<mark>{{client.first_name}}</mark>" in desk.part("/outgoing/templates?email=nobody@client.example")
    desk.act(f"/outgoing/templates/{template.id}/star", status=204, method="put")
    desk.act(f"/outgoing/templates/{template.id}/star", status=204, method="delete")
    assert "сохранён" in desk.act("/outgoing/templates", name="Мой", text="Ваш заказ")

    desk.act("/outgoing", status=422, **{**first, "text": "Здравствуйте, {{client.first_name}}!"})
    assert 'data-field="text"' in desk.answer.text
    desk.act("/outgoing", **{**first, "text": "Здравствуйте, Пётр! {{appeal.number}}", "templates": str(template.id)})
    assert f"Пётр! {begun()[0].number}" in desk.part(f"/appeals/{begun()[0].id}")


def test_of_a_client_who_is_known_an_address_is_chosen_and_an_open_appeal_is_offered(desk, appeal, first, hidden):
    drawn = desk.part(f"/outgoing?of={appeal.id}")
    (way,) = re.findall(r'<option value="(\d+:\d+)"[^>]*[^d]>', drawn)
    assert " disabled" not in drawn
    fields = {**first, "email": "", "way": way, "of": appeal.id}

    desk.act("/outgoing", status=409, **fields)
    assert 'data-refusal="OpenThere"' in desk.answer.text
    assert f'href="/operator/appeals/{appeal.id}"' in desk.answer.text
    desk.act("/outgoing", confirmed="1", **fields)

    assert [each.address_id for each in begun()] == [appeal.address_id]


def test_the_daily_limit_is_a_setting(desk, appeal, first, app, monkeypatch):
    monkeypatch.setitem(app.config, "CEC", dataclasses.replace(app.config["CEC"], outgoing_per_day=1))
    desk.act("/outgoing", **first)

    desk.act("/outgoing", status=409, confirmed="1", **{**first, "client_uuid": str(uuid.uuid4())})

    assert "предел первых сообщений" in desk.answer.text


def test_every_door_leads_here_with_the_client_filled_in(desk, appeal):
    door = f"/operator/outgoing?of={appeal.id}"
    assert door in desk.page(f"/appeals/{appeal.id}")
    assert door in desk.part(f"/history/{appeal.id}"), "history and search open an appeal to be read"
    assert f"/operator/appeals/{appeal.id}" in desk.part("/search?words=petrov"), "search opens one that is hers"
    assert cast.PETROV in desk.part(f"/outgoing?of={appeal.id}")
    assert 'value="new@client.example"' in desk.part("/outgoing?email=new@client.example")


@pytest.fixture
def quiet(db):
    """Give a function that lets the shop be quiet from ten past noon on; it is noon in Moscow."""

    def be_quiet():
        with unit_of_work():
            account = cast.a_mailbox()
            hours = {"from": "12:10", "to": "12:50", "zone": "Europe/Moscow"}
            account.config = {**account.config, "quiet": hours}

    return be_quiet


def test_in_quiet_hours_it_is_offered_to_plan_it_for_their_end(desk, appeal, first, clock, quiet, words):
    quiet()
    clock.forward(dt.timedelta(minutes=11))

    desk.act("/outgoing", status=409, confirmed="1", **first)
    assert "Здесь тихие часы до 23 ноября 2026, 12:50" in desk.answer.text
    (at,) = re.findall(r'data-plan="([^"]+)"', desk.answer.text)
    assert "Запланировать на 23 ноября 2026, 12:50" in words(desk.answer.text)
    desk.act("/outgoing", status=422, start="later", at="2026-11-23T12:49", confirmed="1", **first)
    assert 'data-field="at"' in desk.answer.text
    desk.act("/outgoing", start="later", at=at, confirmed="1", **first)

    assert begun() == []
    clock.forward(dt.timedelta(minutes=40))
    work.run_due()
    assert len(begun()) == 1


def test_what_quiet_hours_hold_back_is_seen_by_whoever_planned_it(desk, appeal, first, clock, quiet, words):
    desk.act("/outgoing", start="later", at="2026-11-23T12:15", confirmed="1", **first)
    quiet()
    clock.forward(dt.timedelta(minutes=16))
    work.run_due()

    assert "тихие часы, уйдёт 23 ноября 2026, 12:50" in words(desk.part("/outgoing"))
    drawn = words(desk.part(f"/outgoing?name={first['client_uuid']}"))
    assert "Должно было уйти 23 ноября 2026, 12:15." in drawn
