"""Announcements: who is told, who has acknowledged, changed and withdrawn (2.2.7)."""

import dataclasses
import datetime as dt

import pytest

from cec.notifications import announcing, queries, reading
from cec.notifications.announcing import Content
from cec.platform import clock as time
from cec.platform.db import db, unit_of_work
from cec.platform.errors import NotFound
from cec.staff.models import Branch
from tests import cast

TITLE = "Склад закрыт до обеда"


@pytest.fixture(autouse=True)
def _centre(db):
    cast.a_centre()
    for person in (cast.boris, cast.vera, cast.marina):
        person()
    db.session.commit()


@pytest.fixture
def content():
    now = time.now()
    until = now + dt.timedelta(days=1)
    return Content(TITLE, "Отгрузок нет.", "info", "everybody", must_acknowledge=True, starts_at=now, ends_at=until)


def publish(content, by=None, role="business_admin", **other):
    with unit_of_work():
        announcement = announcing.publish(dataclasses.replace(content, **other), by=by or cast.vera(), role=role)
    return announcement.id


def standing(person):
    db.session.expire_all()
    return [each.announcement.title for each in queries.standing(person)]


def understands(person):
    with unit_of_work():
        (first, *_) = queries.standing(person)
        reading.deal_with(first.id, by=person)


def answers():
    ((_, told),) = announcing.listed(cast.vera(), "business_admin")
    return told


def test_everybody_but_the_author_is_told_and_their_understanding_is_reported(content):
    publish(content)

    assert standing(cast.anna()) == standing(cast.boris()) == [TITLE]
    assert standing(cast.vera()) == []
    understands(cast.anna())
    assert standing(cast.anna()) == []
    assert answers().done == ["Анна Котова"]
    assert (len(answers().missing), answers().total) == (3, 4)


def test_understanding_twice_is_understanding_once(content):
    number = publish(content)
    (told,) = queries.standing(cast.anna())

    for _ in range(2):
        with unit_of_work():
            reading.deal_with(told.id, by=cast.anna())

    assert cast.story(f"announcement:{number}").count("announcement.acknowledged") == 1


@pytest.mark.parametrize("audience", ["role", "group", "branch"])
def test_an_announcement_reaches_those_whom_it_is_for(content, audience):
    far = Branch(name="Уфа", zone="Asia/Yekaterinburg")
    with unit_of_work():
        db.session.add(far)
        cast.marina().branch = far
        group = cast.a_group("payments", cast.igor())
        db.session.flush()
    keys = {"role": ("role:operator", ["anna", "igor"]), "group": (f"group:{group.id}", ["igor"]),
            "branch": (f"branch:{far.id}", ["marina"])}  # fmt: skip
    key, expected = keys[audience]

    publish(content, audience=key)

    people = (cast.anna, cast.igor, cast.boris, cast.marina)
    assert [each.__name__ for each in people if standing(each())] == expected


def test_it_begins_in_time_reaches_who_comes_later_and_ends_in_time(content, clock):
    publish(content, starts_at=time.now() + dt.timedelta(hours=1))
    assert standing(cast.anna()) == []

    clock.forward(dt.timedelta(hours=2))
    with unit_of_work():
        assert announcing.bring() == 4
    newcomer = cast._employee("oleg", "Олег Новый", "operator")  # noqa: SLF001
    with unit_of_work():
        assert announcing.bring() == 1
    assert standing(cast.anna()) == standing(newcomer) == [TITLE]

    clock.forward(dt.timedelta(days=1))
    assert standing(cast.anna()) == []


def test_two_workers_bring_it_once(content, at_once, clock):
    publish(content, starts_at=time.now() + dt.timedelta(hours=1))
    clock.forward(dt.timedelta(hours=2))

    def bring():
        with unit_of_work():
            return announcing.bring()

    assert sum(at_once(bring, bring)) == 4


def test_what_need_not_be_acknowledged_stands_nowhere_and_is_in_the_bell(content):
    publish(content, must_acknowledge=False)

    assert standing(cast.anna()) == []
    assert queries.count_unread(cast.anna()) == 1
    assert [each.announcement.title for each in queries.ringing(cast.anna())] == [TITLE]


def test_other_words_are_acknowledged_again_and_another_end_is_not(content):
    number = publish(content)
    understands(cast.anna())

    def change(**other):
        with unit_of_work():
            changed = dataclasses.replace(content, **other)
            announcing.change(number, changed, by=cast.vera(), role="business_admin")

    change(ends_at=content.ends_at + dt.timedelta(days=1))
    assert standing(cast.anna()) == []

    change(title="Склад закрыт до вечера")
    assert standing(cast.anna()) == ["Склад закрыт до вечера"]


def test_a_withdrawn_one_leaves_the_windows_and_cannot_be_changed(content):
    number = publish(content)

    with unit_of_work():
        announcing.withdraw(number, by=cast.vera(), role="business_admin")

    assert standing(cast.anna()) == []
    assert queries.count_unread(cast.anna()) == 0
    with pytest.raises(announcing.AnnouncementOver), unit_of_work():
        announcing.change(number, content, by=cast.vera(), role="business_admin")


@pytest.mark.parametrize(
    ("other", "refusal"),
    [
        ({"title": "  "}, announcing.TitleMissing),
        ({"title": "я" * 121}, announcing.TitleMissing),
        ({"text": "я" * 2001}, announcing.TextTooLong),
        ({"kind": "error"}, announcing.NoSuchLook),
        ({"audience": "group:99"}, announcing.NoSuchAudience),
        ({"audience": "role:"}, announcing.NoSuchAudience),
        ({"ends_at": dt.datetime(2026, 11, 1, tzinfo=dt.UTC)}, announcing.EndsTooEarly),
        ({"starts_at": dt.datetime(2026, 12, 24, tzinfo=dt.UTC)}, announcing.EndsTooEarly),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_and_nobody_is_told(content, other, refusal):
    with pytest.raises(refusal):
        publish(content, **other)

    assert standing(cast.anna()) == []


def test_a_supervisor_addresses_his_branch_and_the_groups_he_leads(content):
    with unit_of_work():
        cast.a_group("first_line").leader_id = cast.boris().id
        cast.a_group("payments", cast.igor())
    led = cast.a_group("first_line")

    allowed = announcing.audiences(cast.boris(), "supervisor")

    assert set(allowed) == {f"branch:{cast.a_branch().id}", f"group:{led.id}"}
    with pytest.raises(announcing.NoSuchAudience):
        publish(content, by=cast.boris(), role="supervisor", audience="everybody")


def test_a_supervisor_changes_only_his_own(content):
    number = publish(content)

    with pytest.raises(NotFound), unit_of_work():
        announcing.withdraw(number, by=cast.boris(), role="supervisor")
    assert announcing.listed(cast.boris(), "supervisor") == []
