"""What `make load` makes of what it saw: who is held, and that wrong books are found."""

import cast
import psycopg2
import pytest

from bench import books, load, load_report
from cec.appeals.models import Status

RUN = {
    "operators": 400, "seconds": 1800.0,
    "actions": [{"action": "open", "count": 90, "p50_ms": 20.0, "p95_ms": 150.0, "p99_ms": 300.0, "errors": {}}],
    "pages_p95_ms": [47.0, 87.0],
    "offers": {
        "count": 8, "p50_ms": 20.0, "p95_ms": 90.0, "p99_ms": 120.0, "missed": 0,
        "waited_p50_s": 0.1, "waited_p95_s": 2.0, "waited_p99_s": 3.0,
    },
    "processes": {"web": {"cpu_percent": 70, "mb_begin": 230, "mb_end": 240}},
    "waits_per_look": {}, "deadlocks": 0, "commits_per_second": 900, "rollbacks": 0,
    "statements": [{"ms": 900, "calls": 100, "planned_ms": 2, "statement": "select 1"}],
    "tables": [{"table": "appeal", "dead": 200, "live": 100, "bytes": 1 << 20}],
    "talking": 1200, "waiting": 0, "troubles": [],
    "left": {}, "wrong": {}, "answers": {"sent": 40}, "letters_twice": 0, "is_lost": False,
    "sent_and_stored": {"mail": [20, 20]},
}  # fmt: skip
BROKEN = {
    "a page that is late": {"actions": [{**RUN["actions"][0], "p95_ms": 250.0}]},
    "an error": {"actions": [{**RUN["actions"][0], "errors": {"500": 1}}]},
    "an offer that is late": {"offers": {**RUN["offers"], "p95_ms": 600.0}},
    "a lost message": {"is_lost": True},
    "a lost answer": {"answers": {"sent": 39, "lost": 1}},
    "a letter that left twice": {"letters_twice": 1},
    "wrong books": {"wrong": {"somebody's load is not what he holds": [["1", "2", "1"]]}},
}


def test_a_centre_that_answers_in_time_with_right_books_holds_its_operators():
    assert load.holds(RUN)
    told = "\n".join(load_report.lines(RUN | {"holds": True, "is_right": True}))
    assert "400 operators, 30 min: held; the books are right" in told
    assert "p95 of each five minutes: 47.0 87.0 ms" in told


def test_of_a_few_answers_the_longest_says_nothing_of_most():
    rare = [{**RUN["actions"][0], "action": "transfer", "count": 19, "p95_ms": 307.0}]
    assert load.holds(RUN | {"actions": RUN["actions"] + rare})


@pytest.mark.parametrize("fault", BROKEN)
def test_it_does_not_hold_them_with(fault):
    assert not load.holds(RUN | BROKEN[fault])


def test_bisection_finds_how_many_are_held():
    def play(operators):
        return RUN | {"operators": operators} | ({} if operators <= 330 else BROKEN["a page that is late"])

    runs = list(load.find(100, 800, 25, play))

    assert max(run["operators"] for run in runs if load.holds(run)) in range(305, 331)
    assert len(runs) == 5


def test_what_was_heard_is_summed_up_and_a_change_meanwhile_is_no_error():
    heard = load.Heard()
    heard.note("reply", 200, 9.0)
    heard.count()
    for status, seconds in ((200, 0.010), (409, 0.020), (500, 0.030)):
        heard.note("reply", status, seconds)

    [summed] = heard.actions()
    assert (summed["count"], summed["p50_ms"], summed["errors"]) == (3, 20.0, {"500": 1})
    # For the books all that was taken counts, also before the measuring.
    assert heard.accepted["reply"] == 3


def test_pages_of_operators_are_told_by_pieces_of_the_time():
    heard = load.Heard()
    heard.count()
    heard.note("reply", 200, 0.010)
    heard.note("heartbeat", 200, 9.0)
    heard.began -= load.PIECE
    heard.note("open", 200, 0.030)

    assert heard.pages() == [10.0, 30.0]


@pytest.fixture
def dsn(settings):
    return settings.database_url.replace("+psycopg2", "")


@pytest.fixture
def centre(db, dsn):
    """Anna has an appeal of Petrov's in work; the books are right."""
    cast.a_centre()
    cast.petrov()
    appeal = cast.accepted(cast.an_appeal(), cast.anna())
    db.session.commit()
    assert books.wrong(dsn) == {}
    return appeal


TAMPERED = {
    "update capacity set load = load + 1": "somebody's load is not what he holds",
    "update assignment set released_at = now()": "who has an appeal is not who was assigned",
    "update appeal set status = 'postponed'": "an appeal is not at the place of its status",
    "update appeal set transfers = 3": "counts on appeals are not those of the journal",
    "delete from message": "what a client sent is in no appeal, or in two",
    "update process_instance set ended_at = now()": "an open appeal has not one process, or an ended one has one",
}


@pytest.mark.parametrize("statement", TAMPERED)
def test_books_that_somebody_tampered_with_are_found_wrong(centre, dsn, statement):
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()

    assert TAMPERED[statement] in books.wrong(dsn)


def test_an_answer_that_is_not_there_is_told_as_lost(centre, dsn):
    assert books.answers(dsn, ["3f1c2a52-6a8d-4d2e-9f7b-000000000000"]) == {"lost": 1}
    assert centre.status == Status.IN_WORK
