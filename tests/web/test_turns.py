"""When hundreds ask at once, a process works at a few and the others wait: nobody is sent away (QUALITY R9)."""

import threading
import time

import pytest

from cec.app import create_app
from cec.platform.db import db as database
from cec.web import requests
from cec.web.guards import allow

ASKING = 60


@pytest.fixture
def crowd(db, settings):
    """A centre with a page that takes its time in the database; gives how many asked it at once, and what they got."""
    app = create_app(settings)
    lock, inside, most = threading.Lock(), [0], [0]

    def page():
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        database.session.execute(database.text("select pg_sleep(0.03)"))
        with lock:
            inside[0] -= 1
        return "done"

    app.add_url_rule("/slow", view_func=allow.anyone(page))
    yield app, most
    with app.app_context():
        database.engine.dispose()


def test_all_are_served_though_few_at_a_time(crowd):
    app, most = crowd
    answers, lock = [], threading.Lock()

    def ask():
        status = app.test_client().get("/slow").status_code
        with lock:
            answers.append(status)

    began = time.monotonic()
    people = [threading.Thread(target=ask) for _ in range(ASKING)]
    for person in people:
        person.start()
    for person in people:
        person.join(timeout=60)

    assert answers == [200] * ASKING
    assert 1 < most[0] <= requests.AT_ONCE
    assert time.monotonic() - began < 30


def test_a_page_that_fails_gives_its_turn_back(crowd):
    app, _ = crowd
    app.add_url_rule("/broken", view_func=allow.anyone(lambda: 1 / 0))
    asker = app.test_client()

    assert [asker.get("/broken").status_code for _ in range(2 * requests.AT_ONCE)] == [500] * 2 * requests.AT_ONCE
    assert asker.get("/slow").status_code == 200
