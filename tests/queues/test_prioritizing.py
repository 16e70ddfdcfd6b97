"""What points are worth in waiting time (guide 5.2; DISTRIBUTION 1)."""

import datetime as dt

import pytest

from cec.queues import prioritizing

NINE = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
TARGET = dt.timedelta(minutes=10)


@pytest.mark.parametrize(
    ("points", "minutes_earlier"),
    [(0, 0), (1, 0.5), (10, 5), (20, 10), (500, 10), (-4, -2), (-500, -10)],
    ids=str,
)
def test_a_point_is_worth_a_twentieth_of_the_target_and_all_together_one_target(points, minutes_earlier):
    rank = prioritizing.rank_at(NINE, points, TARGET)

    assert NINE - rank == dt.timedelta(minutes=minutes_earlier)


def test_the_order_of_two_appeals_never_changes_while_they_wait():
    vip = prioritizing.rank_at(NINE, 10, TARGET)
    earlier = prioritizing.rank_at(NINE - dt.timedelta(minutes=4), 0, TARGET)

    assert vip < earlier
