"""Guide 3.3.1, 3.3.2: templates in the composer, saved from it, counted when sent; the prompter."""

import uuid

import cast
import pytest

from cec.appeals.models import Message
from cec.platform.db import unit_of_work
from cec.replies import catalogues, templates
from cec.replies.catalogues import Place
from cec.replies.models import ReplyFavourite, ReplyTemplate, ReplyUse
from cec.replies.templates import Wanted
from tests.web.operator.conftest import PART


@pytest.fixture
def greeting(db) -> ReplyTemplate:
    with unit_of_work():
        text = 'Здравствуйте, {{client.first_name|default:"клиент"}}! Номер {{appeal.number}}.\nС уважением'
        template = templates.create(Wanted("Приветствие", text, "начало"), by="test")
    return db.session.get_one(ReplyTemplate, template.id)


def test_the_panel_shows_templates_filled_in_for_this_appeal(desk, appeal, greeting, words):
    drawn = desk.part(f"/appeals/{appeal.id}/templates")

    assert f"Номер {appeal.number}." in words(drawn)
    assert f'data-text="Здравствуйте, Пётр! Номер {appeal.number}.\nС уважением"' in drawn
    assert "Избранные" in words(drawn)


def test_words_and_places_narrow_the_list(desk, appeal, greeting, words):
    with unit_of_work():
        templates.create(Wanted("Моё <b>", "Прощайте, {{appeal.subject}}"), owner=cast.anna(), by="test")

    assert "Приветствие" not in words(desk.part(f"/appeals/{appeal.id}/templates/list?place=own"))
    drawn = desk.part(f"/appeals/{appeal.id}/templates/list?words=прощай")
    assert "Моё &lt;b&gt;" in drawn
    assert "Приветствие" not in drawn
    assert "нет «пирог»" in words(desk.part(f"/appeals/{appeal.id}/templates/list?words=пирог"))
    assert "В избранном пока пусто" in words(desk.part(f"/appeals/{appeal.id}/templates/list?place=favourite"))


def test_what_is_not_known_is_marked(desk, appeal, words):
    with unit_of_work():
        appeal.subject = ""
        templates.create(Wanted("Имя", "Уважаемая {{appeal.subject}}"), by="test")

    drawn = desk.part(f"/appeals/{appeal.id}/templates")

    assert "<mark>{{appeal.subject}}</mark>" in drawn
    assert "так оно не уйдёт" in words(drawn)


def test_templates_of_other_queues_and_people_are_not_there(desk, appeal, db):
    with unit_of_work():
        other = catalogues.create(Place("Оплата", None, cast.a_queue("payment").id), by="test")
        elsewhere = templates.create(Wanted("Касса", "Да", catalogue=other), by="test")
        igors = templates.create(Wanted("Игоря", "Да"), owner=cast.igor(), by="test")

    drawn = desk.part(f"/appeals/{appeal.id}/templates")

    assert "Касса" not in drawn
    assert "Игоря" not in drawn
    for template in (elsewhere, igors):
        desk.act(f"/appeals/{appeal.id}/templates/{template.id}/star", 404, "put")


def test_a_star_is_set_and_taken_away(desk, appeal, greeting, db):
    star = f"/appeals/{appeal.id}/templates/{greeting.id}/star"
    desk.act(star, 204, "put")
    assert db.session.scalars(db.select(ReplyFavourite.template_id)).all() == [greeting.id]
    assert "data-starred" in desk.part(f"/appeals/{appeal.id}/templates")

    desk.act(star, 204, "delete")
    assert db.session.scalars(db.select(ReplyFavourite.template_id)).all() == []


def test_an_answer_counts_its_template_and_the_prompter_offers_it(desk, appeal, greeting, words, db):
    assert desk.part(f"/appeals/{appeal.id}/suggestions").strip() == ""

    text = f"Здравствуйте, Пётр! Номер {appeal.number}. С уважением, Анна"
    sent = {"text": text, "client_uuid": uuid.uuid4(), "seen_message_id": appeal.last_client_message_id}
    desk.act(f"/appeals/{appeal.id}/messages", templates=f"{greeting.id} 0 x {'9' * 30}", **sent)

    assert [(use.template_id, use.is_edited) for use in db.session.scalars(db.select(ReplyUse))] == [
        (greeting.id, False)
    ]
    shown = desk.part(f"/appeals/{appeal.id}/suggestions")
    assert 'data-key="Alt+KeyQ"' in shown
    assert "Приветствие" in words(shown)
    assert "1 раз" in words(shown)


def test_an_answer_with_a_placeholder_is_refused_at_its_field(desk, appeal, db):
    sent = {"client_uuid": uuid.uuid4(), "seen_message_id": appeal.last_client_message_id}

    drawn = desk.act(f"/appeals/{appeal.id}/messages", 422, text="Здравствуйте, {{client.first_name}}!", **sent)

    assert 'data-field="text"' in drawn
    assert "{{client.first_name}}" in drawn
    assert db.session.scalars(db.select(Message).where(Message.direction == "out")).all() == []


def test_a_draft_keeps_its_templates_for_the_next_window(desk, appeal, greeting):
    draft = {"text": "Здравствуйте", "client_uuid": uuid.uuid4(), "version": 0, "templates": str(greeting.id)}
    desk.act(f"/appeals/{appeal.id}/draft", method="put", **draft)

    assert f'name="templates" value="{greeting.id}"' in desk.page(f"/appeals/{appeal.id}")


def test_what_is_written_is_saved_as_a_template_of_ones_own(desk, appeal, words, db):
    typed = {"name": "Склад", "text": "Уточню у склада", "path": "Доставка / Сроки"}

    def keep(status=200, **other):
        asked = {"data": {**typed, **other}, "headers": PART}
        answer = desk.browser.post(f"/operator/appeals/{appeal.id}/templates", **asked)
        assert answer.status_code == status
        return answer.text

    assert "Шаблон «Склад» сохранён" in words(keep())
    assert 'data-field="name"' in keep(422)
    assert 'data-field="path"' in keep(422, path="1/2/3/4")
    assert 'data-field="text"' in keep(422, text="{{x}}")
    template = db.session.scalars(db.select(ReplyTemplate)).one()
    assert (template.owner_id, templates.path(template)) == (cast.anna().id, "Доставка › Сроки")


def test_templates_of_somebody_elses_appeal_are_not_shown(desk, appeal, signed_in):
    window = signed_in(cast.igor())

    for path in ("templates", "templates/list", "suggestions"):
        assert window.get(f"/operator/appeals/{appeal.id}/{path}").status_code == 404
