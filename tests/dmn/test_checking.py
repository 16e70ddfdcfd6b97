"""Faults of a table are found before it judges anybody."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cec.dmn import checking
from cec.dmn.deciding import CompiledRules
from tests.dmn.tables_of_story import a_table

pytestmark = pytest.mark.usefixtures("english")


def said(text, **options):
    return [str(problem) for problem in checking.check(text, **options)]


def test_a_sound_table_has_no_problems():
    assert said(a_table(('"email"', "> 5", '"fast"', "a"), ("-", "-", '"slow"', "b"))) == []


def test_a_cell_that_is_not_feel_is_named_with_row_column_and_text():
    (problem,) = checking.check(a_table(("-", "-", "1", "a"), ("-", ">> 5", "1", "b")))

    assert (problem.row, problem.column, problem.text, problem.is_error) == (2, "points", ">> 5", True)
    assert problem.message == "Sign 2: found “>”, expected a value."


def test_an_answer_that_is_not_feel_is_named_too():
    assert said(a_table(("-", "-", '"fast', "a"))) == [
        'row 1, column “queue”: “"fast”: Sign 1: found "fast, expected a closing quotation mark.'
    ]


@pytest.mark.parametrize(
    ("options", "fault"),
    [({"policy": "BEST"}, "unknown hit policy"), ({"policy": "COLLECT", "aggregation": "AVG"}, "unknown aggregation")],
)
def test_an_unknown_policy_is_told_with_the_known_ones(options, fault):
    (sentence,) = said(a_table(("-", "-", "1", "a"), **options))

    assert fault in sentence
    assert "known are" in sentence


def test_a_name_that_nobody_fills_in_is_told():
    assert said(a_table(("-", "> limit", "1", "a")), inputs=["channel", "points"]) == [
        "row 1, column “points”: “> limit”: “limit” is not known here; known are channel, points"
    ]
    assert said(a_table(("-", "-", "1", "a")), inputs=["channel"])[0].startswith("column “points”: ")


def test_a_value_that_the_column_does_not_list_is_told():
    table = a_table(("-", "-", '"fats"', "a"), outputs=[("queue", '"fast", "slow"')])

    assert said(table) == ['row 1, column “queue”: “"fats"”: the column allows only "fast", "slow"']


SHADOWS = [
    ("FIRST", [("-", "> 5"), ("-", "> 6")], "this row never hits: row 1 is met whenever it is", False),
    ("FIRST", [("-", "[1..10]"), ('"email"', "5")], "this row never hits: row 1 is met whenever it is", False),
    ("FIRST", [('"email","api"', "-"), ('"api"', "-")], "this row never hits: row 1 is met whenever it is", False),
    ("FIRST", [("-", "> 6"), ("-", "> 5")], None, None),
    (
        "FIRST",
        [("-", "contains(?, 1)"), ("-", "contains(?, 1)")],
        "this row never hits: row 1 is met whenever it is",
        False,
    ),
    ("UNIQUE", [("-", "< 5"), ("-", ">= 5")], None, None),
    ("UNIQUE", [("-", "<= 5"), ("-", ">= 5")], "this row and row 1 can hit together", True),
    ("UNIQUE", [('"email"', "-"), ('"api"', "-")], None, None),
    ("UNIQUE", [("true", "-"), ("false", "-")], None, None),
    ("UNIQUE", [('@"2026-01-01"', "-"), ('> date("2025-01-01")', "-")], "this row and row 1 can hit together", True),
    ("UNIQUE", [("not(1)", "-"), ("2", "-")], None, None),
    ("ANY", [("-", "-"), ("-", "-")], None, None),
    ("COLLECT", [("-", "-"), ("-", "-")], "this row asks the same as row 1", False),
    ("COLLECT", [("-", "-"), ("-", "1")], None, None),
]


@pytest.mark.parametrize(("policy", "cells", "fault", "is_error"), SHADOWS)
def test_rows_that_shadow_each_other_are_told(policy, cells, fault, is_error):
    rows = [(*row, "1", "reason") for row in cells]

    problems = checking.check(a_table(*rows, policy=policy))

    assert [(problem.row, problem.message, problem.is_error) for problem in problems if problem.row] == (
        [(2, fault, is_error)] if fault else []
    )


GAPS = [
    ("FIRST", ("points",), [("< 5",), ("> 5",)], {"points": 5}),
    ("FIRST", ("points",), [("< 5",), (">= 5",)], None),
    ("UNIQUE", ("points",), [("[1..5)",), ("[5..9]",)], {"points": 0}),
    ("UNIQUE", ("is vip",), [("true",)], {"is vip": False}),
    ("UNIQUE", ("is vip",), [("true",), ("false",)], None),
    ("FIRST", ("channel", "points"), [('"email"', "-"), ("-", "> 5")], {"channel": "", "points": 4}),
    ("FIRST", ("channel", "points"), [('"email"', "-"), ("-", "> 5"), ("-", "-")], None),
    # Only running it would tell: it may meet everything.
    ("FIRST", ("subject",), [('contains(?, "order")',)], None),
    # A table that collects need not meet everything.
    ("COLLECT", ("points",), [("> 5",)], None),
    ("FIRST", ("since",), [('> date("2026-01-01")',), ('< date("2026-01-01")',)], {"since": "2026-01-01"}),
]


@pytest.mark.parametrize(("policy", "inputs", "cells", "sample"), GAPS)
def test_what_no_row_meets_is_shown_by_an_example(policy, inputs, cells, sample):
    rows = [(*row, "1", "reason") for row in cells]

    gaps = [one for one in checking.check(a_table(*rows, policy=policy, inputs=inputs)) if not one.row]

    assert [gap.sample for gap in gaps] == ([sample] if sample else [])
    assert not any(gap.is_error for gap in gaps)


def test_rows_that_can_hit_together_are_shown_by_an_example():
    table = a_table(('"email"', "[1..9]", "1", "a"), ("-", "> 5", "2", "b"), policy="UNIQUE")

    (problem, *_gap) = checking.check(table)

    assert problem.sample["channel"] == "email"
    assert 5 < problem.sample["points"] <= 9


def test_a_default_answers_what_no_row_meets():
    table = a_table(("-", "> 5", "1", "a")).replace(
        '<output name="queue">', '<output name="queue"><defaultOutputEntry><text>0</text></defaultOutputEntry>'
    )

    assert said(table) == []


NUMBERS = st.sampled_from(["-", "< 5", ">= 5", "3", "[1..5]", "(5..9)", "> 9", "not(3)", "1, 7"])
WORDS = st.sampled_from(["-", '"email"', '"api"', '"email", "webchat"', 'starts with(?, "a")'])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(WORDS, NUMBERS), min_size=1, max_size=6))
def test_an_example_of_a_gap_really_meets_no_row_and_one_of_two_rows_meets_both(cells):
    table = a_table(*[(*row, str(at), "") for at, row in enumerate(cells)], policy="UNIQUE")
    compiled = CompiledRules(table)

    for problem in checking.check(table):
        hits = [hit.row for hit in compiled.decide(problem.sample).hits] if problem.sample else None
        if not problem.row:
            assert hits == []
        elif "together" in problem.message and None not in problem.sample.values():
            assert problem.row in hits
            assert len(hits) > 1


def test_rows_of_any_that_contradict_each_other_are_told_with_an_example_that_proves_it(english):
    table = a_table(('"email"', "> 3", "1", "a"), ("-", "< 9", "2", "b"), ("-", ">= 9", "1", "c"), policy="ANY")

    found = [one for one in checking.check(table) if one.is_error]

    assert [(one.row, one.others) for one in found] == [(2, (1,))]
    outcome = CompiledRules(table).decide(found[0].sample)
    assert found[0].sample["channel"] == "email"
    assert 3 < found[0].sample["points"] < 9
    assert outcome.outputs == {}
    assert any("rows that hit give different answers" in told for told in outcome.errors)


def test_a_row_with_a_missing_cell_is_told():
    assert said(a_table(("-", "-", "1", "a")).replace("<outputEntry><text>1</text></outputEntry>", "")) == [
        "row 1: the row has more or fewer cells than the table has columns"
    ]


def test_a_file_that_cannot_be_read_is_one_problem():
    assert said("<a/>") == ["This file cannot be read as a decision table: it is not DMN 1.1 or newer."]
