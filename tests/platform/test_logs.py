"""One line per request and job, with ids and without data of clients."""

import logging

from cast import anna

from cec.platform import logs, metrics


def test_ids_are_in_every_line_of_what_is_being_done():
    formatter = logs._WithIds("%(message)s")  # noqa: SLF001
    record = logging.LogRecord("cec", logging.INFO, "", 0, "done\nwith care", None, None)

    with logs.about(job="delivery"), logs.about(instance=7):
        inside = formatter.format(record)
    outside = formatter.format(record)

    assert inside == "done job=delivery instance=7\nwith care"
    assert outside == "done\nwith care"


def test_a_request_is_one_line_with_route_and_cost_and_no_words_of_people(db, client, caplog):
    caplog.set_level(logging.INFO, "cec.platform.metrics")

    anna()
    client.get("/login?next=petrov@client.example")

    [line] = [record.getMessage() for record in caplog.records if record.name == "cec.platform.metrics"]
    assert line.startswith("GET /login 200 ")
    assert line.endswith(" sql")
    assert "petrov" not in line


def test_statements_are_counted(db):
    with metrics.counting() as count:
        db.session.execute(db.text("select 1"))
        db.session.execute(db.text("select 2"))
    db.session.execute(db.text("select 3"))

    assert count.sql == 2


def test_alive_without_a_database_and_ready_with_one(db, client):
    with metrics.counting() as count:
        alive = client.get("/healthz")

    assert (alive.status_code, count.sql) == (200, 0)
    assert client.get("/readyz").json == {"status": "ready"}
