"""Answers written with templates: filled, counted when sent, never with a placeholder (guide 3.3.1)."""

import datetime as dt
import uuid

import pytest

from cec.appeals import conversation, drafts, replying
from cec.appeals.letters import Letter
from cec.clients.models import Client
from cec.platform.db import unit_of_work
from cec.replies import templates
from cec.replies.filling_in import PlaceholderLeft
from cec.replies.models import ReplyTemplate, ReplyUse
from cec.replies.templates import Wanted
from tests import cast

GREETING = 'Здравствуйте, {{client.first_name|default:"клиент"}}! Заказ привезём завтра, с 10 до 14.'


@pytest.fixture
def template(centre, db) -> ReplyTemplate:
    with unit_of_work():
        template = templates.create(Wanted("Завтра", GREETING), by="test")
    return db.session.get_one(ReplyTemplate, template.id)


def send(appeal, text, *used, client_uuid=None):
    with unit_of_work():
        return conversation.send(
            cast.reread(appeal), by=cast.anna(), letter=Letter(text, templates=tuple(each.id for each in used)),
            client_uuid=client_uuid or uuid.uuid4(), seen_message_id=appeal.last_message_id,
            undo=dt.timedelta(seconds=5),
        )  # fmt: skip


def uses(db):
    db.session.expire_all()
    return [
        (use.template_id, use.employee_id, use.queue_id, use.is_edited)
        for use in db.session.scalars(db.select(ReplyUse))
    ]


def test_placeholders_stand_for_what_is_known_of_client_operator_and_appeal(appeal, db):
    anna = cast.anna()
    before = replying.values(appeal, by=anna)
    appeal.client = Client(name="Пётр Петров")

    assert "client.first_name" not in before
    assert replying.values(appeal, by=anna) == {
        "client.first_name": "Пётр", "operator.first_name": "Анна", "appeal.number": appeal.number,
        "appeal.subject": "Заказ", "date": "23 ноября 2026",
    }  # fmt: skip


def test_an_unchanged_answer_and_a_changed_one_are_counted_apart(appeal, template, db):
    filled = "Здравствуйте, клиент! Заказ привезём завтра, с 10 до 14."
    send(appeal, f"  {filled}\n\nПишите, если что.", template)
    send(appeal, filled.replace("завтра", "в пятницу"), template)

    anna, queue = cast.anna().id, appeal.queue_id
    assert uses(db) == [(template.id, anna, queue, False), (template.id, anna, queue, True)]


def test_a_template_whose_words_were_all_replaced_was_not_used(appeal, template, db):
    send(appeal, "Спасибо за письмо, уточняю у склада и вернусь к вам.", template)

    assert uses(db) == []


def test_a_repeated_request_counts_once_and_what_one_may_not_use_is_not_counted(appeal, template, db):
    with unit_of_work():
        others = templates.create(Wanted("Чужое", "Заказ привезём завтра"), owner=cast.igor(), by="test")
    same = uuid.uuid4()
    for _ in range(2):
        send(appeal, "Заказ привезём завтра, с 10 до 14.", template, others, client_uuid=same)

    assert [use[0] for use in uses(db)] == [template.id]


def test_an_answer_taken_back_is_not_counted_until_it_is_sent_again(appeal, template, db):
    message = send(appeal, "Заказ привезём завтра, с 10 до 14.", template)
    with unit_of_work():
        conversation.undo(message.id, by=cast.anna())

    assert uses(db) == []
    assert drafts.get(cast.reread(appeal), by=cast.anna()).templates == [template.id]


@pytest.mark.parametrize("left", ["{{client.first_name}}", '{{date|default:"x"}}', "{{ appeal.number"])
def test_an_answer_with_a_placeholder_left_is_not_sent(appeal, db, left):
    with pytest.raises(PlaceholderLeft):
        send(appeal, f"Здравствуйте, {left}")
    with pytest.raises(PlaceholderLeft), unit_of_work():
        conversation.send(
            cast.reread(appeal), by=cast.anna(), letter=Letter(html=f"<div>Имя: <b>{left[:4]}</b>{left[4:]}</div>"),
            client_uuid=uuid.uuid4(), seen_message_id=appeal.last_message_id, undo=dt.timedelta(seconds=5),
        )  # fmt: skip


def test_a_note_may_speak_of_placeholders(appeal, db):
    with unit_of_work():
        note = conversation.write_note(
            cast.reread(appeal), by=cast.anna(), text="В шаблоне {{date}} пусто", client_uuid=uuid.uuid4()
        )
    assert note.text == "В шаблоне {{date}} пусто"


def test_a_draft_keeps_which_templates_it_was_written_with(appeal, template, db):
    with unit_of_work():
        drafts.save(
            cast.reread(appeal), by=cast.anna(), letter=Letter("Заказ", templates=(template.id,)), is_note=False
        )

    assert drafts.find(cast.reread(appeal), cast.anna(), is_note=False).templates == [template.id]
