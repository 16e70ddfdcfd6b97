"""Everything that a decision can be made of besides a table, and what it can need."""

import pytest

from cec.dmn import checking
from cec.dmn.deciding import CompiledRules
from cec.dmn.reading import UnreadableRules, read
from cec.feel.compiling import FeelSyntaxError
from tests.dmn.tables_of_story import HEAD


def literal(text):
    return f"<literalExpression><text>{text}</text></literalExpression>"


def a_file(*elements, head=HEAD):
    return head + "".join(elements) + "</definitions>"


def a_decision(box, *needs, name="answer", type_ref=""):
    kind = f' typeRef="{type_ref}"' if type_ref else ""
    return f'<decision id="{name}" name="{name}"><variable name="{name}"{kind}/>{"".join(needs)}{box}</decision>'


def an_input(name, type_ref="Any"):
    return f'<inputData id="{name}" name="{name}"><variable name="{name}" typeRef="{type_ref}"/></inputData>'


def a_model(name, parameters, box, *needs):
    given = "".join(f'<formalParameter name="{one}" typeRef="{kind}"/>' for one, kind in parameters)
    logic = f"<encapsulatedLogic>{given}{box}</encapsulatedLogic>"
    return f'<businessKnowledgeModel id="{name}" name="{name}">{logic}{"".join(needs)}</businessKnowledgeModel>'


def knows(name):
    return f'<knowledgeRequirement><requiredKnowledge href="#{name}"/></knowledgeRequirement>'


def needs(name):
    return f'<informationRequirement><requiredDecision href="#{name}"/></informationRequirement>'


def answer(*elements, **facts):
    outcome = CompiledRules(a_file(*elements), "answer").decide(facts)
    assert outcome.errors == []
    return outcome.value


def entry(name, box, kind=""):
    type_ref = f' typeRef="{kind}"' if kind else ""
    variable = f'<variable name="{name}"{type_ref}/>' if name else ""
    return f"<contextEntry>{variable}{box}</contextEntry>"


DOUBLE = f"<functionDefinition><formalParameter name='n'/>{literal('n * 2')}</functionDefinition>"
RELATION = (
    '<relation><column name="who"/><column name="points"/>'
    f"<row>{literal('&quot;anna&quot;')}{literal('5')}</row><row>{literal('&quot;igor&quot;')}{literal('7')}</row>"
    "</relation>"
)
CONDITIONAL = (
    f"<conditional><if>{literal('1 &lt; 2')}</if><then>{literal('10')}</then><else>{literal('20')}</else></conditional>"
)
BOXES = [
    (literal("1 + 1"), 2),
    (
        f"<context>{entry('first name', literal('2'))}{entry('b', literal('first name * 3'))}</context>",
        {"first name": 2, "b": 6},
    ),
    (f"<context>{entry('a', literal('2'))}{entry('', literal('a + 1'))}</context>", 3),
    (f"<list>{literal('1')}{literal('2')}</list>", [1, 2]),
    (
        RELATION,
        [{"who": "anna", "points": 5}, {"who": "igor", "points": 7}],
    ),
    (f"<context>{entry('double', DOUBLE)}{entry('', literal('double(4)'))}</context>", 8),
    (CONDITIONAL, 10),
    (f'<for iteratorVariable="n"><in>{literal("[1, 2, 3]")}</in><return>{literal("n * n")}</return></for>', [1, 4, 9]),
    (f'<every iteratorVariable="n"><in>{literal("[1, 2]")}</in><satisfies>{literal("n &gt; 1")}</satisfies></every>',
     False),
    (f'<some iteratorVariable="n"><in>{literal("[1, 2]")}</in><satisfies>{literal("n &gt; 1")}</satisfies></some>',
     True),
    (f"<filter><in>{literal('[1, 2, 3]')}</in><match>{literal('item &gt; 1')}</match></filter>", [2, 3]),
    (f"<list>{literal('1')}<context>{entry('a', literal('1'))}</context></list>", [1, {"a": 1}]),
]  # fmt: skip


