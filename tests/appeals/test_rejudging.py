"""Vera publishes other points: those who wait are judged anew if she wishes, after a look at who moves (guide 5.2)."""

import datetime as dt
import time

import pytest

from cec.appeals import queueing, rejudging
from cec.distribution import choosing
from cec.platform import journal, work
from cec.platform.db import db, unit_of_work
from cec.rulebook import files, inputs
from tests import cast
from tests.dmn.tables_of_story import a_table

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
    assert petrov.verdicts["prioritization"]["version"] == version
    assert sidorov.verdicts["prioritization"]["version"] < version, "the table says the same of him: he is not written"
    assert rejudging.last().moved == 1
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
    assert rejudging.last().moved == 2


def test_of_very_many_a_share_is_judged_and_stands_for_the_others(waiting, monkeypatch):
    monkeypatch.setattr(rejudging, "LOOKED_AT", 1)

    seen = rejudging.preview(the_table(("-", "3", "Everybody")))

    assert (seen.step, seen.moved, len(seen.largest)) == (2, 2, 1)


def test_who_is_in_somebodys_hand_when_it_is_his_turn_is_not_waited_for_and_comes_later(waiting, app, clock):
    _sidorov, petrov = waiting
    published(("-", "3", "Everybody"))
    with unit_of_work():
        rejudging.begin(by=VERA)

    with app.app_context(), db.engine.connect() as hand:
        hand.execute(db.text("SELECT FROM appeal WHERE id = :id FOR UPDATE"), {"id": petrov.id})
        do_work()
        assert [appeal.points for appeal in waiting] == [3, 0]
    clock.forward(rejudging.PAUSE)
    do_work()

    assert petrov.points == 3
    assert rejudging.last().moved == 2


# A machine may be busy; what hangs takes far longer.
SLOW = 5
MANY = 10_000


def test_many_are_judged_anew_and_claims_go_on_meanwhile(waiting, at_once):
    many_like(waiting[1], MANY)
    published(("-", "3", "Everybody"))
    with unit_of_work():
        anna = cast.anna()
        anna.units, anna.auto_accept = 70, True
        db.session.flush()
        journal.record("employee.changed", anna.key, by="test")
    cast.at_work(cast.anna())
    with unit_of_work():
        rejudging.begin(by=VERA)
    anna_id = cast.anna().id

    def judged():
        began = time.perf_counter()
        do_work()
        return time.perf_counter() - began

    def claims():
        taken = []
        for _ in range(60):
            began = time.perf_counter()
            assert choosing.claim(anna_id) is not None
            taken.append(time.perf_counter() - began)
        return taken

    lasted, taken = at_once(judged, claims)

    began = time.perf_counter()
    with unit_of_work():
        db.session.execute(db.text("UPDATE appeal SET rank_at = rank_at WHERE status = 'queued'"))
    floor = time.perf_counter() - began
    print(f"judged in {lasted:.1f} s, a bare UPDATE {floor:.1f} s; slowest claim {max(taken) * 1000:.0f} ms")  # noqa: T201
    assert max(taken) < SLOW
    assert db.session.scalar(db.text("SELECT count(*) FROM appeal WHERE status = 'queued' AND points <> 3")) == 0


def test_two_streams_judge_both_halves_beside_each_other_and_each_one_once(waiting, at_once, monkeypatch):
    monkeypatch.setattr(rejudging, "BATCH", 50)
    many_like(waiting[1], 1_000)
    published(("-", "3", "Everybody"))
    with unit_of_work():
        rejudging.begin(by=VERA)
    begun = rejudging.last()

    for told in at_once(do_work, do_work):
        assert told is None

    assert begun.moved is None
    assert rejudging.last().moved == len(waiting) + 1_000
    points = db.text("SELECT count(*) FROM appeal WHERE status = 'queued' AND points <> 3")
    assert db.session.scalar(points) == 0


def test_of_two_who_begin_at_once_each_is_told_when_his_own_is_over(waiting, clock):
    published(("-", "3", "Everybody"))
    with unit_of_work():
        rejudging.begin(by=VERA)
    clock.forward(dt.timedelta(seconds=1))
    with unit_of_work():
        rejudging.begin(by="employee:olga")

    while (last := rejudging.last()) and last.moved is None:
        assert work.run_due(batch=1)

    assert (last.by, last.moved) == ("employee:olga", 0)
    assert [appeal.points for appeal in map(cast.reread, waiting)] == [3, 3]


def test_one_that_was_begun_before_and_ends_after_it_changes_nothing_about_the_last(waiting, clock):
    published(("-", "3", "Everybody"))
    with unit_of_work():
        rejudging.begin(by=VERA)
        later = dt.timedelta(hours=1)
        db.session.execute(db.update(work.DueWork).values(due_at=work.DueWork.due_at + later))
    clock.forward(dt.timedelta(seconds=1))
    with unit_of_work():
        rejudging.begin(by="employee:olga")
    do_work()
    assert rejudging.last().moved == 2

    clock.forward(later)
    do_work()

    assert (rejudging.last().by, rejudging.last().moved) == ("employee:olga", 2)


def many_like(appeal, count):
    """So many wait beside one, each with a letter of its own."""
    now = {"id": appeal.id, "count": count}
    with unit_of_work():
        db.session.execute(db.text("""
            INSERT INTO appeal (number, channel, channel_account_id, address_id, subject, status, status_since, version,
                queue_id, lane_id, rank_at, enqueued_at, points, verdicts, facts, created_at, transfers, postponements,
                escalation, seen_message_id)
            SELECT 'many-' || n, channel, channel_account_id, address_id, 'Заказ ' || n, status, status_since, 1,
                queue_id, lane_id, rank_at + n * interval '1 ms', enqueued_at - interval '1 h', 0,
                verdicts, facts, created_at, 0, 0, 0, 0
            FROM appeal, generate_series(1, :count) n WHERE id = :id"""), now)  # fmt: skip
        db.session.execute(
            db.text("""
            INSERT INTO message (appeal_id, direction, state, channel_account_id, text, subject, headers, created_at,
                attempts, undelivered)
            SELECT a.id, 'in', 'received', a.channel_account_id, 'Где мой ' || a.subject || '?', '', '{}', a.created_at,
                0, '{}'
            FROM appeal a WHERE a.number LIKE 'many-%'""")
        )
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(db.text("ANALYZE appeal, message"))
