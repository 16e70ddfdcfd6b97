"""Hours of a day as people write them."""

import pytest

from cec.platform import hours


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("9-18", [(540, 1080)]), ("09:00–18:30", [(540, 1110)]), ("0-24", [(0, 1440)]), ("", []), ("—", []),
        ("14-18, 9.00-13", [(540, 780), (840, 1080)]),
    ],
)  # fmt: skip
def test_hours_are_read_as_they_are_written(text, spans):
    assert hours.read(text) == spans
    assert hours.read(hours.write(spans)) == spans


def test_hours_over_midnight_are_read_where_they_may_be():
    assert hours.read("22:00-06:00", over_midnight=True) == [(1320, 1800)]
    assert hours.write([(1320, 1800)]) == "22:00–06:00"
    with pytest.raises(hours.HoursOverMidnight):
        hours.read("22-6")


@pytest.mark.parametrize("text", ["9", "9-", "9-9", "24-25", "9-18:60", "9-25", "девять", "9-18 9-18", "9" * 300])
def test_what_are_no_hours_is_refused_with_an_example(text):
    with pytest.raises(hours.HoursUnclear, match="9-18"):
        hours.read(text, over_midnight=True)


def test_hours_that_overlap_are_refused():
    with pytest.raises(hours.HoursOverlap):
        hours.read("9-13, 12-18")
