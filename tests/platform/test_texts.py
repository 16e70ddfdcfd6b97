"""Every text that people read is in the Russian catalogue, and nothing else is."""

import shutil

import pytest

from cec.platform import i18n, texts


def test_the_russian_texts_are_complete_sure_and_needed():
    assert texts.faults() == []


@pytest.fixture
def house(tmp_path, repository):
    """A house with one page, one module, one form, one diagram and one table."""
    for folder in ("cec/platform/locale/ru/LC_MESSAGES", "templates", "processes", "forms", "rules"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "cec/no.py").write_text(
        'class Late(Refusal):\n    """Too late\n    for {name}.\n\n    Nobody reads this."""\n\n'
        'class Later(Late):\n    """Later."""\n\n'
        'class Other:\n    """Not a refusal."""\n\n'
        'a = _("One")\nb = ngettext("%(n)d day", "%(n)d days", 2)\nc = mark("Two" " halves")\n'
    )
    (tmp_path / "templates/page.html").write_text(
        '{{ _("On the page") }}{{ ngettext("%(num)d cup", "%(num)d cups", 3) }}'
    )
    shutil.copy(repository / "forms/postpone_appeal.json", tmp_path / "forms")
    shutil.copytree(repository / "processes/appeal_transfer", tmp_path / "processes/appeal_transfer")
    shutil.copytree(repository / "rules/prioritization", tmp_path / "rules/prioritization")
    (tmp_path / "cec/platform/locale/ru/LC_MESSAGES/messages.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "One"\nmsgstr "Один"\n\n'
        'msgid "Forgotten"\nmsgstr "Забыто"\n'
    )
    return tmp_path


def test_texts_are_found_wherever_they_are_written(house):
    found = texts.collect(house)

    assert found["Too late for {name}."] == "no.py"
    assert {"Later.", "One", "Two halves", "On the page"} <= set(found)
    assert {("%(n)d day", "%(n)d days"), ("%(num)d cup", "%(num)d cups")} <= set(found)
    assert {"Until", "To the queue", "Transfer of an appeal", "VIP client"} <= set(found)
    assert "Not a refusal." not in found
    assert "place" not in found


def test_what_is_missing_or_not_needed_is_told(house):
    told = "\n".join(texts.faults(house))

    assert "page.html: no Russian text for 'On the page'" in told
    assert "messages.po: nobody says 'Forgotten'" in told
    assert "'One'" not in told


def test_a_guess_and_a_lost_place_are_faults(house):
    catalogue = house / "cec/platform/locale/ru/LC_MESSAGES/messages.po"
    with catalogue.open("a") as file:
        file.write('\n#, fuzzy\nmsgid "On the page"\nmsgstr "На странице"\n')
        file.write('\nmsgid "Too late for {name}."\nmsgstr "Поздно для {nmae}."\n')

    told = "\n".join(texts.faults(house))

    assert "only guessed for 'On the page'" in told
    assert "other places to fill in than 'Too late for {name}.'" in told


def test_the_catalogue_is_brought_up_to_date(house):
    new, gone = texts.update(house)

    written = (house / "cec/platform/locale/ru/LC_MESSAGES/messages.po").read_text()
    assert new > 10
    assert gone == 1
    assert "Forgotten" not in written
    assert 'msgid "On the page"\nmsgstr ""' in written
    assert 'msgid_plural "%(n)d days"\nmsgstr[0] ""' in written
    assert texts.update(house) == (0, 0)


def test_numbers_have_their_russian_forms():
    def say(number):
        with i18n.reader("ru", "Europe/Moscow"):
            one, many = "returns %(num)d appeal to its queue", "returns %(num)d appeals to their queues"
            return i18n.ngettext(one, many, number) % {"num": number}

    assert say(1).endswith(" 1\N{NO-BREAK SPACE}обращение")
    assert say(2).endswith(" 2\N{NO-BREAK SPACE}обращения")
    assert say(5).endswith(" 5\N{NO-BREAK SPACE}обращений")
    assert say(21).endswith(" 21\N{NO-BREAK SPACE}обращение")
