"""Moments come: one instance, one transaction each; what stumbles leaves the due set and waits for a person."""

import datetime as dt
import threading

import pytest

from cec.platform.db import unit_of_work
from cec.platform.errors import Refusal
from cec.workflow import engine, incidents
from cec.workflow.incidents import NoSuchIncident, NothingToRetry, StumbledAgain
from cec.workflow.models import Incident, ProcessInstance, Wait
from tests.workflow import drawing as d

HOUR = dt.timedelta(hours=1)


class NotAllowedToRing(Refusal):
    """Not now."""


@pytest.fixture
def reminders(publish, service):
    """An errand that rings twice while it is handled: at `first` and at `second`."""
    service("remind")
    service("warn")
    publish(
        d.simple(
            "errand",
            d.boundary("first", "handle", d.timer("first"), interrupts=False),
            d.boundary("second", "handle", d.timer("second"), interrupts=False),
            d.service("remind"), d.service("warn"), d.end("reminded"), d.end("warned"),
            d.line("first", "remind", "reminded"), d.line("second", "warn", "warned"),
        )
    )  # fmt: skip


@pytest.fixture
def started(reminders, desk, clock):
    now = clock.forward(dt.timedelta())
    desk.start(first=now + HOUR, second=now + 2 * HOUR)
    return now


def open_incidents(db):
    db.session.rollback()
    return incidents.list_open()


def test_a_timer_rings_at_its_moment_and_not_before(started, desk, clock, calls):
    clock.forward(HOUR - dt.timedelta(microseconds=1))
    assert engine.run_due() == 0

    clock.forward(dt.timedelta(microseconds=1))
    assert engine.run_due() == 1

    assert calls.told == [("test.remind", "timer", {})]
    assert desk.open() == ["handle"]
    assert desk.due() == [started + 2 * HOUR]


def test_a_duration_counts_from_where_it_begins(publish, desk, clock, service):
    service("remind")
    publish(
        d.simple(
            "errand", d.boundary("first", "handle", d.timer('duration("PT90M")', "timeDuration"), interrupts=True),
            d.service("remind"), d.end("reminded"), d.line("first", "remind", "reminded"),
        )
    )  # fmt: skip
    now = clock.forward(dt.timedelta())
    desk.start()

    assert desk.due() == [now + dt.timedelta(minutes=90)]
    clock.forward(dt.timedelta(minutes=90))
    assert engine.run_due() == 1
    assert desk.open() == []
    assert desk.instance().ended_at == now + dt.timedelta(minutes=90)


def test_a_moment_may_be_written_into_the_diagram(publish, desk):
    late = d.boundary("late", "handle", d.timer('@"2027-01-01T10:00:00+03:00"'), interrupts=False)
    publish(d.simple("errand", late, d.end("told"), d.line("late", "told")))

    desk.start()

    assert desk.due() == [dt.datetime(2027, 1, 1, 7, tzinfo=dt.UTC)]


def test_a_moment_that_has_passed_already_rings_at_once(reminders, desk, clock, calls):
    now = clock.forward(dt.timedelta())

    desk.start(first=now - HOUR, second=now + HOUR)

    assert calls == ["test.remind"]
    assert desk.due() == [now + HOUR]


def test_a_moment_of_now_rings_with_the_next_look(reminders, desk, clock, calls):
    now = clock.forward(dt.timedelta())
    desk.start(first=now, second=now + HOUR)

    assert engine.run_due() == 1

    assert calls == ["test.remind"]
    assert engine.run_due() == 0


def test_a_timer_can_be_set_to_another_moment(started, desk, clock, calls):
    with unit_of_work():
        assert engine.reschedule("errand:1", "first", started + 3 * HOUR)

    clock.forward(2 * HOUR)
    engine.run_due()
    assert calls == ["test.warn"]
    clock.forward(HOUR)
    engine.run_due()
    assert calls == ["test.warn", "test.remind"]


def test_setting_a_timer_that_is_not_there_changes_nothing(started, desk):
    with unit_of_work():
        assert not engine.reschedule("errand:1", "third", started)
        assert not engine.reschedule("errand:2", "first", started)

    assert desk.due() == [started + HOUR, started + 2 * HOUR]


def test_no_more_than_asked_for_are_run(reminders, desk, clock):
    now = clock.forward(dt.timedelta())
    for number in range(5):
        desk.start(subject=f"errand:{number}", first=now + HOUR, second=now + 9 * HOUR)
    clock.forward(HOUR)

    assert engine.run_due(limit=3) == 3
    assert engine.run_due(limit=3) == 2
    assert engine.run_due(limit=3) == 0


