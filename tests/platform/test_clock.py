"""The only reader of the system clock."""

import datetime as dt

from cec.platform import clock as cec_clock

NINE = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)


def test_a_stopped_clock_stands_until_it_is_moved(clock):
    assert cec_clock.now() == NINE

    clock.forward(dt.timedelta(hours=2))

    assert cec_clock.now() == NINE + dt.timedelta(hours=2)


def test_a_shifted_clock_runs_ahead_of_the_system():
    before = cec_clock.now()
    cec_clock.shift(dt.timedelta(days=2))

    try:
        ahead = cec_clock.now() - before
    finally:
        cec_clock.shift(dt.timedelta())

    assert dt.timedelta(days=2) <= ahead < dt.timedelta(days=2, minutes=1)
