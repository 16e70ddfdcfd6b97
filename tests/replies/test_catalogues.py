"""Catalogues of templates (guide 5.3, 3.3.4)."""

import pytest

from cec.platform import journal
from cec.platform.changes import ChangedMeanwhile, mark_of
from cec.platform.db import unit_of_work
from cec.platform.errors import NotFound
from cec.replies import catalogues, templates
from cec.replies.catalogues import (
    CatalogueGone,
    CatalogueHolds,
    CatalogueNameMissing,
    CatalogueNameTaken,
    InsideItself,
    PathUnfit,
    Place,
    TooDeep,
)
from tests import cast


def paths(owner=None):
    return [branch.path for branch in catalogues.tree(owner)]


def test_catalogues_lie_in_each_other_five_deep_and_no_deeper(a_catalogue):
    inner = None
    for depth in range(1, 6):
        inner = a_catalogue(f"Уровень {depth}", inner)

    with pytest.raises(TooDeep):
        a_catalogue("Уровень 6", inner)
    assert paths()[-1] == " › ".join(f"Уровень {depth}" for depth in range(1, 6))


def test_a_name_is_taken_once_beside_others_whatever_its_letters(a_catalogue):
    delivery = a_catalogue("Доставка")
    a_catalogue("Сроки", delivery)

    for name, parent in (("доставка", None), ("СРОКИ", delivery)):
        with pytest.raises(CatalogueNameTaken):
            a_catalogue(name, parent)
    assert a_catalogue("Сроки").id
    for name in ("", "  ", "x" * 81):
        with pytest.raises(CatalogueNameMissing):
            a_catalogue(name)


def test_a_catalogue_moves_with_what_lies_in_it_but_not_into_itself(a_catalogue):
    delivery, payment = a_catalogue("Доставка"), a_catalogue("Оплата")
    delays = a_catalogue("Сроки", delivery)

    with pytest.raises(InsideItself):
        catalogues.change(delivery, Place("Доставка", delays.id), by="test")
    with pytest.raises(CatalogueGone):
        catalogues.change(delivery, Place("Доставка", 999), by="test")
    catalogues.change(delivery, Place("Доставка", payment.id), by="employee:1")

    assert paths() == ["Оплата", "Оплата › Доставка", "Оплата › Доставка › Сроки"]
    assert journal.history(f"reply_catalogue:{delivery.id}")[-1].facts["changed"] == {"parent_id": [None, payment.id]}


def test_moving_a_tree_counts_its_height(a_catalogue):
    inner, deep = a_catalogue("А"), a_catalogue("1")
    for name in ("Б", "В", "Г"):
        inner = a_catalogue(name, inner)
    a_catalogue("2", deep)

    with pytest.raises(TooDeep):
        catalogues.change(deep, Place("1", inner.id), by="test")


def test_what_lies_in_a_catalogue_of_a_queue_is_of_that_queue(a_catalogue, db):
    queue = cast.a_queue("delivery")
    delivery = a_catalogue("Доставка")
    delays = a_catalogue("Сроки", delivery)

    catalogues.change(delivery, Place("Доставка", None, queue.id), by="test")
    further = a_catalogue("Отказы", delays)

    assert {branch.catalogue.queue_id for branch in catalogues.tree(None)} == {queue.id}
    assert further.queue_id == queue.id


def test_a_catalogue_with_something_in_it_is_not_removed_and_says_what(a_catalogue, a_template):
    delivery = a_catalogue("Доставка")
    delays = a_catalogue("Сроки", delivery)
    template = a_template("Завтра", catalogue=delivery)

    with pytest.raises(CatalogueHolds) as told:
        catalogues.remove(delivery, by="test")
    assert told.value.facts == {"templates": 1, "catalogues": 1}
    with unit_of_work():
        catalogues.remove(delays, by="test")
        templates.remove(template, by="test")
        catalogues.remove(delivery, by="test")

    assert paths() == []
    with pytest.raises(NotFound):
        catalogues.get(delivery.id)
    assert a_catalogue("Доставка").id != delivery.id


def test_a_catalogue_changed_meanwhile_is_not_overwritten(a_catalogue):
    delivery = a_catalogue("Доставка")
    seen = mark_of(catalogues.values(delivery))
    catalogues.change(delivery, Place("Привоз"), by="test", seen=seen)

    with pytest.raises(ChangedMeanwhile):
        catalogues.change(delivery, Place("Отвоз"), by="test", seen=seen)


def test_own_catalogues_are_made_by_their_path_and_go_when_empty(a_template, db):
    anna = cast.anna()
    with unit_of_work():
        delays = catalogues.at_path(" Доставка /Сроки", anna)
        same = catalogues.at_path("доставка › сроки", anna)
    template = a_template("Завтра", owner=anna, catalogue=delays)

    assert same.id == delays.id
    assert paths(anna) == ["Доставка", "Доставка › Сроки"]
    assert paths(cast.igor()) == paths() == []
    for path in ("1/2/3/4", "x" * 81):
        with pytest.raises(PathUnfit):
            catalogues.at_path(path, anna)
    assert catalogues.at_path(" / ", anna) is None
    with unit_of_work():
        templates.remove(template, by="test")
        catalogues.tidy(anna)
    assert paths(anna) == []
