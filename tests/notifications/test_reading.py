"""Reading, dealing with, forgetting (2.2.7)."""

import datetime as dt

import pytest

from cec.notifications import queries, reading, telling
from cec.notifications.models import Kind
from cec.notifications.queries import Filters
from cec.platform.db import db, unit_of_work
from cec.platform.errors import NotFound
from tests import cast


@pytest.fixture(autouse=True)
def _centre(db):
    cast.a_centre()
    db.session.commit()


@pytest.fixture
def appeal():
    return cast.an_appeal()


def told(appeal, what, employee=None, **facts):
    with unit_of_work():
        telling.tell((employee or cast.anna()).id, what, appeal.id, key=str(facts) if facts else "", **facts)


def page(**filters):
    db.session.expire_all()
    return [each.what for each in queries.page(cast.anna(), Filters(**filters))]


def test_the_newest_come_first_and_filters_narrow(appeal, clock):
    told(appeal, "client_wrote")
    clock.forward(dt.timedelta(minutes=1))
    told(appeal, "returned")
    told(appeal, "client_wrote", cast.igor())

    assert page() == ["returned", "client_wrote"]
    assert page(kind=Kind.INFO) == ["client_wrote"]
    with unit_of_work():
        reading.read(queries.page(cast.anna(), Filters())[0].id, by=cast.anna())
    assert page(unread=True) == ["client_wrote"]
    assert queries.count_unread(cast.anna()) == 1


def test_all_of_a_kind_are_read_at_once(appeal):
    told(appeal, "client_wrote")
    told(appeal, "returned")

    with unit_of_work():
        reading.read_all(by=cast.anna(), kind=Kind.WARNING)

    assert page(unread=True) == ["client_wrote"]


def test_others_notifications_cannot_be_read_or_dealt_with(appeal):
    told(appeal, "delivery_failed", reason="550")
    (mine,) = queries.standing(cast.anna())

    with unit_of_work():
        reading.read(mine.id, by=cast.igor())
    with pytest.raises(NotFound), unit_of_work():
        reading.deal_with(mine.id, by=cast.igor())

    db.session.expire_all()
    assert [each.read_at for each in queries.standing(cast.anna())] == [None]


def test_pages_follow_one_another_without_a_gap(appeal, clock):
    for n in range(5):
        told(appeal, "client_wrote", n=n)
        clock.forward(dt.timedelta(seconds=n % 2))

    seen, before = [], None
    while found := queries.page(cast.anna(), Filters(before=before), limit=2)[:2]:
        seen += [each.facts["n"] for each in found]
        before = (found[-1].last_at, found[-1].id)

    assert seen == [4, 3, 2, 1, 0]


def test_only_what_rang_just_now_rings(appeal, clock):
    told(appeal, "client_wrote")
    assert [each.what for each in queries.ringing(cast.anna())] == ["client_wrote"]

    clock.forward(dt.timedelta(seconds=31))

    assert queries.ringing(cast.anna()) == []