@pytest.mark.parametrize(("box", "value"), BOXES, ids=[box[:40] for box, _value in BOXES])
def test_each_box_gives_its_value(box, value):
    assert answer(a_decision(box)) == value


def test_a_shared_function_is_called_by_name_and_by_a_boxed_invocation():
    model = a_model("fee", [("points", "number"), ("rate", "number")], literal("points * rate"))
    called = (
        f"<invocation>{literal('fee')}<binding><parameter name='rate'/>{literal('2')}</binding>"
        f"<binding><parameter name='points'/>{literal('21')}</binding></invocation>"
    )

    assert answer(a_decision(literal("fee(21, 2)"), knows("fee")), model) == 42
    assert answer(a_decision(literal("fee(rate: 2, points: 21)"), knows("fee")), model) == 42
    assert answer(a_decision(called, knows("fee")), model) == 42


def test_a_shared_function_uses_the_functions_it_needs_but_sees_nothing_else():
    inner = a_model("add one", [("n", "number")], literal("n + 1"))
    outer = a_model("add two", [("n", "number")], literal("add one(add one(n))"), knows("add one"))

    assert answer(a_decision(literal("add two(1)"), knows("add two")), outer, inner) == 3


def test_a_function_remembers_where_it_was_made():
    adder = a_model("adder", [("a", "number")], literal("function(b) a + b"))

    assert answer(a_decision(literal("adder(10)(5)"), knows("adder")), adder) == 15


def test_a_function_that_calls_itself_without_end_stops_with_an_error():
    endless = a_model("endless", [("n", "number")], literal("endless(n + 1)"), knows("endless"))

    outcome = CompiledRules(a_file(a_decision(literal("endless(1)"), knows("endless")), endless), "answer").decide({})

    assert outcome.value is None
    assert len(outcome.errors) == 1


def test_a_table_may_stand_inside_another_box():
    table = (
        '<decisionTable hitPolicy="FIRST"><input><inputExpression><text>points</text></inputExpression></input>'
        '<output name="level"/><rule><inputEntry><text>&gt; 5</text></inputEntry><outputEntry><text>limit</text>'
        "</outputEntry></rule></decisionTable>"
    )
    box = f"<context>{entry('limit', literal('50'))}{entry('', table)}</context>"

    assert answer(a_decision(box), an_input("points"), points=6) == 50


def a_service(parts):
    return f'<decisionService id="s" name="rated">{parts}</decisionService>'


def test_a_decision_service_is_a_function_of_its_inputs():
    service = a_service('<outputDecision href="#rate"/><inputData href="#points"/>')
    rate = a_decision(literal("points * 2"), name="rate")

    file = CompiledRules(
        a_file(a_decision(literal("rated(4)"), knows("s")), rate, service, an_input("points")), "answer"
    )

    assert file.decide({"points": 1}).value == 8
    assert file.invoke("rated", {"points": 5}).value == 10


def test_a_service_may_be_told_a_decision_instead_of_making_it():
    service = a_service('<outputDecision href="#rate"/><inputDecision href="#level"/>')
    rate, level = a_decision(literal("level * 2"), needs("level"), name="rate"), a_decision(literal("1"), name="level")

    file = CompiledRules(a_file(a_decision(literal("rated(7)"), knows("s")), rate, level, service), "answer")

    assert file.decide({}).value == 14


TYPES = (
    '<itemDefinition name="tLevel"><typeRef>string</typeRef><allowedValues><text>"vip","gold"</text></allowedValues>'
    '</itemDefinition><itemDefinition name="tLevels" isCollection="true"><typeRef>tLevel</typeRef></itemDefinition>'
    '<itemDefinition name="tClient"><itemComponent name="level"><typeRef>tLevel</typeRef></itemComponent>'
    '<itemComponent name="years with us"><typeRef>number</typeRef></itemComponent></itemDefinition>'
)
VALUES = [
    ("tLevel", '"vip"', "vip"),
    ("tLevel", '"silver"', None),
    ("tLevel", "5", None),
    ("tLevels", '["vip", "gold"]', ["vip", "gold"]),
    ("tLevels", '["vip", "silver"]', None),
    ("tLevels", '"vip"', ["vip"]),
    ("tLevel", '["gold"]', "gold"),
    ("tClient", '{level: "vip", years with us: 3}', {"level": "vip", "years with us": 3}),
    ("tClient", '{level: "vip"}', None),
    ("tClient", '{level: "silver", years with us: 3}', None),
]


