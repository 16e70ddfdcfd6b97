"""Templates: what they may say, whose they are, removed and brought back (guide 5.3, 3.3.4)."""

import pytest

from cec.platform import journal
from cec.platform.changes import ChangedMeanwhile, mark_of
from cec.platform.db import unit_of_work
from cec.platform.errors import NotFound
from cec.replies import catalogues, templates
from cec.replies.filling_in import PlaceholderUnknown
from cec.replies.templates import (
    TagsTooLong,
    TemplateNameMissing,
    TemplateNameTaken,
    TemplateTextMissing,
    TemplateTextTooLong,
    TooManyOwn,
    Wanted,
)
from tests import cast


@pytest.mark.parametrize(
    ("refusal", "wanted"),
    [
        (TemplateNameMissing, {"name": "  "}),
        (TemplateNameMissing, {"name": "x" * 121}),
        (TemplateTextMissing, {"text": " \n "}),
        (TemplateTextTooLong, {"text": "x" * 4097}),
        (TagsTooLong, {"tags": "x" * 201}),
        (PlaceholderUnknown, {"text": "{{client.secret}}"}),
        (TemplateNameTaken, {"name": "ЗАВТРА"}),
    ],
)
def test_what_a_template_cannot_be_is_refused(a_template, refusal, wanted):
    a_template("Завтра")

    with pytest.raises(refusal):
        templates.create(Wanted(**{"name": "Другой", "text": "Добрый день", **wanted}), by="test")


def test_old_and_new_words_of_a_shared_template_stand_in_the_journal(a_template):
    template = a_template("Завтра", "Приедем завтра")

    templates.change(template, Wanted("Завтра", "Приедем  {{date}}\r\n", " срок,  доставка ,"), by="employee:4")

    told = journal.history(template.key)[-1]
    assert told.by == "employee:4"
    assert told.facts["changed"] == {
        "text": ["Приедем завтра", "Приедем  {{date}}"], "tags": ["", "срок, доставка"],
    }  # fmt: skip


def test_what_a_person_keeps_for_himself_is_not_in_the_journal_and_nobody_elses(a_template):
    template = a_template("Моё", owner=cast.anna())

    assert journal.history(template.key) == []
    for owner in (None, cast.igor()):
        with pytest.raises(NotFound):
            templates.get(template.id, owner)


def test_a_template_changed_meanwhile_is_not_overwritten(a_template):
    template = a_template("Завтра")
    seen = mark_of(templates.values(template))
    templates.change(template, Wanted("Завтра", "Первая"), by="test", seen=seen)

    with pytest.raises(ChangedMeanwhile):
        templates.change(template, Wanted("Завтра", "Вторая"), by="test", seen=seen)


def test_a_removed_template_comes_back_unless_its_name_is_taken(a_template):
    anna = cast.anna()
    with unit_of_work():
        delays = catalogues.at_path("Сроки", anna)
    template = a_template("Завтра", owner=anna, catalogue=delays)
    with unit_of_work():
        templates.remove(template, by="test")
        catalogues.tidy(anna)
    other = a_template("завтра", owner=anna)

    gone = templates.get(template.id, anna, removed=True)
    with pytest.raises(TemplateNameTaken):
        templates.bring_back(gone, owner=anna, by="test")
    with unit_of_work():
        templates.remove(other, by="test")
        templates.bring_back(gone, owner=anna, by="test")

    assert [(each.name, each.catalogue) for each in templates.list_own(anna)] == [("Завтра", None)]


def test_a_person_has_two_hundred_and_no_more(a_template):
    anna = cast.anna()
    with unit_of_work():
        for number in range(templates.MOST_OWN):
            templates.create(Wanted(f"Мой {number}", "Да"), owner=anna, by="test")

    with pytest.raises(TooManyOwn):
        a_template("Ещё один", owner=anna)
    assert a_template("Ещё один", owner=cast.igor()).id
