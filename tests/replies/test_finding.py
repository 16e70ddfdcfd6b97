"""Which templates an operator finds in an appeal, and by which words (guide 3.3.1, 5.3.1)."""

import datetime as dt

import pytest

from cec.platform import clock
from cec.platform.db import unit_of_work
from cec.replies import catalogues, finding, templates, using
from cec.replies.finding import Filters
from cec.replies.models import ReplyUse
from tests import cast, stories


@pytest.fixture
def shop(a_catalogue, a_template):
    """Templates of all, of delivery, of payment, Anna's own, Igor's own, and one that is switched off."""
    delivery, payment = cast.a_queue("delivery"), cast.a_queue("payment")
    a_template("Приветствие", "Здравствуйте! Чем помочь?")
    a_template("Перенос доставки", "Привезём ваш заказ завтра", catalogue=a_catalogue("Сроки", queue_id=delivery.id))
    a_template("Возврат денег", "Деньги вернутся", tags="рефанд", catalogue=a_catalogue("Касса", queue_id=payment.id))
    a_template("Моё", "Ёлки привезём отдельно", owner=cast.anna())
    a_template("Чужое", "Привезём", owner=cast.igor())
    a_template("Старое", "Привезём по старой цене", is_active=False)
    return delivery


def names(words="", place="all", *, queue, of=None):
    return [found.template.name for found in finding.usable(words, place, queue_id=queue.id, of=of or cast.anna())]


def test_only_what_can_be_used_here_is_offered(shop):
    assert names(queue=shop) == ["Моё", "Перенос доставки", "Приветствие"]
    assert names(queue=cast.a_queue("payment"), of=cast.igor()) == ["Возврат денег", "Приветствие", "Чужое"]


@pytest.mark.parametrize(
    ("place", "found"),
    [("shared", ["Приветствие"]), ("queue", ["Перенос доставки"]), ("own", ["Моё"]), ("favourite", [])],
)
def test_a_place_narrows_the_list(shop, place, found):
    assert names(place=place, queue=shop) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("заказы", ["Перенос доставки"]),
        ("ДОСТАВКУ", ["Перенос доставки"]),
        ("достав", ["Перенос доставки"]),
        ("елка", ["Моё"]),
        ("приве", ["Приветствие", "Моё", "Перенос доставки"]),
        ("завтра заказ", ["Перенос доставки"]),
        ("рефанд", []),
        ("' | & ! :*", ["Моё", "Перенос доставки", "Приветствие"]),
        ("на", []),
    ],
)
def test_words_are_found_in_any_form_and_as_they_begin(shop, words, found):
    assert names(words, queue=shop) == found


def test_tags_are_words_too(shop):
    assert names("рефанд", queue=cast.a_queue("payment")) == ["Возврат денег"]


def test_starred_ones_come_first_then_those_used_lately(shop, db):
    anna = cast.anna()
    cast.a_centre()
    message = stories.answer(cast.accepted(cast.an_appeal(), anna), anna)
    by_name = {found.template.name: found.template for found in finding.usable("", "all", queue_id=shop.id, of=anna)}
    with unit_of_work():
        using.star(by_name["Приветствие"], of=anna)
        using.star(by_name["Приветствие"], of=anna)
        db.session.add(
            ReplyUse(message_id=message.id, template_id=by_name["Перенос доставки"].id, employee_id=anna.id,
                     appeal_id=message.appeal_id, at=clock.now(), is_edited=False)
        )  # fmt: skip

    assert names(queue=shop) == ["Приветствие", "Перенос доставки", "Моё"]
    assert names(place="favourite", queue=shop) == ["Приветствие"]
    using.unstar(by_name["Приветствие"], of=anna)
    assert names(place="favourite", queue=shop) == []


def test_who_keeps_the_shared_ones_sees_them_all_and_what_nobody_uses(shop, db, clock):
    def found(**filters):
        return [template.name for template, _uses in finding.shared(Filters(**filters))]

    assert found() == ["Возврат денег", "Перенос доставки", "Приветствие", "Старое"]
    assert found(state="inactive") == ["Старое"]
    assert found(words="деньги", state="active") == ["Возврат денег"]
    branch = next(branch for branch in catalogues.tree(None) if branch.catalogue.name == "Касса")
    assert found(catalogue_id=branch.catalogue.id) == ["Возврат денег"]

    anna = cast.anna()
    cast.a_centre()
    message = stories.answer(cast.accepted(cast.an_appeal(), anna), anna)
    greeting = next(template for template, _uses in finding.shared(Filters("чем помочь")))
    with unit_of_work():
        db.session.add(ReplyUse(message_id=message.id, template_id=greeting.id, employee_id=anna.id,
                                appeal_id=message.appeal_id, at=greeting.changed_at, is_edited=True))  # fmt: skip
    assert "Приветствие" not in found(state="unused")
    assert [uses for template, uses in finding.shared(Filters("помочь"))] == [1]
    clock.forward(dt.timedelta(days=91))
    assert "Приветствие" in found(state="unused")
    templates.remove(templates.get(greeting.id), by="test")
    assert "Приветствие" not in found()
