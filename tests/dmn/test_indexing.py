"""A column that is looked up answers exactly what going through all rows does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cec.dmn import tabling
from cec.dmn.deciding import CompiledRules
from cec.dmn.indexing import best_index
from tests.dmn.tables_of_story import a_table

WORDS = st.sampled_from(['"email"', '"api"', '"email", "webchat"', "-", 'not("api")', "5", "true", '"1"', "> 3", "1.5"])
NUMBERS = st.sampled_from(["1", "2, 3", "-", "[1..2]", "4.0", "true", '"2"'])
FACTS = st.sampled_from(["email", "api", "webchat", "1", "2", 1, 2, 4, 1.5, True, False, None, 5, ["email"], {"a": 1}])


def decided(text, facts):
    outcome = CompiledRules(text).decide(facts)
    return outcome.value, [hit.row for hit in outcome.hits], outcome.errors


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(WORDS, NUMBERS), min_size=16, max_size=30), st.lists(st.tuples(FACTS, FACTS), max_size=5))
def test_a_table_answers_the_same_with_and_without_its_index(cells, asked):
    table = a_table(*[(*row, str(at), "") for at, row in enumerate(cells)], policy="COLLECT")

    for channel, points in asked:
        facts = {"channel": channel, "points": points}
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(tabling, "best_index", lambda _rows: None)
            slow = decided(table, facts)

        found = decided(table, facts)

        # Rows that a value cannot hit are not even asked: they tell no errors either.
        assert found[:2] == slow[:2]
        assert set(found[2]) <= set(slow[2])


def test_the_column_that_leaves_the_fewest_rows_is_looked_up():
    rows = [(f'"{at % 2}"', f'"{at}"') for at in range(20)] + [("-", "-")]

    index = best_index(rows)

    assert index.column == 1
    assert index.rows_for("7") == [7, 20]
    assert index.rows_for("nobody") == [20]
    assert index.rows_for(7.0) is None


@pytest.mark.parametrize("rows", [[("1",)] * 5, [("> 1",)] * 50, [("-",)] * 50, [("1",)] * 50, [()] * 50])
def test_what_leaves_out_nothing_is_not_looked_up(rows):
    assert best_index(rows) is None