@pytest.mark.parametrize(("type_ref", "text", "value"), VALUES)
def test_a_value_is_brought_to_the_type_that_the_file_defines_or_is_null_and_told(type_ref, text, value):
    file = a_file(TYPES, a_decision(literal(text), type_ref=type_ref))

    outcome = CompiledRules(file).decide({})

    assert outcome.value == value
    assert bool(outcome.errors) is (value is None)


def test_an_input_of_another_type_than_the_file_defines_is_told():
    file = CompiledRules(a_file(TYPES, an_input("level", "tLevel"), a_decision(literal("level"))))

    assert file.decide({"level": "gold"}).value == "gold"
    with pytest.raises(Exception, match="level"):
        file.decide({"level": "silver"})


IMPORTING = HEAD.replace("https://cec.example", "https://cec.example/main")
SHARED = HEAD.replace("https://cec.example", "https://cec.example/shared")


def test_a_file_uses_the_functions_of_another_that_it_imports():
    shared = a_file(a_model("say hello", [("name", "string")], literal('"Hello " + name')), head=SHARED)
    link = (
        '<knowledgeRequirement><requiredKnowledge href="https://cec.example/shared#say hello"/></knowledgeRequirement>'
    )
    file = a_file(
        '<import name="words" namespace="https://cec.example/shared" importType="dmn"/>',
        a_decision(literal('words.say hello("Petrov")'), link),
        head=IMPORTING,
    )

    assert CompiledRules(file, fetch={"https://cec.example/shared": shared}.get).decide({}).value == "Hello Petrov"
    with pytest.raises(UnreadableRules, match="shared"):
        CompiledRules(file)


SPACE = "https://cec.example/shared"
IMPORT = f'<import name="shared" namespace="{SPACE}" importType="dmn"/>'


def test_a_file_uses_the_decisions_and_inputs_of_another():
    linked = f'<informationRequirement><requiredDecision href="{SPACE}#level"/></informationRequirement>'
    given = f'<informationRequirement><requiredInput href="{SPACE}#years"/></informationRequirement>'
    shared = a_file(
        an_input("years", "number"),
        a_decision(literal('if years > 3 then "vip" else "new"'), name="level"),
        head=SHARED,
    ).replace("years > 3", "years &gt; 3")
    text = 'shared.level + " for " + string(shared.years)'
    file = CompiledRules(
        a_file(IMPORT, a_decision(literal(text), linked, given), head=IMPORTING), fetch={SPACE: shared}.get
    )

    assert file.decide({"shared.years": 5}).value == "vip for 5"
    assert file.decide({"shared": {"years": 1}}).value == "new for 1"


def test_two_imported_files_may_import_the_same_third():
    base = a_file(an_input("who", "string"), a_decision(literal('"Hello " + who'), name="greeting"), head=SHARED)
    link = f'<informationRequirement><requiredDecision href="{SPACE}#greeting"/></informationRequirement>'
    files = {SPACE: base}
    for name in ("left", "right"):
        head = HEAD.replace("https://cec.example", f"https://cec.example/{name}")
        files[f"https://cec.example/{name}"] = a_file(
            IMPORT, a_decision(literal(f'"{name}: " + shared.greeting'), link, name="said"), head=head
        )
    sides = "".join(
        f'<import name="{name} side" namespace="https://cec.example/{name}" importType="dmn"/>'
        for name in ("left", "right")
    )
    both = "".join(
        f'<informationRequirement><requiredDecision href="https://cec.example/{name}#said"/></informationRequirement>'
        for name in ("left", "right")
    )
    main = a_file(sides, a_decision(literal('left side.said + ", " + right side.said'), both), head=IMPORTING)

    file = CompiledRules(main, fetch=files.get)

    assert file.decide({"who": "Petrov"}).value == "left: Hello Petrov, right: Hello Petrov"


