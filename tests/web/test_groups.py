"""5.10: the administrator's operator groups."""

import pytest
from cast import a_centre, a_group, a_queue, an_appeal, anna, boris, igor, story, vera

from cec.platform import journal
from cec.queues import editing, lanes
from cec.staff import groups
from cec.staff.models import OperatorGroup
from forms import changer, filled


@pytest.fixture
def window(signed_in):
    vera().language = "en"
    return signed_in(vera())


@pytest.fixture
def change(window):
    return changer(window, "/centre/groups")


def test_a_group_is_added_and_gets_a_leader_members_and_queues(window, change):
    boris()
    queue = a_queue()
    answer = window.post("/centre/groups", data={"name": "Couriers", "code": "couriers"})
    group = groups.find("couriers")
    assert answer.location.startswith(f"/centre/groups/{group.id}")

    answer = change(group, leader_id=boris().id, members=[str(anna().id), "999"], **{f"queue__{queue.id}": 2})

    assert answer.status_code == 303
    assert (group.leader_id, group.members) == (boris().id, [anna()])
    assert editing.levels_of(queue)[group.id] == 2
    assert journal.history(f"group:{group.id}")[-1].facts["changed"] == {
        "leader": [None, "boris"],
        "members": [[], ["anna"]],
    }
    assert journal.history(f"queue:{queue.id}")[-1].facts["changed"] == {
        "groups": [{"first_line": 1}, {"first_line": 1, "couriers": 2}]
    }
    assert "Борис Лаптев" in window.get("/centre/groups").text


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": "x", "code": "First"}, "code"),
        ({"name": "x", "code": "first_line"}, "code"),
        ({"name": "x" * 101, "code": "second"}, "name"),
    ],
)
def test_what_is_wrong_with_a_new_group_is_said_at_its_field(window, data, field):
    a_group()

    answer = window.post("/centre/groups", data=data)

    assert answer.status_code == 422
    assert f'data-error="{field}"' in answer.text


@pytest.mark.parametrize(("data", "field"), [({"name": " "}, "name"), ({"leader_id": "anna"}, "leader_id")])
def test_what_is_wrong_with_a_group_is_said_at_its_field(change, data, field):
    data = {name: anna().id if value == "anna" else value for name, value in data.items()}

    answer = change(a_group(), **data)

    assert answer.status_code == 422
    assert f'data-error="{field}"' in answer.text


def test_a_group_that_somebody_else_changed_meanwhile_is_not_overwritten(window, change):
    group = a_group()
    page = window.get(f"/centre/groups/{group.id}").text
    change(group, members=[str(igor().id)])

    answer = window.post(f"/centre/groups/{group.id}", data=filled(page, name="Mine"))

    assert answer.status_code == 409
    assert (group.name, group.members) == ("First Line", [igor()])


def test_the_only_group_that_serves_an_open_queue_stays(window, change, db):
    queue, group = a_queue(), a_group()

    assert window.post(f"/centre/groups/{group.id}/removal").status_code == 409
    answer = change(group, **{f"queue__{queue.id}": 2})

    assert answer.status_code == 409
    assert "Only this group serves “General” at once" in answer.text
    assert editing.levels_of(queue) == {group.id: 1}


def test_a_group_that_no_queue_needs_goes_with_its_members_written_down(window, db):
    queue, second = a_queue(), a_group("second_line", igor())
    queue.groups.append(second)
    second_id = second.id

    assert window.post(f"/centre/groups/{second_id}/removal").status_code == 303

    assert db.session.get(OperatorGroup, second_id) is None
    assert igor().groups == [a_group()]
    assert journal.history(f"group:{second_id}")[-1].facts["removed"]["members"] == ["igor"]
    assert story(f"queue:{queue.id}")[-1] == "queue.changed"


def test_a_group_for_which_appeals_wait_stays(window):
    a_centre()
    group, appeal = a_group("couriers", igor()), an_appeal()
    appeal.lane_id = lanes.open_lane(appeal.queue, "email", ["group:couriers"]).id

    answer = window.post(f"/centre/groups/{group.id}/removal")

    assert answer.status_code == 409
    assert "Appeals wait for this group" in answer.text


def test_a_group_that_is_not_there_is_not_found(window):
    assert window.get("/centre/groups/999").status_code == 404
    assert window.post("/centre/groups/999/removal").status_code == 404
