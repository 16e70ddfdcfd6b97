"""Guide 3.2.6: in the card of a client Anna sees and notes that he does not want to be written to first."""

import uuid

import cast

from cec.appeals.models import Appeal
from cec.platform.db import db
from tests.web.operator.conftest import Desk


def first_to(appeal, **more):
    facts = {"client_uuid": str(uuid.uuid4()), "queue_id": str(appeal.queue_id), "on_silence": "close"}
    return {"email": cast.PETROV, "subject": "Скидки", "text": "До пятницы!", "confirmed": "1", **facts, **more}


def test_what_petrov_said_is_in_his_card_and_above_a_first_message(desk, appeal, client_writes, words):
    assert "Снова можно писать" not in desk.page(f"/appeals/{appeal.id}")
    client_writes("СТОП")

    drawn = words(desk.page(f"/appeals/{appeal.id}"))
    assert "Не хочет, чтобы писали первыми с 23 ноября 2026" in drawn
    assert "по собственному сообщению" in drawn
    assert "Клиент не хочет, чтобы ему писали первыми" in drawn, "in the conversation too"
    assert "СТОП" in drawn
    assert "Не хочет, чтобы писали первыми с 23 ноября" in words(desk.part(f"/outgoing?of={appeal.id}"))


def test_a_first_message_to_him_is_refused_at_the_recipient_but_for_a_service_message(desk, appeal, client_writes):
    client_writes("Отписаться")

    desk.act("/outgoing", status=422, **first_to(appeal))
    assert 'data-field="email"' in desk.answer.text
    assert "С 23 ноября 2026" in desk.answer.text
    desk.act("/outgoing", **first_to(appeal, is_service="1"))

    begun = db.session.scalars(db.select(Appeal).where(Appeal.direction == "out")).one()
    assert "Исходящее обращение, служебное сообщение: Вы" in desk.page(f"/appeals/{begun.id}")


def test_the_tick_is_kept_with_what_is_typed(desk, appeal):
    fields = first_to(appeal, is_service="1")
    desk.act(f"/outgoing/{fields['client_uuid']}", method="put", **fields)

    drawn = desk.part(f"/outgoing?name={fields['client_uuid']}")

    assert 'name="is_service" value="1" aria-describedby="hint-is-service" checked' in drawn


def test_anna_notes_it_and_takes_it_back_in_place(desk, appeal, words):
    door = f"/appeals/{appeal.id}/opt-out"
    drawn = words(desk.act(door, method="put"))
    assert "отметил(а) Анна Котова" in drawn
    assert "отметил(а) Анна Котова" in words(desk.act(door, method="put")), "pressed twice it is noted once"
    desk.act("/outgoing", status=422, **first_to(appeal))

    drawn = words(desk.act(door, method="delete"))

    assert "Снова можно" not in drawn
    desk.act(door, method="delete")
    desk.act("/outgoing", **first_to(appeal))
    told = [name for name in cast.story(appeal.key) if name.startswith("client.opted")]
    assert told == ["client.opted_out", "client.opted_back_in"]
    drawn = words(desk.page(f"/appeals/{appeal.id}"))
    assert "Вы: отмечено, что клиент не хочет, чтобы ему писали первыми" in drawn


def test_of_appeals_of_others_nothing_is_noted(desk, appeal, signed_in):
    igors = Desk(signed_in(cast.igor()))

    for method in ("put", "delete"):
        igors.act(f"/appeals/{appeal.id}/opt-out", status=404, method=method)
    igors.part(f"/appeals/{appeal.id}/opt-out", status=404)
