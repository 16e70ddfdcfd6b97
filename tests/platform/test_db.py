"""One transaction: returning commits, raising rolls back."""

import contextlib
import threading

import pytest
from sqlalchemy.exc import ProgrammingError

from cec.platform import metrics, work
from cec.platform.db import PLANNED_ONCE, after_commit, rows, rows_apart, unit_of_work
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


def test_a_hot_statement_is_counted_and_refused_as_any_other(db):
    with unit_of_work(), metrics.counting() as count:
        assert rows("select %(number)s + 1, 'two'", number=1) == [(2, "two")]
        with pytest.raises(ProgrammingError):
            rows("select nothing from nowhere")

    assert count.sql == 2


def test_a_statement_apart_stands_at_once_whatever_becomes_of_the_running_transaction(db):
    with pytest.raises(ZeroDivisionError), unit_of_work(), metrics.counting() as count:
        rows("insert into skill (code, name, is_active) values ('en', 'English', true) returning id")
        rows_apart("insert into skill (code, name, is_active) values ('de', 'Deutsch', true) returning id")
        _ = 1 / 0

    assert count.sql == 2
    assert rows_apart("select code from skill where code = any(%(codes)s)", codes=["en", "de"]) == [("de",)]


def test_a_statement_apart_that_fails_spoils_no_later_transaction(db):
    with pytest.raises(ProgrammingError):
        rows_apart("select nothing from nowhere")

    with contextlib.suppress(ZeroDivisionError), unit_of_work():
        rows("insert into skill (code, name, is_active) values ('en', 'English', true) returning id")
        _ = 1 / 0

    assert rows_apart("select code from skill") == []


def test_a_hot_statement_sees_its_own_transaction(db):
    with pytest.raises(ZeroDivisionError), unit_of_work():
        rows("insert into skill (code, name, is_active) values ('en', 'English', true) returning id")
        assert rows("select code from skill") == [("en",)]
        _ = 1 / 0

    with unit_of_work():
        assert rows("select code from skill") == []


def test_a_statement_of_sqlalchemy_that_is_asked_all_the_time_is_planned_once(db):
    db.engine.dispose()
    wanted = db.select(DueWork.id).where(DueWork.kind == db.bindparam("kind"))
    often = wanted.execution_options(**PLANNED_ONCE)
    with unit_of_work():
        work.enqueue("greet", name="anna")
        work.enqueue("leave", name="anna")

    with unit_of_work():
        [greeting], [leaving] = (db.session.scalars(often, {"kind": kind}).all() for kind in ("greet", "leave"))
        assert greeting < leaving
        assert db.session.scalars(wanted, {"kind": "greet"}).all() == [greeting]
        ready = db.session.execute(db.text("select statement from pg_prepared_statements"))
        assert [each.replace("\n", "").endswith("WHERE due_work.kind = $1") for each in ready.scalars()] == [True]


def test_a_hot_statement_is_planned_once_whatever_becomes_of_its_transaction(db):
    db.engine.dispose()
    half = "select %(part)s::numeric * 100 / %(whole)s, '%%', %(part)s::text"

    with contextlib.suppress(ZeroDivisionError), unit_of_work():
        assert rows(half, part=1, whole=2) == [(50, "%", "1")]
        _ = 1 / 0
    with unit_of_work():
        assert rows(half, part=3, whole=4) == [(75, "%", "3")]
        assert rows("select 1") == [(1,)]
        ready = db.session.execute(db.text("select statement from pg_prepared_statements order by prepare_time"))

        assert [each.partition(" AS ")[2] for each in ready.scalars()] == [
            "select $1::numeric * 100 / $2, '%', $1::text",
            "select 1",
        ]
