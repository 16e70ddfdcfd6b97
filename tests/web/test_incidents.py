"""Processes and work that stumbled wait for the administrator."""

import pytest
from cast import a_centre, vera

from cec.platform import clock, work
from cec.platform.db import unit_of_work
from cec.platform.work import DueWork
from cec.workflow.models import Incident


@pytest.fixture
def window(signed_in):
    a_centre()
    return signed_in(vera())


@pytest.fixture
def incident(db):
    with unit_of_work():
        row = Incident(subject="appeal:42", step={"act": "orphan"}, error="<b>ZeroDivisionError</b>")
        db.session.add(row)
    return row


def dead_letter(db):
    with unit_of_work():
        row = db.session.get_one(DueWork, work.enqueue("inbound", inbound_id=777))
        row.dead_at, row.error, row.attempts = clock.now(), "NoResultFound: nothing", 8
    return row


def test_nothing_stumbled(window):
    assert "Всё работает" in window.get("/incidents").text


def test_incidents_are_listed_as_text(window, incident):
    page = window.get("/incidents").text

    assert "appeal:42" in page
    assert "&lt;b&gt;ZeroDivisionError" in page


def test_what_cannot_be_retried_is_refused_in_words(window, incident):
    answer = window.post(f"/incidents/{incident.id}/retry")

    assert answer.status_code == 409
    assert "Повторить нельзя" in answer.text


def test_what_was_put_right_by_hand_is_settled(window, incident, db):
    window.post(f"/incidents/{incident.id}/settlement")

    row = db.session.get_one(Incident, incident.id)
    assert row.settled_by == vera().key
    assert "appeal:42" not in window.get("/incidents").text


def test_an_incident_that_is_settled_or_not_there_is_not_found(window, incident):
    window.post(f"/incidents/{incident.id}/settlement")

    assert window.post(f"/incidents/{incident.id}/settlement").status_code == 404
    assert window.post("/incidents/999/retry").status_code == 404


def test_a_dead_letter_is_tried_again(window, db):
    row = dead_letter(db)

    assert "NoResultFound: nothing" in window.get("/incidents").text
    answer = window.post(f"/incidents/work/{row.id}/retry")

    assert answer.status_code == 303
    revived = db.session.get_one(DueWork, row.id)
    assert (revived.dead_at, revived.attempts) == (None, 0)
    assert "NoResultFound" not in window.get("/incidents").text
