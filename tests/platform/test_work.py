"""Due work: leased, done once, tried again, given up; and ticks, once per slot over all nodes."""

import datetime as dt

import pytest

from cec.platform import clock as centre_clock
from cec.platform import work
from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from cec.platform.errors import Refusal

SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def done(monkeypatch):
    """What was done; the kinds `greet`, `fail` and `refuse` exist for this test."""
    monkeypatch.setattr(work, "_handlers", {})
    calls = []

    @work.handler("greet")
    def _greet(name):
        calls.append(name)

    @work.handler("fail")
    def _fail(name):
        calls.append(name)
        raise OSError(name)

    @work.handler("refuse")
    def _refuse(name):
        calls.append(name)
        raise Refusal

    return calls


def leave(kind, name, *, at=None):
    with unit_of_work():
        return work.enqueue(kind, at=at, name=name)


def letters():
    with unit_of_work():
        return [(letter.kind, letter.attempts) for letter in work.dead_letters()]


def test_due_work_is_done_once_and_leaves_the_table(db, clock, done):
    leave("greet", "anna")

    assert (work.run_due(), work.run_due()) == (1, 0)
    assert done == ["anna"]


def test_a_node_that_stood_still_for_longer_than_its_lease_does_not_do_again_what_another_did(
    db, clock, done, monkeypatch
):
    """R16: it goes on with work in its hands that is no longer its own."""
    leave("greet", "anna")
    run = work._run  # noqa: SLF001 - the moment between claim and work

    def _stands_still(*row):
        monkeypatch.setattr(work, "_run", run)
        clock.forward(work.LEASE + SECOND)
        assert work.run_due() == 1, "the other node"
        run(*row)

    monkeypatch.setattr(work, "_run", _stands_still)
    work.run_due()

    assert done == ["anna"]
    assert letters() == []


def test_work_waits_for_its_moment(db, clock, done):
    leave("greet", "anna", at=clock.to(dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)) + 60 * SECOND)

    assert work.run_due() == 0
    clock.forward(60 * SECOND)
    assert work.run_due() == 1


def test_work_of_a_transaction_that_failed_is_not_left(db, clock, done):
    with pytest.raises(ZeroDivisionError), unit_of_work():
        work.enqueue("greet", name="anna")
        _ = 1 / 0

    assert work.run_due() == 0


def test_two_nodes_share_the_work_and_none_is_done_twice(db, clock, done, at_once):
    for number in range(30):
        leave("greet", f"client {number}")

    counts = at_once(lambda: work.run_due(batch=30), lambda: work.run_due(batch=30))

    assert sum(counts) == 30
    assert sorted(done) == sorted(f"client {number}" for number in range(30))


def claims_and_dies():
    """A node claims what is due and dies; gives what it had in its hands."""
    now = centre_clock.now()
    with unit_of_work():
        rows = database.session.execute(
            work._CLAIM,  # noqa: SLF001 - what a node does first
            {"now": now, "until": now + work.LEASE, "batch": 20, "again": True},
        ).all()
    return sorted(row.payload["name"] for row in rows)


def test_work_of_a_node_that_died_is_done_when_its_lease_is_over(db, clock, done):
    leave("greet", "anna")
    claims_and_dies()

    assert work.run_due() == 0
    clock.forward(work.LEASE)
    assert work.run_due() == 1
    assert done == ["anna"]


def test_what_a_node_died_with_is_tried_alone_so_that_it_takes_nothing_new_with_it(db, clock, done):
    for name in ("anna", "boris"):
        leave("greet", name)
    assert claims_and_dies() == ["anna", "boris"]
    clock.forward(work.LEASE)
    leave("greet", "vera")

    assert work.run_due() == 2
    assert done == ["vera", "anna"]
    assert (work.run_due(), work.run_due()) == (1, 0)


def test_who_does_what_is_new_leaves_what_was_tried_to_who_does_all(db, clock, done):
    leave("greet", "anna")
    claims_and_dies()
    clock.forward(work.LEASE)
    leave("greet", "boris")

    assert (work.run_new(), work.run_new()) == (1, 0)
    assert done == ["boris"]
    assert work.run_due() == 1
    assert done == ["boris", "anna"]


def test_what_kills_every_node_that_begins_with_it_is_given_up(db, clock, done):
    leave("greet", "poison")
    for _ in range(work.ATTEMPTS):
        assert claims_and_dies() == ["poison"]
        clock.forward(work.LEASE)

    assert work.run_due() == 1
    assert work.run_due() == 0
    assert done == []
    assert letters() == [("greet", work.ATTEMPTS + 1)]


def test_failing_work_is_tried_again_ever_more_slowly_and_then_given_up(db, clock, done):
    leave("fail", "anna")

    pauses = []
    while not letters():
        began = clock.forward(dt.timedelta())
        while work.run_due() == 0:
            clock.forward(SECOND)
        pauses.append((clock.forward(dt.timedelta()) - began).total_seconds())

    assert pauses == [0, 2, 4, 8, 16, 32, 64, 128]
    assert letters() == [("fail", work.ATTEMPTS)]


def test_refused_work_is_not_tried_again_by_itself(db, clock, done):
    leave("refuse", "anna")

    work.run_due()
    clock.forward(dt.timedelta(days=1))

    assert work.run_due() == 0
    assert letters() == [("refuse", 1)]


def test_a_person_revives_a_dead_letter(db, clock, done):
    number = leave("refuse", "anna")
    work.run_due()

    with unit_of_work():
        work.revive(number)

    assert work.run_due() == 1
    assert done == ["anna", "anna"]


def test_what_failing_work_did_is_rolled_back(db, clock, done, monkeypatch):
    @work.handler("half")
    def _half(name):
        work.enqueue("greet", name=name)
        raise OSError(name)

    leave("half", "anna")
    work.run_due()

    assert db.session.scalars(db.select(work.DueWork.kind)).all() == ["half"]


def test_one_piece_that_fails_does_not_hold_up_the_others(db, clock, done):
    leave("fail", "poison")
    leave("greet", "anna")

    work.run_due()

    assert done == ["poison", "anna"]


def test_of_many_nodes_one_takes_a_slot(db, clock, at_once):
    taken = at_once(*[lambda: work.tick("sweep", SECOND)] * 3)

    assert sorted(taken) == [False, False, True]


def test_the_next_slot_is_free_again_and_old_slots_are_forgotten(db, clock):
    assert work.tick("sweep", SECOND)
    assert not work.tick("sweep", SECOND)
    clock.forward(SECOND)
    assert work.tick("sweep", SECOND)

    clock.forward(dt.timedelta(days=3))
    with unit_of_work():
        assert work.forget_slots() == 2


@pytest.mark.begins("2026-10-25T00:30:00+00:00")
def test_the_hour_that_clocks_are_set_back_has_its_slots_like_any_other(db, clock):
    taken = 0
    for _ in range(12):
        taken += work.tick("quarterly", dt.timedelta(minutes=15))
        clock.forward(dt.timedelta(minutes=10))

    assert taken == 8
