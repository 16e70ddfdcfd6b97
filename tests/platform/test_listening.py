"""After the commit, one notice reaches every open screen; whoever was away is told what he missed."""

import contextlib
import threading
import time

import psycopg2
import pytest

from cec.platform import journal, listening, live
from cec.platform.db import unit_of_work
from cec.platform.listening import Hub
from cec.platform.screens import Screen


def read(screen, timeout=10):
    """Read what a screen is told next, without the marks of transactions."""
    news = screen.next(timeout)
    return news and [notice[:2] for notice in news]


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    """Let no list wait: how long it does is told in test_screens.py."""
    monkeypatch.setattr("cec.platform.screens.EVERY", 0.0)


@pytest.fixture
def hub(db, app):
    hub = Hub(app)
    yield hub
    hub.close()
    hub._thread.join(timeout=10)  # noqa: SLF001


@pytest.fixture
def screen(hub):
    """A screen that wants to hear of appeal 1, open long enough to have heard that it listens."""
    screen = Screen(subjects=["appeal:1"])
    hub.open(screen)
    assert read(screen, 10) == live.RESYNC
    return screen


def test_a_screen_hears_what_it_wants_once_the_transaction_stands(db, screen):
    with unit_of_work():
        live.announce("appeal.queued", "appeal:1")
        live.announce("appeal.queued", "appeal:2")
        live.announce("appeal.queued", "appeal:1")
        assert read(screen, 0.2) == []

    assert read(screen, 10) == [["appeal.queued", "appeal:1"]]


def test_nothing_is_told_of_a_transaction_that_failed(db, screen):
    with contextlib.suppress(ZeroDivisionError), unit_of_work():
        live.announce("appeal.queued", "appeal:1")
        _ = 1 / 0

    assert read(screen, 0.3) == []


def test_waking_the_worker_is_not_for_screens(db, hub, screen):
    everything = Screen(kinds=["appeal", "distribution"])
    hub.open(everything)

    with unit_of_work():
        live.wake("distribution")
        live.announce("appeal.queued", "appeal:1")

    assert read(everything, 10) == [["appeal.queued", "appeal:1"]]


def test_too_much_for_one_notice_becomes_a_resync(db, screen):
    with unit_of_work():
        for number in range(1000):
            live.announce("appeal.queued", f"appeal:{number}")

    assert read(screen, 10) == live.RESYNC


def test_a_lost_connection_is_made_anew_and_everybody_looks_again(db, hub, screen):
    with unit_of_work():
        db.session.execute(
            db.text("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cec live'")
        )

    assert read(screen, 10) == live.RESYNC
    with unit_of_work():
        live.announce("appeal.closed", "appeal:1")
    assert read(screen, 10) == [["appeal.closed", "appeal:1"]]


def test_closing_ends_every_stream(db, hub, screen):
    hub.close()

    assert screen.next(10) is None


def test_a_screen_that_left_hears_nothing(db, hub, screen):
    hub.leave(screen)

    with unit_of_work():
        live.announce("appeal.queued", "appeal:1")

    assert read(screen, 0.3) == []
    assert hub.count() == 0


def horizon(db):
    return db.session.scalar(db.text(listening._HORIZON))  # noqa: SLF001


def test_what_was_committed_late_is_not_missed_though_its_number_is_lower(db, app):
    """Anna's fact gets number 1 and Igor's number 2, but Igor's stands first."""
    written, seen = threading.Event(), threading.Event()

    def anna():
        with app.app_context(), unit_of_work():
            journal.record("test.slow", "appeal:1", by="anna")
            journal.history("appeal:1")
            written.set()
            seen.wait(timeout=10)

    slow = threading.Thread(target=anna)
    slow.start()
    written.wait(timeout=10)
    with unit_of_work():
        journal.record("test.quick", "appeal:2", by="igor")
    with unit_of_work():
        first = listening.missed_since(horizon(db))
        since = horizon(db)
    seen.set()
    slow.join(timeout=10)

    with unit_of_work():
        later = listening.missed_since(since)
        ids = {entry.name: entry.id for entry in db.session.scalars(db.select(journal.Journal))}

    assert ids["test.slow"] < ids["test.quick"]
    assert first == [["test.quick", "appeal:2"]]
    assert ["test.slow", "appeal:1"] in later


def test_who_was_never_away_missed_nothing(db):
    with unit_of_work():
        journal.record("test.happened", "appeal:1", by="anna")
    with unit_of_work():
        assert listening.missed_since(horizon(db)) == []


def test_an_unknown_id_or_too_much_is_unsure(db):
    with unit_of_work():
        since = horizon(db)
        for number in range(10):
            journal.record("test.happened", f"appeal:{number}", by="anna")
    with unit_of_work():
        assert listening.missed_since(since, limit=5) is None
        assert listening.missed_since(horizon(db) + 1000) is None
        assert listening.missed_since(0) is None


def test_an_id_is_given_only_once_it_is_old_enough(db, hub, screen, monkeypatch):
    with unit_of_work():
        live.announce("appeal.queued", "appeal:1")
    assert screen.next(10)
    assert hub.horizon() is None

    monkeypatch.setattr(listening, "LATEST", 0.0)

    assert 0 < hub.horizon() <= horizon(db)


def test_no_notice_is_lost_between_two_connections(db, hub, screen, settings):
    """What is said while nobody listens is made good by the resync that follows."""
    stop, said = threading.Event(), []

    def cut():
        connection = psycopg2.connect(settings.database_url.replace("+psycopg2", ""))
        connection.autocommit = True
        with connection.cursor() as cursor:
            for _ in range(5):
                cursor.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cec live'"
                )
                time.sleep(0.15)
        connection.close()
        stop.set()

    cutter = threading.Thread(target=cut)
    cutter.start()
    while not stop.is_set():
        with unit_of_work():
            live.announce(f"test.said_{len(said)}", "appeal:1")
        said.append(len(said))
        time.sleep(0.01)
    cutter.join()

    heard = []
    while news := read(screen, 1.5):
        heard += news
    last_resync = max(index for index, notice in enumerate(heard) if notice == live.RESYNC[0])
    after = [name for name, _ in heard[last_resync + 1 :]]
    assert after == [f"test.said_{number}" for number in range(said[-1] + 1 - len(after), said[-1] + 1)]


def test_a_rush_of_wakes_is_said_once_within_a_breath_and_none_is_lost(app, db, monkeypatch):
    monkeypatch.setattr(live, "BREATH", 0.2)
    heard, stop, connected = [], threading.Event(), threading.Event()
    ear = threading.Thread(
        target=listening.listen, args=[app, heard.extend], kwargs={"stop": stop, "connected": connected.set}
    )
    ear.start()
    assert connected.wait(10)

    def come(times):
        for _ in range(100):
            live.wake_soon("work")
        until = time.monotonic() + 10
        while len(heard) < times and time.monotonic() < until:
            time.sleep(0.01)

    come(1)
    come(2)
    stop.set()
    ear.join(timeout=10)

    assert heard == [[live.WAKE, "work"]] * 2
