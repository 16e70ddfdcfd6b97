"""Which rows of a table hit, and what they answer together."""

import logging

import pytest

from cec.dmn.deciding import CompiledRules
from cec.dmn.reading import UnreadableRules
from cec.feel.compiling import FeelSyntaxError
from tests.dmn.tables_of_story import HEAD, a_table

BY_POINTS = [
    ("-", "> 10", '"fast"', "many points"),
    ('"email"', "-", '"slow"', "a mail"),
    ("-", "-", '"slow"', "anything"),
]


def decide(text, **facts):
    return CompiledRules(text).decide(facts)


POLICIES = [
    ("FIRST", "", 20, {"queue": "fast"}, [1]),
    ("FIRST", "", 5, {"queue": "slow"}, [2]),
    ("UNIQUE", "", 20, {}, [1, 2, 3]),
    ("ANY", "", 5, {"queue": "slow"}, [2, 3]),
    ("ANY", "", 20, {}, [1, 2, 3]),
    ("PRIORITY", "", 20, {"queue": "slow"}, [1, 2, 3]),
    ("RULE ORDER", "", 20, {"queue": ["fast", "slow", "slow"]}, [1, 2, 3]),
    ("OUTPUT ORDER", "", 20, {"queue": ["slow", "slow", "fast"]}, [1, 2, 3]),
    ("COLLECT", "", 20, {"queue": ["fast", "slow", "slow"]}, [1, 2, 3]),
    ("COLLECT", "COUNT", 20, {"queue": 3}, [1, 2, 3]),
]


@pytest.mark.parametrize(("policy", "aggregation", "points", "outputs", "rows"), POLICIES)
def test_each_hit_policy_joins_the_rows_that_hit_in_its_way(policy, aggregation, points, outputs, rows):
    table = a_table(*BY_POINTS, policy=policy, aggregation=aggregation, outputs=[("queue", '"slow", "fast"')])

    outcome = decide(table, channel="email", points=points)

    assert outcome.outputs == outputs
    assert [hit.row for hit in outcome.hits] == rows
    assert bool(outcome.errors) is (outputs == {})


@pytest.mark.parametrize(("aggregation", "points"), [("SUM", 17), ("MIN", 2), ("MAX", 10), ("COUNT", 3)])
def test_points_are_collected_with_their_reasons(aggregation, points):
    rows = [
        ("-", "-", "10", "VIP client"),
        ('"email"', "-", "5", "a mail"),
        ("-", "> 0", "2", "not empty"),
        ('"api"', "-", "9", "x"),
    ]
    table = a_table(*rows, policy="COLLECT", aggregation=aggregation, outputs=["points"])

    outcome = decide(table, channel="email", points=1)

    assert outcome.outputs == {"points": points}
    assert [hit.reason for hit in outcome.hits] == ["VIP client", "a mail", "not empty"]


NOTHING = [
    ("FIRST", "", {}),
    ("UNIQUE", "", {}),
    ("COLLECT", "", {"queue": []}),
    ("COLLECT", "SUM", {"queue": 0}),
    ("COLLECT", "COUNT", {"queue": 0}),
    ("COLLECT", "MAX", {}),
]


@pytest.mark.parametrize(("policy", "aggregation", "outputs"), NOTHING)
def test_when_no_row_hits_the_answer_is_empty(policy, aggregation, outputs):
    table = a_table(('"api"', "-", "1", "api"), policy=policy, aggregation=aggregation)

    outcome = decide(table, channel="email", points=1)

    assert outcome.outputs == outputs
    assert outcome.hits == []
    assert outcome.errors == []


def test_a_default_is_answered_when_no_row_hits():
    table = a_table(('"api"', "-", '"fast"', "api"))
    table = table.replace(
        '<output name="queue">', '<output name="queue"><defaultOutputEntry><text>"slow"</text></defaultOutputEntry>'
    )

    assert decide(table, channel="email").outputs == {"queue": "slow"}


@pytest.mark.usefixtures("english")
def test_a_row_that_fails_is_skipped_and_told_and_the_next_row_hits(caplog):
    table = a_table(("-", "> 10", '"fast"', "many points"), ("-", "-", '"slow"', "anything"))

    with caplog.at_level(logging.WARNING):
        outcome = decide(table, channel="email", points="many, says petrov")

    assert outcome.outputs == {"queue": "slow"}
    assert outcome.errors == ["1, points: Line 1, column 1: the comparison cannot work with string, number."]
    assert "row 1" in caplog.text
    assert "petrov" not in caplog.text


