"""Lanes: appeals that the same operators can take."""

import pytest

from cec.distribution import choosing
from cec.platform.db import db
from cec.queues import lanes, queries
from tests import cast


@pytest.fixture
def queue(db):
    return cast.a_queue("general", cast.a_group("first_line", cast.anna()))


def test_the_same_queue_channel_and_skills_are_one_lane(queue):
    first = lanes.open_lane(queue, "email", ["b", "a"])
    second = lanes.open_lane(queue, "email", ["a", "b", "a"])

    assert first.id == second.id
    assert cast.story(f"lane:{first.id}") == ["lane.opened"]


def test_a_new_lane_is_served_at_once_by_the_groups_of_its_queue(queue):
    lanes.open_lane(queue, "email", [])
    db.session.flush()

    assert choosing.serves(cast.anna().id)
    assert not choosing.serves(cast.igor().id)


def test_a_lane_for_a_group_is_served_by_its_members_only(queue):
    cast.a_group("payments", cast.igor())

    lanes.open_lane(queue, "email", [lanes.group_skill("payments")])

    assert choosing.serves(cast.igor().id)
    assert not choosing.serves(cast.anna().id)


def test_a_closed_queue_cannot_be_chosen(queue):
    queue.is_active = False

    with pytest.raises(queries.NoSuchQueue):
        queries.get_open(queue.id)


def test_the_default_queue_takes_what_no_other_can(queue):
    cast.a_queue("delivery")

    def taker(code):
        return lanes.find(code, "email", [])[0].code

    assert [taker("delivery"), taker("unknown"), taker(None)] == ["delivery", "general", "general"]