def test_an_instance_in_somebodys_hands_is_passed_over(started, app, clock):
    clock.forward(HOUR)
    holding, released = threading.Event(), threading.Event()

    def hold():
        with app.app_context(), unit_of_work():
            engine.lock("errand:1")
            holding.set()
            released.wait(timeout=10)

    holder = threading.Thread(target=hold)
    holder.start()
    holding.wait(timeout=10)
    try:
        assert engine.run_due() == 0
    finally:
        released.set()
        holder.join()
    assert engine.run_due() == 1


def test_two_workers_never_ring_twice(reminders, desk, clock, calls, at_once):
    now = clock.forward(dt.timedelta())
    for number in range(20):
        desk.start(subject=f"errand:{number}", first=now + HOUR, second=now + 9 * HOUR)
    clock.forward(HOUR)

    ran = at_once(engine.run_due, engine.run_due)

    assert calls.count("test.remind") == 20
    assert sum(ran) >= 20


@pytest.mark.parametrize("fault", [ZeroDivisionError("boom"), NotAllowedToRing()])
def test_what_stumbles_is_an_incident_and_does_not_stop_the_others(reminders, desk, clock, calls, db, fault):
    now = clock.forward(dt.timedelta())
    for number in range(3):
        desk.start(subject=f"errand:{number}", first=now + HOUR, second=now + 9 * HOUR)
    answers = iter([fault])

    def once(_told):
        for error in answers:
            raise error

    calls.answers["test.remind"] = once
    clock.forward(HOUR)

    assert engine.run_due() == 3
    assert engine.run_due() == 0
    assert calls.count("test.remind") == 3
    assert [incident.subject for incident in open_incidents(db)] == ["errand:0"]


def test_a_parked_timer_does_not_hinder_people_and_stays_parked(started, desk, clock, calls, db):
    calls.answers["test.remind"] = ZeroDivisionError("boom")
    clock.forward(HOUR)
    engine.run_due()
    assert desk.due() == [None, started + 2 * HOUR]

    clock.forward(HOUR)
    assert engine.run_due() == 1
    assert calls == ["test.remind", "test.warn"]
    desk.finish("close")

    assert desk.instance().ended_at is not None
    assert db.session.scalars(db.select(Wait)).all() == []


def test_a_retry_does_the_step_again_and_settles_the_incident(started, desk, clock, calls, db):
    calls.answers["test.remind"] = ZeroDivisionError("boom")
    clock.forward(HOUR)
    engine.run_due()
    (incident,) = open_incidents(db)

    with pytest.raises(StumbledAgain, match="boom"), unit_of_work():
        incidents.retry(incident.id, by="employee:9")
    assert desk.due() == [None, started + 2 * HOUR]
    calls.answers["test.remind"] = None
    with unit_of_work():
        incidents.retry(incident.id, by="employee:9")

    assert calls == ["test.remind"] * 3
    assert desk.due() == [started + 2 * HOUR]
    db.session.expire_all()
    assert (incident.settled_by, open_incidents(db)) == ("employee:9", [])


def test_a_retry_puts_back_timers_that_are_not_due(started, desk, clock, calls, db):
    calls.answers["test.remind"] = ZeroDivisionError("boom")
    clock.forward(HOUR)
    engine.run_due()
    with unit_of_work():
        engine.reschedule("errand:1", "first", started + 5 * HOUR)
        db.session.execute(db.update(Wait).values(due_at=None))

    with unit_of_work():
        incidents.retry(open_incidents(db)[0].id, by="employee:9")

    assert sorted(desk.due()) == [started + 2 * HOUR, started + 5 * HOUR]


def test_an_incident_may_be_given_up(started, clock, calls, db):
    calls.answers["test.remind"] = ZeroDivisionError("boom")
    clock.forward(HOUR)
    engine.run_due()

    with unit_of_work():
        incidents.give_up(open_incidents(db)[0].id, by="employee:9")

    assert open_incidents(db) == []
    assert engine.run_due() == 0


@pytest.fixture
def stumbled(publish, desk, calls, service):
    """A process whose step after a person's has failed; it would not fail again."""
    service("settle")
    publish(
        d.diagram(
            "errand", d.start(), d.user("handle"), d.service("settle"), d.end(), d.line("begun", "handle"),
            d.outcomes("handle", close="settle"), d.line("settle", "ended"),
        )
    )  # fmt: skip
    desk.start()
    calls.answers["test.settle"] = ZeroDivisionError("boom")
    with pytest.raises(ZeroDivisionError):
        desk.finish("close")
    calls.answers["test.settle"] = None


