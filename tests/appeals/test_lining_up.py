"""Where an appeal would stand (guide 5.2): behind Sidorov and Petrov, or before them."""

import datetime as dt

import pytest

from cec.appeals import lining_up
from cec.platform.db import unit_of_work
from tests import cast

pytestmark = pytest.mark.usefixtures("centre")


@pytest.fixture
def two_wait(clock):
    """Sidorov came four minutes ago, Petrov just now."""
    sidorov = cast.an_appeal("Где?", sender="sidorov@client.example")
    clock.forward(dt.timedelta(minutes=4))
    return sidorov, cast.an_appeal("Где?")


def place(table, given, outputs, **more):
    found = lining_up.find(table, given, outputs, **more)
    return found and (found.queue, found.position, found.total)


def test_points_bring_it_to_the_front_of_its_queue(two_wait):
    given = {"queue": "general"}

    assert place("prioritization", given, {"points": 0}) == ("General", 3, 3)
    assert place("prioritization", given, {"points": 20}) == ("General", 1, 3)
    assert place("prioritization", {}, {"points": 20}) is None, "nobody said which queue"


def test_a_real_one_counts_from_its_own_arrival_and_not_twice(two_wait):
    sidorov, _petrov = two_wait

    found = place(
        "prioritization", {"queue": "general"}, {"points": 0}, arrived_at=sidorov.enqueued_at, itself=sidorov.id
    )

    assert found == ("General", 1, 2)


def test_routing_says_the_queue_and_the_points_say_the_place(two_wait):
    vip = {"segment": "vip"}

    assert place("routing", vip, {"queue": "general", "skills": []}) == ("General", 1, 3)
    assert place("routing", {}, {"queue": "gone", "skills": []}) == ("General", 3, 3), "the default queue takes it"
    assert place("screening", {}, {"verdict": "accept"}) is None


def test_a_full_queue_sends_it_on(two_wait):
    spare = cast.a_queue("spare")
    with unit_of_work():
        queue = cast.a_queue()
        queue.longest, queue.overflow_queue_id = 2, spare.id

    found = lining_up.find("routing", {}, {"queue": "general", "skills": []})

    assert (found.queue, found.position, found.instead_of) == ("Spare", 1, "General")
