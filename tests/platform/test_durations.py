"""Durations as people write them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cec.platform import durations, i18n


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30 s", 30), ("10 мин", 600), ("10мин.", 600), ("8 ч", 28800), ("1 ч 30 мин", 5400), ("1,5 часа", 5400),
        ("3 дня", 259200), ("2 недели", 1209600), ("1 h 30 min", 5400), ("3 Days", 259200),
        ("0 мин", 0), ("1ч30м", 5400),
    ],
)  # fmt: skip
def test_a_duration_is_read_in_both_languages(text, seconds):
    assert durations.read(text) == dt.timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "10", "мин", "10 попугаев", "-5 мин", "10 мин 10 мин", "5 мин 1 ч", "1:30", "9" * 40]
)
def test_what_is_no_duration_is_refused_with_an_example(text):
    with pytest.raises(durations.DurationUnclear, match="10 min"):
        durations.read(text)


def test_a_duration_of_years_is_refused():
    with pytest.raises(durations.DurationTooLong):
        durations.read("400 дней")


@given(some.integers(0, 366 * 86400), some.sampled_from(["ru", "en"]))
def test_what_is_written_is_read_again(seconds, language):
    with i18n.reader(language, "UTC"):
        assert durations.read(durations.write(dt.timedelta(seconds=seconds))) == dt.timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "около 1 минуты"),
        (4.1, "около 5 минут"),
        (11, "около 15 минут"),
        (56, "около 1 часа"),
        (130, "около 3 часов"),
    ],
)
def test_about_how_long_is_said_in_words_and_never_too_short(minutes, said):
    assert durations.about(dt.timedelta(minutes=minutes)) == said
