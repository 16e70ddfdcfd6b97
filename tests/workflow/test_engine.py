"""A process runs until it needs somebody; every step is whole or has not been."""

import datetime as dt
from decimal import Decimal

import pytest

from cec.platform import journal
from cec.platform.db import unit_of_work
from cec.platform.errors import Refusal
from cec.workflow import engine, inbox
from cec.workflow.inbox import AlreadyDone, UnknownOutcome
from cec.workflow.models import Incident, UserTask
from cec.workflow.spiff.expressions import plain
from tests.workflow import drawing as d


class NotNow(Refusal):
    """Not now."""


def errand(*parts):
    return d.diagram(
        "errand",
        d.start(),
        d.user("handle"),
        d.service("settle", result="settled", outcome="outcome", note="note"),
        d.end(),
        d.line("begun", "handle"),
        d.outcomes("handle", close="settle", drop="dropped"),
        d.line("settle", "ended"),
        d.end("dropped"),
        *parts,
    )


@pytest.fixture
def errands(publish, service):
    service("settle", takes="outcome note?")
    publish(errand())


def test_a_started_process_waits_for_a_person(errands, desk):
    desk.start()

    (task,) = desk.tasks()
    assert (task.element, task.process, task.place, task.assignment) == ("handle", "errand", "handle", "distribution")
    assert desk.instance().ended_at is None


def test_a_finished_task_knows_its_outcome_and_who_finished_it(errands, desk, clock):
    desk.start()
    clock.forward(dt.timedelta(minutes=5))

    desk.finish("close", note="done")

    (task,) = desk.tasks()
    assert (task.outcome, task.closed_by, task.closed_at) == ("close", "employee:2", desk.instance().ended_at)
    assert desk.waits() == []


def test_a_service_task_is_told_its_parameters_and_who_acts(errands, desk, calls):
    desk.start()

    desk.finish("close", note="done")

    assert calls.told == [("test.settle", "employee:2", {"outcome": "close", "note": "done"})]


def test_null_means_the_default_of_the_service_task(errands, desk, calls):
    desk.start()

    desk.finish("close")

    assert calls.told[0][2] == {"outcome": "close"}


def test_the_second_of_two_who_finish_the_same_task_is_told(errands, desk, db, at_once):
    for number in range(10):
        subject = f"errand:{number}"
        desk.start(subject=subject)
        task_id = desk.tasks(subject)[0].id

        def press(task_id=task_id):
            with unit_of_work():
                engine.complete(db.session.get_one(UserTask, task_id), outcome="close", by="employee:3")
            return "done"

        results = at_once(press, press)

        assert sorted(str(result) for result in results) == ["Somebody has already done this.", "done"]
        assert [type(result) for result in results if result != "done"] == [AlreadyDone]
        assert [task.outcome for task in desk.tasks(subject)] == ["close"]


def test_finishing_after_the_process_has_ended_is_told(errands, desk, db):
    desk.start()
    task = desk.tasks()[0]
    desk.finish("drop")

    with pytest.raises(AlreadyDone), unit_of_work():
        engine.complete(task, outcome="close", by="employee:2")


def test_an_outcome_that_the_diagram_does_not_have_is_refused_and_nothing_changes(errands, desk):
    desk.start()

    with pytest.raises(UnknownOutcome):
        desk.finish("explode")

    assert desk.open() == ["handle"]


def test_a_refusal_of_a_rule_rolls_the_whole_step_back(errands, desk, calls, db):
    desk.start()
    before = desk.instance().state
    calls.answers["test.settle"] = NotNow()

    with pytest.raises(NotNow):
        desk.finish("close")

    assert desk.open() == ["handle"]
    assert desk.instance().state == before
    assert db.session.scalars(db.select(Incident)).all() == []


def test_an_unexpected_error_is_an_incident_and_the_step_has_not_been(errands, desk, calls, db):
    desk.start()
    before = desk.instance().state
    calls.answers["test.settle"] = ZeroDivisionError("boom")

    with pytest.raises(ZeroDivisionError):
        desk.finish("close", note="done")

    assert desk.instance().state == before
    (incident,) = db.session.scalars(db.select(Incident)).all()
    assert incident.error == "ZeroDivisionError: boom"
    assert incident.step == {
        "act": "complete", "task": desk.tasks()[0].id, "by": "employee:2", "outcome": "close", "note": "done"
    }  # fmt: skip