def test_types_of_an_imported_file_are_known_by_its_name():
    shared = a_file(TYPES, a_decision(literal("1"), name="one"), head=SHARED)
    text = a_file(IMPORT, a_decision(literal('"vip" instance of shared.tLevel')), head=IMPORTING)

    assert CompiledRules(text, fetch={SPACE: shared}.get).decide({}).value is True


def test_files_that_import_each_other_are_refused():
    file = a_file(
        '<import name="again" namespace="https://cec.example/main" importType="dmn"/>',
        a_decision(literal("1")),
        head=IMPORTING,
    )

    with pytest.raises(UnreadableRules):
        read(file, lambda _namespace: file)


def test_a_function_of_another_language_is_never_run():
    box = (
        '<functionDefinition kind="Java"><context><contextEntry><variable name="class"/>'
        f"{literal('&quot;java.lang.Runtime&quot;')}</contextEntry></context></functionDefinition>"
    )
    file = a_file(a_decision(f"<context>{entry('f', box)}{entry('', literal('f()'))}</context>"))

    outcome = CompiledRules(file).decide({})

    assert outcome.value is None
    assert outcome.errors


IDS = {
    "the same id twice": a_decision(literal("1"), name="a") + a_decision(literal("2"), name="a"),
    "an input with the id of a decision": a_decision(literal("1"), name="a") + an_input("a"),
    "neither id nor name": f"<decision>{literal('1')}</decision>",
}


@pytest.mark.parametrize("elements", IDS.values(), ids=IDS)
def test_ids_that_are_missing_or_there_twice_are_refused(elements):
    with pytest.raises(UnreadableRules):
        read(a_file(elements))


def test_decisions_that_need_each_other_without_end_are_refused():
    chain = [a_decision(literal("1"), needs(f"d{at + 1}"), name=f"d{at}") for at in range(300)]

    with pytest.raises(UnreadableRules):
        CompiledRules(a_file(*chain, a_decision(literal("1"), name="d300")), "d0")


def test_boxes_that_are_nested_without_end_are_refused():
    with pytest.raises(UnreadableRules):
        read(a_file(a_decision("<list>" * 100 + "</list>" * 100)))


@pytest.mark.usefixtures("english")
def test_the_check_finds_what_is_wrong_inside_a_box():
    box = f"<context>{entry('a', literal('1 +'))}{entry('', literal('a'))}</context>"

    (problem,) = checking.check(a_file(a_decision(box)))

    assert problem.column == "answer"
    assert problem.message.startswith("Sign 4: ")
    assert (
        checking.check(
            a_file(a_decision(literal("fee(1)"), knows("fee")), a_model("fee", [("n", "Any")], literal("n")))
        )
        == []
    )


def test_a_text_that_is_no_feel_keeps_the_file_from_judging():
    with pytest.raises(FeelSyntaxError):
        CompiledRules(a_file(a_decision(literal("1 +"))))


@pytest.mark.usefixtures("english")
def test_a_row_tells_what_its_columns_were():
    table = (
        '<decisionTable hitPolicy="FIRST"><input label="Points"><inputExpression><text>points</text></inputExpression>'
        '</input><input label="Channel"><inputExpression><text>channel</text></inputExpression></input>'
        '<output name="q"/>'
        "<rule><inputEntry><text>&gt; 5</text></inputEntry><inputEntry><text>-</text></inputEntry>"
        "<outputEntry><text>1</text></outputEntry></rule></decisionTable>"
    )

    (hit,) = CompiledRules(a_file(a_decision(table))).decide({"points": 7, "channel": "email"}).hits

    assert hit.inputs == {"Points": 7}
