"""Messages: to whoever waits; those between processes are kept until somebody does."""

import pytest

from cec.platform.db import unit_of_work
from cec.workflow import engine, incidents
from cec.workflow.models import ProcessMessage
from tests.workflow import drawing as d


def waiting(*parts):
    return d.diagram(
        "errand",
        d.start(),
        d.user("handle"),
        d.line("begun", "handle"),
        d.outcomes("handle", wait="written"),
        d.catch("written", d.message("wrote", "letter")),
        d.service("note", text="letter.text"),
        d.end(),
        d.line("written", "note", "ended"),
        *parts,
        messages=("wrote",),
    )


@pytest.fixture
def errands(publish, service):
    service("note", takes="text")
    publish(waiting())


def kept(db):
    db.session.rollback()
    return [message.name for message in db.session.scalars(db.select(ProcessMessage))]


def test_a_message_reaches_the_process_that_waits_for_it(errands, desk, calls):
    desk.start()
    desk.finish("wait")
    assert desk.waits() == [("message", "wrote")]

    assert desk.send("wrote", text="hello") is True

    assert calls.told == [("test.note", "client:1", {"text": "hello"})]
    assert desk.instance().ended_at is not None


def test_a_message_that_nobody_waits_for_is_not_kept(errands, desk, calls, db):
    desk.start()

    assert desk.send("wrote", text="too early") is False

    desk.finish("wait")
    assert engine.run_due() == 0
    assert (calls, kept(db), desk.waits()) == ([], [], [("message", "wrote")])


def test_a_message_to_another_subject_or_of_another_name_is_none(errands, desk):
    desk.start()
    desk.finish("wait")

    assert desk.send("wrote", subject="errand:2") is False
    assert desk.send("called") is False
    assert desk.waits() == [("message", "wrote")]


def test_a_message_between_processes_is_kept_until_it_is_waited_for(errands, desk, calls, db):
    desk.start()
    with unit_of_work():
        engine.post("errand:1", "wrote", by="process:7", text="kept")
    assert engine.run_due() == 0
    assert kept(db) == ["wrote"]

    desk.finish("wait")
    assert engine.run_due() == 1

    assert calls.told == [("test.note", "process:7", {"text": "kept"})]
    assert kept(db) == []


def test_a_process_may_write_to_another(errands, publish, desk, calls, db):
    thrown = '<bpmn:messageEventDefinition messageRef="message_wrote"><bpmn:extensionElements><spiffworkflow:messagePayload>{subject: "errand:1", text: "from afar"}</spiffworkflow:messagePayload></bpmn:extensionElements></bpmn:messageEventDefinition>'  # noqa: E501
    publish(
        d.diagram(
            "letter", d.start(), d.node("intermediateThrowEvent", "posting", thrown), d.end(),
            d.line("begun", "posting", "ended"), messages=("wrote",),
        ),
        "letter",
    )  # fmt: skip
    desk.start()
    desk.finish("wait")

    desk.start("letter", subject="letter:1")
    assert engine.run_due() == 1

    assert calls.told == [("test.note", "system", {"text": "from afar"})]


def test_a_message_that_stumbles_goes_into_an_incident_and_can_be_retried(errands, desk, calls, db):
    desk.start()
    desk.finish("wait")
    calls.answers["test.note"] = ZeroDivisionError("boom")
    with unit_of_work():
        engine.post("errand:1", "wrote", by="process:7", text="kept")

    assert engine.run_due() == 1
    assert engine.run_due() == 0
    assert kept(db) == []
    (incident,) = incidents.list_open()
    calls.answers["test.note"] = None
    with unit_of_work():
        incidents.retry(incident.id, by="employee:9")
    engine.run_due()

    assert calls.told[-1] == ("test.note", "process:7", {"text": "kept"})
    assert desk.instance().ended_at is not None


def test_a_sent_message_that_stumbles_can_be_retried(errands, desk, calls):
    desk.start()
    desk.finish("wait")
    calls.answers["test.note"] = ZeroDivisionError("boom")
    with pytest.raises(ZeroDivisionError):
        desk.send("wrote", text="hello")
    assert desk.waits() == [("message", "wrote")]
    calls.answers["test.note"] = None

    with unit_of_work():
        incidents.retry(incidents.list_open()[0].id, by="employee:9")

    assert calls.told[-1] == ("test.note", "client:1", {"text": "hello"})