def test_an_error_in_the_transaction_that_started_the_process_leaves_nothing(errands, desk, calls, db):
    calls.answers["test.settle"] = ZeroDivisionError("boom")

    with pytest.raises(ZeroDivisionError), unit_of_work():
        engine.start("errand", "errand:1", by="employee:1")
        engine.complete(inbox.get_open("errand:1"), outcome="close", by="employee:1")

    assert desk.tasks() == []
    assert db.session.scalars(db.select(Incident)).all() == []


def test_an_expression_that_cannot_be_worked_out_is_no_fault_of_the_person(publish, desk, db, service):
    service("settle", takes="outcome note?")
    publish(errand().replace('value="note"', 'value="1 + note"'))
    desk.start()

    with pytest.raises(Exception, match="errand/settle: 1 \\+ note") as stumbled:
        desk.finish("close", note="done")

    assert not isinstance(stumbled.value, Refusal)
    assert db.session.scalars(db.select(Incident.error)).one().startswith("BrokenStep: errand/settle")


def test_only_one_running_process_per_subject(errands, desk):
    desk.start()

    with pytest.raises(Exception, match="uq_process_instance_running"):
        desk.start()


def test_locking_gives_the_running_instance(errands, desk, db):
    number = desk.start()

    assert engine.lock("errand:1").id == number
    desk.finish("drop")
    assert engine.lock("errand:1") is None


def test_dates_come_back_as_they_were_told(publish, desk, calls, service):
    service("note", takes="until")
    publish(
        d.diagram(
            "errand", d.start(), d.user("handle"), d.service("note", until="until:datetime"), d.end(),
            d.line("begun", "handle"), d.outcomes("handle", close="note"), d.line("note", "ended"),
        )
    )  # fmt: skip
    until = dt.datetime(2027, 1, 1, 12, tzinfo=dt.timezone(dt.timedelta(hours=3)))
    desk.start(until=until)

    desk.finish("close")

    assert calls.told[0][2] == {"until": until}


def test_what_a_step_forgets_is_not_kept(publish, desk, service):
    service("look", answer={"text": "secret"})
    publish(
        d.diagram(
            "errand", d.start(), d.service("look", result="facts", forget="facts"), d.user("handle"), d.end(),
            d.line("begun", "look", "handle"), d.outcomes("handle", close="ended"),
        )
    )  # fmt: skip

    desk.start()

    assert b"secret" not in desk.instance().state


def test_the_path_of_a_process_is_in_the_journal(errands, desk, db):
    number = desk.start()

    desk.finish("close")

    paths = [entry.facts["path"] for entry in journal.history(f"process:{number}")]
    assert paths == [["begun"], ["handle", "after_handle", "settle", "ended"]]


def test_no_notice_is_lost_on_a_process_nobody_published(db):
    with pytest.raises(Exception, match="There is no process nothing"):
        engine.start("nothing", "errand:1", by="employee:1")


def test_numbers_are_kept_as_numbers_and_what_is_no_data_is_refused():
    assert plain({"whole": Decimal(5), "part": Decimal("2.5")}) == {"whole": 5, "part": 2.5}
    with pytest.raises(TypeError, match="not JSON serializable: object"):
        plain(object())


def test_a_task_pressed_twice_is_done_once_though_the_process_goes_on(publish, desk, db, at_once):
    publish(
        d.diagram(
            "errand", d.start(), d.node("exclusiveGateway", "again"), d.user("handle"), d.end(),
            d.line("begun", "again", "handle"), d.outcomes("handle", close="ended", repeat="again"),
        )
    )  # fmt: skip
    desk.start()
    task_id = desk.tasks()[0].id

    def press():
        with unit_of_work():
            engine.complete(db.session.get_one(UserTask, task_id), outcome="repeat", by="employee:3")
        return "done"

    results = at_once(press, press)

    assert sorted(str(result) for result in results) == ["Somebody has already done this.", "done"]
    assert [task.outcome for task in desk.tasks()] == ["repeat", None]