def test_a_step_of_a_person_can_be_retried(stumbled, desk, db):
    with unit_of_work():
        incidents.retry(open_incidents(db)[0].id, by="employee:9")

    assert desk.instance().ended_at is not None
    assert desk.tasks()[0].closed_by == "employee:2"


def test_a_step_that_somebody_has_repeated_meanwhile_is_only_settled(stumbled, desk, calls, db):
    desk.finish("close")

    with unit_of_work():
        incidents.retry(open_incidents(db)[0].id, by="employee:9")

    assert calls == ["test.settle"] * 2
    assert open_incidents(db) == []


def test_the_same_stumble_again_is_one_incident(db):
    with unit_of_work():
        for error in ("first", "second"):
            incidents.report("appeal:1", step={"act": "watchdog"}, error=error)
        incidents.report("appeal:2", step={"act": "watchdog"}, error="other")

    assert sorted((each.subject, each.error) for each in open_incidents(db)) == [
        ("appeal:1", "second"),
        ("appeal:2", "other"),
    ]


def test_what_was_no_step_cannot_be_retried(db):
    with unit_of_work():
        incident = incidents.report("appeal:1", step={"act": "watchdog"}, error="status and place disagree")

    with pytest.raises(NothingToRetry), unit_of_work():
        incidents.retry(incident.id, by="employee:9")

    assert db.session.scalars(db.select(Incident.settled_at)).all() == [None]


def test_a_state_that_cannot_be_read_stops_nobody_else(reminders, desk, clock, calls, db):
    now = clock.forward(dt.timedelta())
    for number in range(2):
        desk.start(subject=f"errand:{number}", first=now + HOUR, second=now + 9 * HOUR)
    with unit_of_work():
        desk.instance("errand:0").state = b"[0, []]"
        db.session.flush()
    clock.forward(HOUR)

    assert engine.run_due() == 2

    assert calls == ["test.remind"]
    assert [incident.error for incident in open_incidents(db)] == ["UnknownState: version 0, expected 1"]


def test_a_settled_incident_cannot_be_retried(started, clock, calls, db):
    calls.answers["test.remind"] = ZeroDivisionError("boom")
    clock.forward(HOUR)
    engine.run_due()
    number = open_incidents(db)[0].id
    with unit_of_work():
        incidents.give_up(number, by="employee:9")

    with pytest.raises(NoSuchIncident), unit_of_work():
        incidents.retry(number, by="employee:9")


def test_a_refusal_of_a_retry_goes_to_the_person(started, clock, calls, db):
    calls.answers["test.remind"] = NotAllowedToRing()
    clock.forward(HOUR)
    engine.run_due()

    with pytest.raises(NotAllowedToRing), unit_of_work():
        incidents.retry(open_incidents(db)[0].id, by="employee:9")

    assert len(open_incidents(db)) == 1


def test_an_instance_that_has_ended_meanwhile_has_nothing_to_be_retried(started, desk, clock, calls, db):
    calls.answers["test.remind"] = ZeroDivisionError("boom")
    clock.forward(HOUR)
    engine.run_due()
    desk.finish("close")

    with unit_of_work():
        incidents.retry(open_incidents(db)[0].id, by="employee:9")

    assert (calls, open_incidents(db)) == (["test.remind"], [])


def test_a_row_that_is_due_and_does_not_ring_is_an_incident_and_no_endless_loop(started, desk, clock, calls, db):
    with unit_of_work():
        db.session.execute(db.update(Wait).values(due_at=clock.forward(dt.timedelta())))

    assert engine.run_due() == 1
    assert engine.run_due() == 0

    assert [incident.error for incident in open_incidents(db)] == ["BrokenStep: a timer is due and does not ring"]


def test_a_database_that_fails_before_anything_is_claimed_is_no_incident(db, clock, monkeypatch):
    monkeypatch.setattr(engine, "BATCH", "many")

    with pytest.raises(Exception, match="many"):
        engine.run_due()

    assert open_incidents(db) == []


def test_who_retries_and_who_stumbles_at_once_do_not_wait_for_each_other(started, desk, clock, calls, db, at_once):
    calls.answers["test.remind"] = ZeroDivisionError("boom")
    clock.forward(HOUR)
    engine.run_due()
    number = open_incidents(db)[0].id

    def retry():
        with unit_of_work():
            incidents.retry(number, by="employee:9")

    results = at_once(retry, retry, retry)

    assert [type(result) for result in results] == [StumbledAgain] * 3
    assert db.session.scalar(db.select(ProcessInstance.ended_at)) is None
