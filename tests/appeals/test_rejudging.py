"""Vera publishes other points: those who wait are judged anew if she wishes, after a look at who moves (guide 5.2)."""

import pytest
from rulebook.tables_of_story import a_table

from cec.appeals import queueing, rejudging
from cec.platform import journal, work
from cec.platform.db import db, unit_of_work
from cec.rulebook import files, inputs
from tests import cast

VERA = "employee:vera"
DELIVERY = ('contains(?, "доставка")', "15", "Delivery")

pytestmark = pytest.mark.usefixtures("centre")


def the_table(*rows):
    declared = [term.name for term in inputs.of("prioritization").takes]
    return a_table(
        *rows, policy="COLLECT", aggregation="SUM", inputs=["lower case(text)"], outputs=["points"], declared=declared
    )


def published(*rows):
    with unit_of_work():
        return files.publish("prioritization", the_table(*rows), by=VERA)


def do_work():
    while work.run_due():
        pass
    db.session.expire_all()


@pytest.fixture
def waiting():
    """Petrov asks about delivery, Sidorov about payment; both wait, Sidorov came first."""
    sidorov = cast.an_appeal("Где оплата?", sender="sidorov@client.example")
    return sidorov, cast.an_appeal("Где доставка?")


def test_a_look_tells_who_would_move_and_moves_nobody(waiting):
    _sidorov, petrov = waiting
    before = petrov.rank_at

    seen = rejudging.preview(the_table(DELIVERY))

    assert (seen.waiting, seen.moved, seen.forward, seen.back) == (2, 1, 1, 0)
    assert [(move.number, move.queue, move.before, move.after) for move in seen.largest] == [
        (petrov.number, "General", 0, 15)
    ]
    assert dict(seen.by_queue) == {"General": 1}
    assert cast.reread(petrov).rank_at == before
    assert rejudging.last() is None


def test_they_are_judged_anew_and_petrov_stands_before_sidorov(waiting):
    sidorov, petrov = waiting
    version = published(DELIVERY).version

    assert rejudging.preview().moved == 1
    with unit_of_work():
        rejudging.begin(by=VERA)
    do_work()

    assert petrov.points == 15
    assert petrov.rank_at < sidorov.rank_at
    assert petrov.verdicts["prioritization"]["rows"] == [{"row": 1, "reason": "Delivery", "outputs": {"points": 15}}]
    assert {appeal.verdicts["prioritization"]["version"] for appeal in waiting} == {version}
    assert rejudging.last().facts == {"moved": 1}
    assert rejudging.preview().moved == 0


def test_points_given_beside_the_table_stay(waiting):
    _sidorov, petrov = waiting
    with unit_of_work():
        queueing.add_points(cast.reread(petrov), 5, "Lost link")
    published(DELIVERY)

    with unit_of_work():
        rejudging.begin(by=VERA)
    do_work()

    assert petrov.points == 20
    assert [row["reason"] for row in petrov.verdicts["prioritization"]["rows"]] == ["Delivery", "Lost link"]


def test_who_is_with_an_operator_is_left_alone_and_who_came_before_facts_were_kept_is_told(waiting):
    sidorov, petrov = waiting
    cast.accepted(sidorov, cast.anna())
    with unit_of_work():
        cast.reread(petrov).facts = None
    published(("-", "3", "Everybody"))

    seen = rejudging.preview()
    with unit_of_work():
        rejudging.begin(by=VERA)
    do_work()

    assert (seen.waiting, seen.unknown, seen.moved) == (1, 1, 0)
    assert (sidorov.points, petrov.points) == (0, 0)


def test_many_go_in_batches_and_the_last_round_tells_how_many_moved(waiting, monkeypatch):
    monkeypatch.setattr(rejudging, "BATCH", 1)
    published(("-", "3", "Everybody"))

    with unit_of_work():
        rejudging.begin(by=VERA)
    do_work()

    assert [appeal.points for appeal in waiting] == [3, 3]
    assert journal.history("rules:prioritization", names=["rules.rejudged"])[0].facts == {"moved": 2}


def test_of_very_many_a_share_is_judged_and_stands_for_the_others(waiting, monkeypatch):
    monkeypatch.setattr(rejudging, "LOOKED_AT", 1)

    seen = rejudging.preview(the_table(("-", "3", "Everybody")))

    assert (seen.step, seen.moved, len(seen.largest)) == (2, 2, 1)
