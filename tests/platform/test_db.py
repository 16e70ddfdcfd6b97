"""One transaction: returning commits, raising rolls back."""

import threading

import pytest

from cec.platform import work
from cec.platform.db import after_commit, unit_of_work
from cec.platform.work import DueWork


def count(db):
    return db.session.scalar(db.select(db.func.count()).select_from(DueWork))


def test_returning_commits(db, app):
    with unit_of_work():
        work.enqueue("greet", name="anna")

    with app.app_context():
        assert count(db) == 1


def test_raising_rolls_back_everything(db):
    with pytest.raises(ZeroDivisionError), unit_of_work():
        work.enqueue("greet", name="anna")
        _ = 1 / 0

    assert count(db) == 0


def test_what_was_promised_is_done_after_the_commit_and_only_then(db, app):
    seen = []

    def look():
        with app.app_context():
            seen.append(count(db))

    with unit_of_work():
        work.enqueue("greet", name="anna")
        after_commit(look)
        assert seen == []

    assert seen == [1]


def test_a_rolled_back_transaction_forgets_its_promises(db):
    done = []

    with pytest.raises(ZeroDivisionError), unit_of_work():
        after_commit(lambda: done.append("told"))
        _ = 1 / 0
    with unit_of_work():
        work.enqueue("greet", name="anna")

    assert done == []


def test_two_threads_have_transactions_of_their_own(db, at_once):
    inside = threading.Barrier(2)

    def add():
        with unit_of_work():
            work.enqueue("greet", name="anna")
            seen = count(db)
            inside.wait(timeout=10)
            return seen

    assert at_once(add, add) == [1, 1]
    assert count(db) == 2
