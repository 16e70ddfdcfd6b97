"""5.3: the administrator's templates and their catalogues."""

import cast
import pytest
from cast import vera

from cec.platform import journal
from cec.platform.db import unit_of_work
from cec.replies import catalogues, finding, templates
from cec.replies.catalogues import Place
from cec.replies.finding import Filters
from cec.replies.models import ReplyCatalogue
from cec.replies.templates import Wanted

AT = "/centre/templates"


@pytest.fixture
def window(signed_in):
    return signed_in(vera())


@pytest.fixture
def delivery(db) -> ReplyCatalogue:
    with unit_of_work():
        catalogue = catalogues.create(Place("Доставка"), by="test")
    return db.session.get_one(ReplyCatalogue, catalogue.id)


def shared():
    return [(each.name, each.text, each.is_active) for each, _uses in finding.shared(Filters())]


def test_a_template_is_added_changed_switched_off_removed_and_brought_back(window, delivery, words):
    typed = {
        "name": "Завтра",
        "text": "Приедем {{date}}",
        "catalogue_id": delivery.id,
        "is_active": "1",
        "tags": "срок",
    }
    window.post(f"{AT}/new", data=typed)
    assert shared() == [("Завтра", "Приедем {{date}}", True)]
    template = finding.shared(Filters())[0][0]

    seen = window.get(f"{AT}/{template.id}").text.partition('name="seen" value="')[2].partition('"')[0]
    window.post(f"{AT}/{template.id}", data={"name": "Завтра", "text": "Приедем", "seen": seen})
    assert shared() == [("Завтра", "Приедем", False)]
    told = journal.history(template.key)[-1]
    assert told.by == vera().key
    assert told.facts["changed"]["text"] == ["Приедем {{date}}", "Приедем"]
    assert told.facts["changed"]["is_active"] == [True, False]
    assert window.post(f"{AT}/{template.id}", data={**typed, "seen": seen}).status_code == 409

    gone = window.get(window.post(f"{AT}/{template.id}/removal").location).text
    assert shared() == []
    assert "Шаблон «Завтра» удалён." in words(gone)
    window.post(f"{AT}/{template.id}/return")
    assert shared() == [("Завтра", "Приедем", False)]
    assert [entry.name for entry in journal.history(template.key)] == [
        "reply_template.changed", "reply_template.changed", "reply_template.removed", "reply_template.returned",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"), ({"text": "{{client"}, "text"), ({"text": ""}, "text"),
        ({"catalogue_id": "99"}, "catalogue_id"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_template_is_told_at_its_field(window, wrong, field):
    answer = window.post(f"{AT}/new", data={"name": "Завтра", "text": "Приедем", **wrong})

    assert answer.status_code == 422
    assert f'data-error="{field}"' in answer.text
    assert shared() == []


def test_the_list_is_narrowed_by_words_catalogue_and_state(window, delivery, words):
    with unit_of_work():
        templates.create(Wanted("Завтра", "Привезём заказ", catalogue=delivery), by="test")
        templates.create(Wanted("Деньги", "Вернём деньги", is_active=False), by="test")

    for asked, found in (
        ("words=заказы", ["Завтра"]), (f"catalogue={delivery.id}", ["Завтра"]), ("state=inactive", ["Деньги"]),
        ("state=unused", ["Деньги", "Завтра"]), ("state=unknown", ["Деньги", "Завтра"]), ("words=пирог", []),
    ):  # fmt: skip
        page = window.get(f"{AT}?{asked}").text
        assert [name for name in ("Деньги", "Завтра") if f'title="{name}"' in page] == found
    assert "Ни один шаблон не подходит" in words(window.get(f"{AT}?words=пирог").text)


def test_a_persons_own_template_is_not_here(window):
    with unit_of_work():
        own = templates.create(Wanted("Моё", "Да"), owner=cast.anna(), by="test")

    assert "Моё" not in window.get(AT).text
    assert window.get(f"{AT}/{own.id}").status_code == 404
    assert window.post(f"{AT}/{own.id}/removal").status_code == 404


def test_the_preview_fills_in_a_sample(window, words):
    drawn = window.post(f"{AT}/preview", data={"text": "{{client.first_name}}, {{appeal.subject}}"}).text

    assert "Ольга, Заказ 81-5206" in words(drawn)


def test_a_catalogue_is_added_moved_given_to_a_queue_and_removed_when_empty(window, delivery, words):
    queue = cast.a_queue("delivery")
    window.post(f"{AT}/catalogues", data={"name": "Сроки", "parent_id": delivery.id, "queue_id": queue.id})
    delays = catalogues.tree(None)[1].catalogue
    assert (delays.name, delays.parent_id, delays.queue_id) == ("Сроки", delivery.id, queue.id)

    refused = window.post(f"{AT}/catalogues/{delivery.id}/removal")
    assert refused.status_code == 409
    assert "лежат шаблоны (0) и каталоги (1)" in words(refused.text)

    window.post(f"{AT}/catalogues/{delays.id}", data={"name": "Сроки", "parent_id": "", "queue_id": ""})
    assert [branch.path for branch in catalogues.tree(None)] == ["Доставка", "Сроки"]
    window.post(f"{AT}/catalogues/{delivery.id}/removal")
    assert [branch.path for branch in catalogues.tree(None)] == ["Сроки"]


@pytest.mark.parametrize(
    ("wrong", "field"), [({"name": ""}, "name"), ({"name": "доставка"}, "name"), ({"parent_id": "99"}, "parent_id")]
)
def test_what_is_wrong_with_a_catalogue_is_told_at_its_field(window, delivery, wrong, field):
    answer = window.post(f"{AT}/catalogues", data={"name": "Сроки", "parent_id": "", "queue_id": "", **wrong})

    assert answer.status_code == 422
    assert f'data-error="{field}"' in answer.text


def test_a_catalogue_cannot_be_moved_into_itself_or_over_another_change(window, delivery):
    typed = {"name": "Доставка", "parent_id": delivery.id, "queue_id": ""}

    assert window.post(f"{AT}/catalogues/{delivery.id}", data=typed).status_code == 422
    assert (
        window.post(f"{AT}/catalogues/{delivery.id}", data={**typed, "parent_id": "", "seen": "x"}).status_code == 409
    )
