"""Guide 3.1: appeals of a broadcast queue stand in the list, up for taking."""

import cast
import pytest

from bench import statements
from cec.appeals.models import Status
from cec.distribution import broadcasting
from cec.platform.db import unit_of_work


@pytest.fixture
def broadcast(desk):
    with unit_of_work():
        cast.a_queue().strategy = "broadcast"
    cast.at_work(cast.anna(), cast.igor())
    return cast.an_appeal()


def test_what_is_up_for_taking_stands_in_the_list_and_opens_when_it_is_taken(desk, broadcast):
    drawn = desk.part("/worklist")
    assert "Можно взять" in drawn
    assert f"/operator/taking/{broadcast.id}" in drawn

    opened = desk.act(f"/taking/{broadcast.id}")

    assert f'id="wl-{broadcast.id}"' in opened
    assert desk.answer.headers["HX-Push-Url"] == f"/operator/appeals/{broadcast.id}"
    assert cast.reread(broadcast).status == Status.IN_WORK
    assert f"/operator/taking/{broadcast.id}" not in desk.part("/worklist")


def test_who_comes_second_is_told_who_has_it(desk, broadcast):
    with unit_of_work():
        broadcasting.take(broadcast.id, by=cast.igor())

    assert "Это обращение уже взял: Игорь Лапшин." in desk.act(f"/taking/{broadcast.id}", status=409)


def test_only_who_serves_such_a_queue_asks_for_it(desk):
    cast.at_work(cast.anna())
    cast.an_appeal()
    with statements.said() as without:
        assert "Можно взять" not in desk.part("/worklist")
    with unit_of_work():
        cast.a_queue().strategy = "broadcast"
    with statements.said() as having:
        assert "Можно взять" in desk.part("/worklist")

    assert len(having) == len(without) + 1


def test_an_empty_desk_says_why_nothing_comes(desk):
    cast.an_appeal()

    page = desk.page("")

    assert "Почему нет обращений" in page
    assert "Ваш статус — «Не принимаю»" in page
    assert "General" in page
