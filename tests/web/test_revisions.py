"""5: what was changed in an entry of a directory stands below its form, in the words of the form."""

import pytest
from cast import a_centre, a_group, a_queue, anna, vera
from lxml import html

from cec.platform.db import unit_of_work
from cec.queues import calendar_directory
from cec.queues.calendar_directory import Plan
from cec.staff import skills
from forms import changer


@pytest.fixture
def window(signed_in):
    a_centre()
    vera().language = "en"
    return signed_in(vera())


@pytest.fixture
def lines(window):
    """Read the changes of a page, newest first: who, field, before, after."""

    def read(path):
        found = []
        for body in html.fromstring(window.get(path).text).xpath("//details[contains(@class, 'revisions')]//tbody"):
            who = body.xpath(".//td[@rowspan]")[1].text_content()
            for row in body.xpath("./tr"):
                field, *values = [cell.text_content() for cell in row.xpath("./th | ./td[not(@rowspan)]")]
                found.append((who, field, *values))
        return found

    return read


def test_a_queue_tells_its_changes_in_the_words_of_its_form(window, lines):
    queue = a_queue()
    with unit_of_work():
        plan = Plan("Night", "Europe/Moscow", [[(22 * 60, 23 * 60)]] * 7, {})
        night = calendar_directory.create(plan, by="timer")
    change = changer(window, "/centre/queues")

    change(queue, name="Everything", target="5 min", topic_required=None, calendar_id=night.id, units__email="3")
    change(queue, step_after=["50"], step_act=["drop"], strategy="round_robin")

    assert lines(f"/centre/queues/{queue.id}") == [
        ("You", "Of several free operators", "who has been free longest", "in turn"),
        ("You", "When nobody is free", "—", "50\N{NO-BREAK SPACE}%: wishes no longer count"),
        ("You", "Name", "General", "Everything"),
        ("You", "Units by channel", "—", "Mail: 3"),
        ("You", "Calendar", "—", "Night"),
        ("You", "Target", "10 min", "5 min"),
        ("You", "A topic is needed to close an appeal", "yes", "no"),
    ]


def test_people_groups_skills_and_calendars_tell_theirs(window, lines):
    group = a_group()
    with unit_of_work():
        skill = skills.create(code="german", name="German", by=anna().key)
        plan = Plan("Office", "Europe/Moscow", [[(9 * 60, 18 * 60)]] * 2 + [[]] * 5, {})
        office = calendar_directory.create(plan, by="timer")
    changer(window, "/centre/groups")(group, name="Second line")
    changer(window, "/centre/people")(anna(), units="7", level__german="8")
    changer(window, "/centre/skills")(skill, is_active=None)

    assert ("You", "Name", "First Line", "Second line") in lines(f"/centre/groups/{group.id}")
    told = lines(f"/centre/people/{anna().id}")
    assert ("You", "Units in all", "5", "7") in told
    assert lines(f"/centre/skills/{skill.id}")[0] == ("You", "In use", "yes", "no")
    assert (anna().name, "Name", "—", "German") in lines(f"/centre/skills/{skill.id}")
    assert ("The timer", "Week", "—", "09:00–18:00; 09:00–18:00; —; —; —; —; —") in [
        (who, field, before, after) for who, field, before, after in lines(f"/centre/calendars/{office.id}")
    ]


def test_who_is_dismissed_and_taken_back_is_told_with_who_did_it(window, lines):
    window.post(f"/centre/people/{anna().id}/dismissal")

    assert lines(f"/centre/people/{anna().id}")[0] == ("You", "Dismissed", "no", "yes")


def test_an_entry_that_was_never_changed_has_no_history(window):
    assert "revisions" not in window.get(f"/centre/groups/{a_group().id}").text
