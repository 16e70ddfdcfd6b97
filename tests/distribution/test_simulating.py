"""A day of the centre as it would have been, by the same rule."""

import pytest

from cec.distribution.rule import Centre, Lane, Operator, Room
from cec.distribution.simulating import Arrival, simulate


def an_operator(number, lanes, cap=1):
    return Operator(number, cap, {lane: (0, share) for lane, share in lanes.items()}, {"email": Room(cap)})


def a_centre(*operators, **lanes):
    numbered = {number: Lane(number, **lane) for number, lane in enumerate(lanes.values(), 1)}
    return Centre(numbered, {operator.id: operator for operator in operators})


def test_who_comes_first_is_served_first_and_the_next_one_waits_until_somebody_is_free():
    centre = a_centre(an_operator(1, {1: 0.0}), mail={})

    day = simulate(centre, [Arrival(1, 0.0, 1, handling=60.0), Arrival(2, 10.0, 1, handling=60.0)])

    assert day.waits[1] == [0.0, 50.0]
    assert day.busy == {1: 120.0}
    assert day.choices == [(0.0, 1, 1), (60.0, 1, 2)]


def test_who_has_no_more_patience_gives_up_and_takes_nobodys_time():
    centre = a_centre(an_operator(1, {1: 0.0}), chat={})
    late = Arrival(2, 10.0, 1, handling=60.0, patience=20.0)

    day = simulate(centre, [Arrival(1, 0.0, 1, handling=60.0), late, Arrival(3, 20.0, 1, handling=60.0)])

    assert (day.waits[1], day.gave_up[1]) == ([0.0, 40.0], 1)


def test_the_heavier_lane_goes_first_once_it_has_waited_as_long_of_its_target():
    centre = a_centre(an_operator(1, {1: 0.0, 2: 0.0}), mail={"target": 600.0}, chat={"target": 60.0, "weight": 4.0})
    arrivals = [Arrival(1, 0.0, 1, 100.0), Arrival(2, 1.0, 1, 100.0), Arrival(3, 50.0, 2, 100.0)]

    day = simulate(centre, arrivals)

    assert [number for _at, _who, number in day.choices] == [1, 3, 2]


def test_points_are_worth_waiting_time():
    centre = a_centre(an_operator(1, {1: 0.0}), mail={"target": 600.0})
    arrivals = [Arrival(1, 0.0, 1, 100.0), Arrival(2, 1.0, 1, 100.0), Arrival(3, 50.0, 1, 100.0, points=10)]

    assert [number for _at, _who, number in simulate(centre, arrivals).choices] == [1, 3, 2]


def test_the_second_line_helps_from_its_share_of_the_target_on():
    centre = a_centre(an_operator(1, {1: 0.0}), an_operator(2, {1: 0.5}), mail={"target": 100.0})

    day = simulate(centre, [Arrival(1, 0.0, 1, 500.0), Arrival(2, 0.0, 1, 500.0)])

    assert day.choices == [(0.0, 1, 1), (50.0, 2, 2)]


@pytest.mark.parametrize(("comes", "waited"), [(30.0, 30.0), (0.0, 0.0)])
def test_nobody_serves_before_he_comes(comes, waited):
    operator = an_operator(1, {1: 0.0})
    operator.receiving = False

    day = simulate(a_centre(operator, mail={}), [Arrival(1, 0.0, 1, 60.0)], {1: [(comes, True), (500.0, False)]})

    assert day.waits[1] == [waited]
    assert operator.receiving is False
