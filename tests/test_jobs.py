"""The timetable and the worker that runs it."""

import datetime as dt
import socket
import threading
import time

import cast
import pytest

from cec import jobs
from cec.platform import live, metrics, work
from cec.platform.db import unit_of_work
from cec.staff import presence, signing_in


@pytest.fixture
def worker(app):
    return jobs.Worker(app)


@pytest.fixture
def at_work(worker):
    """The worker runs, without the mail door."""
    thread = threading.Thread(target=worker.run, kwargs={"with_door": False})
    thread.start()
    yield worker
    worker.stop.set()
    thread.join(timeout=10)
    assert not thread.is_alive()


def soon(condition, within=10.0):
    until = time.monotonic() + within
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


def test_a_job_that_fails_is_told_and_costs_nothing_but_itself(db, worker, caplog):
    def fail():
        raise OSError("the disk is full")

    assert worker.attempt("broken", fail) is None
    assert worker.attempt("sound", lambda: 7) == 7
    assert "the disk is full" in caplog.text


def test_a_job_of_the_timetable_runs_once_per_slot_over_all_nodes(db, app, at_once):
    done = []
    nodes = [jobs.Worker(app) for _ in range(3)]

    at_once(*[lambda node=node: node.tick("sweep", dt.timedelta(minutes=1), lambda: done.append(1)) for node in nodes])

    assert done == [1]


def test_a_stopped_worker_begins_nothing(db, worker):
    done = []
    worker.stop.set()

    worker.tick("sweep", dt.timedelta(minutes=1), lambda: done.append(1))

    assert done == []


def test_work_that_is_announced_is_done_at_once(db, at_work, monkeypatch):
    monkeypatch.setattr(jobs, "PAUSE", 30.0)
    monkeypatch.setattr(work, "_handlers", dict(work._handlers))  # noqa: SLF001
    done = []
    work.handler("greet")(lambda name: done.append(name))  # noqa: PLW0108 - it is called by keyword
    time.sleep(1.5)

    began = time.monotonic()
    with unit_of_work():
        work.enqueue("greet", name="anna")

    assert soon(lambda: done == ["anna"])
    assert time.monotonic() - began < 5


def test_a_failing_stream_goes_on(db, app, monkeypatch):
    calls = []

    def stumble():
        calls.append(1)
        raise OSError("away")

    monkeypatch.setattr(jobs, "PAUSE", 0.05)
    worker = jobs.Worker(app)
    thread = threading.Thread(target=worker._stream, args=("work", stumble, 0))  # noqa: SLF001
    thread.start()

    assert soon(lambda: len(calls) >= 3)
    worker.stop.set()
    thread.join(timeout=10)


def test_waking_reaches_the_stream_of_that_name_only(worker):
    worker._hear([[live.WAKE, "distribution"], ["appeal.queued", "appeal:1"], [live.WAKE, "nothing known"]])  # noqa: SLF001

    assert [name for name, event in worker.wakes.items() if event.is_set()] == ["distribution"]


def test_what_is_to_be_done_wakes_both_who_do_it(worker):
    worker._hear([[live.WAKE, "work"]])  # noqa: SLF001

    assert [name for name, event in worker.wakes.items() if event.is_set()] == ["work", "work_new"]


def test_every_name_of_the_timetable_is_used_once():
    names = [job[0] for job in [*jobs.STREAMS, *jobs.TIMETABLE]]

    assert len(names) == len(set(names))


ACTS = {name: act for name, act, *_ in jobs.STREAMS} | {name: act for name, _, act in jobs.TIMETABLE}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_every_job_runs_on_an_empty_centre(db, clock, act):
    act()


def test_the_figures_tell_what_waits(db, app, clock):
    with unit_of_work():
        work.enqueue("greet", name="anna")
    clock.forward(dt.timedelta(seconds=90))

    told = {
        sample.name: sample.value
        for family in metrics.collected(app, jobs.WAITING).collect()
        for sample in family.samples
        if sample.name.startswith("cec_due_work")
    }

    assert told == {"cec_due_work": 1, "cec_due_work_lag_seconds": 90}


def test_a_taken_metrics_port_does_not_keep_the_worker_from_work(app, caplog):
    with socket.create_server(("127.0.0.1", 0)) as taken, metrics.served(app, taken.getsockname()[1], []):
        assert "no metrics" in caplog.text


def test_the_second_worker_of_a_machine_leaves_its_figures_to_the_first(app, caplog, monkeypatch, tmp_path):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))

    with socket.create_server(("127.0.0.1", 0)) as taken, metrics.served(app, taken.getsockname()[1], []):
        assert not [record for record in caplog.records if record.levelname == "WARNING"]


@pytest.fixture
def silent(db, worker, clock):
    """Anna is at work; nothing is heard of her while the worker looks every two seconds for so long."""
    with unit_of_work():
        cast.a_centre()
        session, _token = signing_in.sign_in(cast.anna().login, cast.PASSWORD)
        signing_in.choose(session, "operator", cast.anna().branch_id, signing_in.workplaces(1)[0].id)
    jobs_of_links = [job for job in jobs.TIMETABLE if job[0].startswith("links_")]

    def look(seconds):
        for _ in range(seconds // 2):
            clock.forward(dt.timedelta(seconds=2))
            for job in jobs_of_links:
                worker.tick(*job)
        db.session.expire_all()
        return presence.current(cast.anna().id).status

    return look


def test_a_silent_operator_loses_the_link_after_a_minute_and_is_given_up_after_three(silent):
    assert silent(58) == "not_accepting"
    assert silent(4) == "no_link"
    assert silent(114) == "no_link"
    assert silent(6) == "offline"


def test_after_an_outage_of_the_centre_nobody_is_given_up_before_he_can_speak(silent, clock):
    silent(20)
    clock.forward(dt.timedelta(hours=1))

    assert silent(30) == "not_accepting"
