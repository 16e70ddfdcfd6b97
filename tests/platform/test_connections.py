"""What a busy minute has opened to the database stays open, and goes when nobody has used it for long."""

from cec.app import ENGINE
from cec.platform.db import db as database

BUSY = 15


def opened():
    """So many requests at once: the servers' processes that answer them."""
    connections = [database.engine.connect() for _ in range(BUSY)]
    asked = database.text("SELECT pg_backend_pid(), current_setting('idle_session_timeout')")
    answers = [connection.execute(asked).one() for connection in connections]
    for connection in connections:
        connection.close()
    return answers


def test_a_burst_that_comes_again_opens_nothing_anew(app, db):
    first, second = opened(), opened()

    assert {pid for pid, _ends in first} == {pid for pid, _ends in second}
    assert {ends for _pid, ends in first} == {"10min"}
    assert ENGINE["max_overflow"] == 0


def test_one_that_the_server_has_ended_is_noticed_before_a_request_is_lost_on_it(app, db):
    mine = db.session.scalar(db.text("SELECT pg_backend_pid()"))
    ended = next(pid for pid, _ends in opened() if pid != mine)

    db.session.execute(db.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": ended})

    assert ended not in {pid for pid, _ends in opened()}
