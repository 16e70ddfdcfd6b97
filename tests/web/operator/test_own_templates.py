"""Guide 3.3.4: templates of one's own."""

import pytest
from cast import anna, igor

from cec.platform.db import unit_of_work
from cec.replies import templates
from cec.replies.templates import Wanted

AT = "/profile/templates"


@pytest.fixture
def window(signed_in, db):
    return signed_in(anna())


def own(person=None):
    return [(each.name, each.text, templates.path(each)) for each in templates.list_own(person or anna())]


def test_a_template_is_added_changed_removed_and_brought_back(window, words):
    assert "Своих шаблонов пока нет" in words(window.get(AT).text)
    window.post(f"{AT}/new", data={"name": "Склад", "text": "Уточню у склада", "path": "Доставка/Сроки"})
    assert own() == [("Склад", "Уточню у склада", "Доставка › Сроки")]

    template = templates.list_own(anna())[0]
    window.post(f"{AT}/{template.id}", data={"name": "Склад", "text": "Спрошу склад", "path": ""})
    assert own() == [("Склад", "Спрошу склад", "")]

    answer = window.post(f"{AT}/{template.id}/removal")
    assert own() == []
    assert "Шаблон «Склад» удалён." in words(window.get(answer.location).text)
    window.post(f"{AT}/{template.id}/return")
    assert own() == [("Склад", "Спрошу склад", "")]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"name": ""}, "name"), ({"text": "{{x}}"}, "text"), ({"path": "1/2/3/4"}, "path"), ({"tags": "x" * 201}, "tags")],
)
def test_what_is_wrong_is_told_at_its_field_and_stays_typed(window, wrong, field):
    typed = {"name": "Склад", "text": "Уточню у склада", **wrong}

    answer = window.post(f"{AT}/new", data=typed)

    assert answer.status_code == 422
    assert f'data-error="{field}"' in answer.text
    assert all(value in answer.text for value in typed.values())
    assert own() == []


def test_the_preview_fills_in_a_sample_or_says_what_is_wrong(window, words):
    filled = window.post(
        f"{AT}/preview", data={"text": "Здравствуйте, {{client.first_name}}! Я {{operator.first_name}}."}
    )
    wrong = window.post(f"{AT}/preview", data={"text": "<b>{{x}}"})

    assert "Здравствуйте, Ольга! Я Анна." in words(filled.text)
    assert "Строка 1, знак 4: подстановки «x» нет" in words(wrong.text)
    assert "&lt;b&gt;" in wrong.text


def test_others_templates_are_not_there_and_another_window_does_not_overwrite(window):
    with unit_of_work():
        other = templates.create(Wanted("Игоря", "Да"), owner=igor(), by="test")
        mine = templates.create(Wanted("Моё", "Да"), owner=anna(), by="test")

    for path in ("", "/removal", "/return"):
        assert window.post(f"{AT}/{other.id}{path}", data={"name": "Взял", "text": "Да"}).status_code == 404
    assert window.get(f"{AT}/{other.id}").status_code == 404
    assert window.post(f"{AT}/{mine.id}", data={"name": "Б", "text": "В", "seen": "before"}).status_code == 409
    assert own() == [("Моё", "Да", "")]


def test_the_two_hundred_and_first_is_refused_with_words(window, words, monkeypatch):
    monkeypatch.setattr(templates, "MOST_OWN", 1)
    window.post(f"{AT}/new", data={"name": "Первый", "text": "Да"})

    answer = window.post(f"{AT}/new", data={"name": "Второй", "text": "Да"})

    assert answer.status_code == 409
    assert "сначала удалите лишние" in words(answer.text)
    assert 'value="Второй"' in answer.text
