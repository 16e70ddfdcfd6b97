"""Cells read without the grammar mean what they mean with it."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cec.feel import quick
from cec.feel.compiling import FeelError, compile_expression, compile_unary_tests

ONE = st.sampled_from(['"email"', '""', "5", "-3", "1.50", "true", "false", "12345678901234567890123", "0.1"])
CELLS = st.one_of(
    st.lists(ONE, min_size=1, max_size=4).map(" , ".join),
    st.tuples(st.sampled_from(["<", "<=", ">", ">="]), st.sampled_from(["5", " -3", "1.5"])).map("".join),
    st.tuples(
        st.sampled_from("[(]"), st.sampled_from(["1", "-2"]), st.sampled_from(["5", "5.5"]), st.sampled_from("])[")
    ).map(lambda parts: f"{parts[0]}{parts[1]}..{parts[2]}{parts[3]}"),
)
VALUES = st.sampled_from(
    ["email", "", 5, -3, Decimal("1.5"), 1.5, 0.1, True, False, None, 12345678901234567890123, [5], 2]
)


def answer(compiled, value):
    try:
        return compiled({"?": value})
    except FeelError:
        return "an error"


@settings(max_examples=300, deadline=None)
@given(CELLS, VALUES)
def test_a_plain_cell_means_the_same_both_ways(cell, value):
    fast = compile_unary_tests(cell)
    with pytest.MonkeyPatch.context() as patched:
        for name in ("constants_of", "stretch_of", "side_of"):
            patched.setattr(quick, name, lambda _text: None)
        slow = compile_unary_tests(cell)

    assert answer(fast, value) is answer(slow, value) or answer(fast, value) == answer(slow, value)


@given(ONE)
def test_a_plain_value_is_the_same_both_ways(text):
    fast = compile_expression(text)({})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(quick, "constant_of", lambda _text: None)
        slow = compile_expression(text)({})

    assert (fast, type(fast)) == (slow, type(slow))
