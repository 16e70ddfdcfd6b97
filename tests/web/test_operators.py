"""Guide 4.3: a supervisor sees his operators now, and changes something about one of them for a while."""

import datetime as dt

import pytest
from cast import a_centre, a_group, a_queue, accepted, an_appeal, anna, at_work, boris, igor, vera

from cec.distribution import temporary
from cec.distribution.models import Capacity, OperatorLane
from cec.notifications import words as said
from cec.notifications.models import Notification
from cec.platform import clock, i18n, work
from cec.platform.db import db, unit_of_work
from cec.queues.lanes import open_lane
from cec.staff import presence, reasons

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def window(signed_in):
    a_centre()
    boris().language = "en"
    return signed_in(boris())


def begun(window, who, **fields):
    until = i18n.local(clock.now() + dt.timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    return window.post(f"/operators/{who.id}/changes", data={"until": until, "units": "", "queue_id": ""} | fields)


def test_the_list_tells_what_each_does_and_holds(window, words):
    at_work(anna(), igor())
    accepted(an_appeal(), anna())

    page = words(window.get("/operators").text)
    row = page[page.index(anna().name) : page.index(igor().name)]

    assert "Active" in row
    assert "1/5" in row
    assert "<html" not in window.get("/operators", headers=PART).text


def test_of_a_supervisor_who_leads_groups_only_their_operators_are_listed(window, words):
    group = a_group("payments", igor())
    with unit_of_work():
        group.leader_id = boris().id

    page = words(window.get("/operators").text)

    assert igor().name in page
    assert anna().name not in page
    assert window.get(f"/operators/{anna().id}").status_code == 404
    assert begun(window, anna(), kind="units", units="1").status_code == 404


def test_a_queue_is_served_for_a_while_and_no_longer_when_it_is_ended(window, words):
    at_work(anna())
    queue = a_queue("payment", a_group("payments", igor()))
    with unit_of_work():
        lane = open_lane(queue, "email", [])
    served = db.select(OperatorLane.employee_id).where(OperatorLane.lane_id == lane.id)
    assert list(db.session.scalars(served)) == [igor().id]

    answer = begun(window, anna(), kind="queue_added", queue_id=str(queue.id))

    assert answer.status_code == 303
    assert f"Serves “{queue.name}” too" in words(window.get(answer.location).text)
    assert set(db.session.scalars(served)) == {anna().id, igor().id}
    (change,) = temporary.running(anna())
    window.post(f"/operators/{anna().id}/changes/{change.id}/end")
    assert list(db.session.scalars(served)) == [igor().id]


def test_units_for_a_while_are_the_capacity_until_then(window):
    at_work(anna())

    begun(window, anna(), kind="units", units="2")

    assert db.session.get(Capacity, anna().id, populate_existing=True).cap == 2


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"kind": "units", "units": "lots"}, "Write a whole number from 0 to 100."),
        ({"kind": "units", "units": "3", "until": "soon"}, "Write a day and a time."),
        ({"kind": "units", "units": "3", "until": "2020-01-01T10:00"}, "Choose a time in the future, within 31 days."),
        ({"kind": "nonsense"}, "Choose from the list."),
        ({"kind": "queue_added", "queue_id": "999"}, "This queue is closed or gone: choose another one."),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_changes_nothing(window, words, fields, told):
    answer = begun(window, anna(), **fields)

    assert answer.status_code == 422
    assert told in words(answer.text)
    assert temporary.running(anna()) == []


def test_a_change_of_somebody_else_cannot_be_ended_here(window):
    begun(window, anna(), kind="units", units="2")
    (change,) = temporary.running(anna())

    assert window.post(f"/operators/{igor().id}/changes/{change.id}/end").status_code == 404
    assert len(temporary.running(anna())) == 1


def test_an_administrator_leads_nobody(signed_in):
    a_centre()

    assert signed_in(vera()).get("/operators").status_code == 403


def test_boris_sends_anna_to_lunch_and_what_she_holds_goes_back_once_he_says_so(window, words):
    at_work(anna())
    appeal = accepted(an_appeal(), anna())
    lunch = reasons.list_all()[0].id if reasons.list_all() else ""
    asked = {"status": f"break:{lunch}"}

    refused = window.post(f"/operators/{anna().id}/status", data=asked)
    assert refused.status_code == 409
    assert "This status returns 1 appeal to its queue." in words(refused.text)
    assert presence.current(anna().id).status == "active"

    assert window.post(f"/operators/{anna().id}/status", data=asked | {"returns": "1"}).status_code == 303

    running = presence.current(anna().id)
    assert (running.status, running.source) == ("break", "supervisor")
    while work.run_due():
        pass
    db.session.refresh(appeal)
    assert appeal.operator_id is None
    told = db.session.scalars(db.select(Notification).filter_by(employee_id=anna().id, what="status_set")).one()
    with i18n.reader("en", "Europe/Moscow"):
        title = said.of(told).title
    assert title == f"{boris().name} changed your status: Break"


def test_there_is_no_status_to_change_of_somebody_who_is_not_here_or_of_a_foreign_operator(window, words):
    asked = {"status": "active:"}

    refused = window.post(f"/operators/{anna().id}/status", data=asked)
    assert refused.status_code == 409
    assert f"{anna().name} has not signed in" in words(refused.text)

    at_work(anna())
    assert window.post(f"/operators/{anna().id}/status", data={"status": "asleep"}).status_code == 422
    with unit_of_work():
        a_group("payments", igor()).leader_id = boris().id
    assert window.post(f"/operators/{anna().id}/status", data=asked).status_code == 404
