"""Many who are judged with what is remembered hear what each would hear alone."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cec.dmn.deciding import CompiledRules
from tests.dmn.tables_of_story import a_table

FACTS = ("channel", "points", "text")
COLUMNS = ("channel", "points", "lower case(text)", "points + 1", "if points > 1 then text else channel")
CELLS = ("-", '"email"', '"email", "api"', 'not("api")', "> 2", "[1..3]", "true", 'contains(?, "срочно")', "points",
         '? = channel or contains(?, "email")', "null", "starts with(text, ?)",
         "count([1, 2, 3][item > points]) > 1")  # fmt: skip
ANSWERS = ("1", "5", "points", "null", "points * 2")
VALUES = st.sampled_from(["email", "api", "Срочно!", "", 1, 2, 3.5, True, False, None, ["email"]])
POLICIES = [("COLLECT", "SUM"), ("COLLECT", "MAX"), ("COLLECT", ""), ("FIRST", ""), ("UNIQUE", "")]

cell, answer = st.sampled_from(CELLS), st.sampled_from(ANSWERS)
columns = st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=3)
people = st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=12)


def told(outcome):
    rows = [(hit.row, hit.id, hit.reason, hit.outputs) for hit in outcome.hits]
    return repr((outcome.value, outcome.outputs, rows, outcome.errors))


@settings(max_examples=150, deadline=None)
@given(columns, st.sampled_from(POLICIES), st.lists(st.tuples(cell, cell, cell, answer), max_size=20), people)
@example(
    ["channel"], ("FIRST", ""), [("-", "-", "-", "points * 2"), ('"api"', "-", "-", "1")] * 9, [("api", "x", "")] * 2
)
@example(["points"], ("COLLECT", "SUM"), [("true", "-", "-", "5"), ("1", "-", "-", "1")], [("", True, ""), ("", 1, "")])
def test_what_is_remembered_is_what_the_table_says(columns, policy, rows, people):
    written = [(*row[: len(columns)], row[3], f"reason {at}") for at, row in enumerate(rows)]
    text = a_table(*written, policy=policy[0], aggregation=policy[1], inputs=columns, outputs=["queue"], declared=FACTS)
    rules = CompiledRules(text)
    many = rules.many(told)

    for values in people * 2:
        facts = dict(zip(FACTS, values, strict=True))
        assert many.judge(facts) == told(rules.decide(facts))


def test_only_what_the_table_asks_is_named_and_the_same_case_is_worked_out_once():
    rules = CompiledRules(a_table(('"email"', "-", "5", ""), inputs=("channel", "points"), declared=(*FACTS, "hour")))
    worked_out = []
    many = rules.many(lambda outcome: worked_out.append(outcome) or outcome.outputs)

    answers = [many.judge({"channel": "email", "points": 2, "text": f"letter {at}"}) for at in range(9)]

    assert many.names == {"channel", "points"}
    assert answers == [{"queue": 5}] * 9
    assert len(worked_out) == 1


@pytest.mark.parametrize("cell", ["? > today()", "count([1, 2][item > points]) > 0", "time(now()) < ?"])
def test_a_table_that_asks_the_clock_or_that_nobody_can_read_for_its_names_remembers_nothing(cell):
    assert CompiledRules(a_table(("-", cell, "5", ""), declared=FACTS)).many(told).names is None
