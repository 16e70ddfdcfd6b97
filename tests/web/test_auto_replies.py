"""Guide 5.6: the administrator writes automatic answers."""

import pytest

from cec.platform.db import db
from cec.replies.models import AutoReply
from tests import cast

AT = "/centre/auto-replies"
FIELDS = {"name": "Приняли", "event": "arrived", "text": "Номер {{appeal.number}}", "channel": "email", "queue_id": "",
          "calendar_id": "", "is_active": "1"}  # fmt: skip


@pytest.fixture
def vera(signed_in):
    cast.a_centre()
    return signed_in(cast.vera())


def test_an_automatic_answer_is_added_and_changed_and_its_history_told(vera, words):
    assert vera.post(f"{AT}/new", data=FIELDS).status_code == 303
    reply = db.session.scalars(db.select(AutoReply)).one()
    seen = vera.get(f"{AT}/{reply.id}").text.partition('name="seen" value="')[2].partition('"')[0]
    changed = {**FIELDS, "text": "Иначе", "event": "closed", "seen": seen}
    del changed["is_active"]
    assert vera.post(f"{AT}/{reply.id}", data=changed).status_code == 303
    assert vera.post(f"{AT}/{reply.id}", data=changed).status_code == 409, "somebody was faster"

    db.session.refresh(reply)
    assert (reply.text, reply.is_active) == ("Иначе", False)
    page = words(vera.get(f"{AT}/{reply.id}").text)
    assert "Номер {{appeal.number}}" in page, "what it was"
    assert "Поступило новое обращение" in page
    assert "Приняли" in vera.get(AT).text
    assert "000123" in vera.post(f"{AT}/preview", data=FIELDS).text


def test_the_page_tells_what_became_of_the_last_ones(vera, words):
    vera.post(f"{AT}/new", data=FIELDS)
    sent = cast.an_appeal()
    kept = cast.an_appeal("Я в отпуске", sender="x@client.example", Auto_Submitted="auto-replied")
    reply = db.session.scalars(db.select(AutoReply)).one()

    page = words(vera.get(f"{AT}/{reply.id}").text)

    assert f"{sent.number} Отправлено" in page
    assert f"{kept.number} Не отправлен: написала машина или рассылка" in page


def test_what_is_wrong_is_said_at_its_field_and_stays_typed(vera):
    wrong = {"name": "", "text": "{{appeal.colour}}", "event": "never", "queue_id": "99"}
    for field, value in wrong.items():
        answer = vera.post(f"{AT}/new", data={**FIELDS, field: value})
        assert answer.status_code == 422
        assert f'error-{field}"' in answer.text
    assert db.session.scalars(db.select(AutoReply)).all() == []


def test_others_may_not(signed_in):
    assert signed_in(cast.anna()).get(AT).status_code == 403