@pytest.mark.usefixtures("english")
def test_an_answer_that_fails_skips_its_row_too():
    table = a_table(
        ("-", "-", "1 / 0", "broken"), ("-", "-", "2", "sound"), policy="COLLECT", aggregation="SUM", outputs=["points"]
    )

    outcome = decide(table)

    assert outcome.outputs == {"points": 2}
    assert outcome.errors == ["1, points: Line 1, column 1: a division by zero."]


def test_a_column_that_fails_skips_only_the_rows_that_ask_it():
    rows = [('"x"', "-", '"fast"', "x"), ("-", "-", '"slow"', "anything")]
    table = a_table(*rows, inputs=("lower case(points)", "points"), declared=["points"])

    outcome = decide(table, points=5)

    assert outcome.outputs == {"queue": "slow"}
    assert len(outcome.errors) == 1


def test_facts_that_are_declared_but_not_given_are_null():
    table = a_table(("null", "-", '"slow"', "no channel"), declared=["channel", "points"])

    assert decide(table).outputs == {"queue": "slow"}


def test_a_decision_uses_the_answers_of_the_decisions_it_needs():
    model = f"""{HEAD}
      <decision id="rate" name="Rate"><informationRequirement><requiredDecision href="#level"/></informationRequirement>
        <literalExpression><text>if Client Level = "vip" then 2 else 1</text></literalExpression></decision>
      <decision id="level" name="Client Level"><literalExpression><text>if years > 3 then "vip" else "new"</text>
        </literalExpression></decision>
      <inputData id="i" name="years"/></definitions>"""

    assert decide(model, years=5).outputs == {"Rate": 2}
    assert decide(model, years=1).value == 1
    assert CompiledRules(model, "level").decide({"years": 5}).value == "vip"


def a_needing(one, other):
    requirement = f'<informationRequirement><requiredDecision href="#{other}"/></informationRequirement>'
    logic = f"<literalExpression><text>{other}</text></literalExpression>"
    return f'<decision id="{one}" name="{one}">{requirement}{logic}</decision>'


HOSTILE = {
    "doctype": '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + a_table(*BY_POINTS),
    "entities": '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + a_table(*BY_POINTS),
    "not XML": "<definitions",
    "empty": "",
    "another language": "<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL'/>",
    "no decision": f"{HEAD}</definitions>",
    "too large": a_table(*BY_POINTS) + " " * 4_000_000,
    "twenty megabytes": a_table(*BY_POINTS) + "<!-- " + "a" * 20_000_000 + " -->",
    "a bomb": "<!DOCTYPE d [<!ENTITY a 'aaaaaaaaaa'>"
    + "".join(f"<!ENTITY {chr(98 + at)} '{f'&{chr(97 + at)};' * 10}'>" for at in range(9))
    + "]><definitions xmlns='https://www.omg.org/spec/DMN/20191111/MODEL/'>&j;</definitions>",
    "a parameter entity": '<!DOCTYPE d [<!ENTITY % e SYSTEM "http://example.org/x.dtd"> %e;]>' + a_table(*BY_POINTS),
    "a DOCTYPE in small letters": "<!doctype d>" + a_table(*BY_POINTS),
    "a DOCTYPE after a comment": "<!-- a --><!DOCTYPE d>" + a_table(*BY_POINTS),
    "UTF-16 in disguise": a_table(*BY_POINTS).encode("utf-16").decode("latin-1"),
    "a picture": "\x89PNG\r\n\x1a\n\x00",
    "JSON": '{"decision": 1}',
    "an entity nobody defines": a_table(*BY_POINTS).replace("many points", "&nobody;"),
    "nested without end": HEAD + "<a>" * 5000 + "</a>" * 5000 + "</definitions>",
    "half a character": HEAD.replace('name="d"', 'name="\ud800\x00"') + "</definitions>",
    "a circle": HEAD + a_needing("a", "b") + a_needing("b", "a") + "</definitions>",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_file_that_is_no_table_or_dangerous_is_refused(text):
    with pytest.raises(UnreadableRules):
        CompiledRules(text)


def test_a_cell_that_is_not_feel_is_refused_with_its_place():
    with pytest.raises(FeelSyntaxError, match=r"^2, points: Line 1, column 2"):
        CompiledRules(a_table(("-", "-", "1", "a"), ("-", "> ", "1", "b")))
