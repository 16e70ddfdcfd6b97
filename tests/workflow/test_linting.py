"""What a diagram may contain: every refusal names the element and the remedy."""

import pytest

from cec.workflow import definitions
from tests.workflow import drawing as d

pytestmark = pytest.mark.usefixtures("english")


def problems(text, process="errand", **called):
    files = {f"{process}.bpmn": text, **{f"{name}.bpmn": other for name, other in called.items()}}
    return [str(problem) for problem in definitions.check(files, process)]


def beside(*parts, messages=()):
    """The simple errand with something else in it."""
    return d.diagram(
        "errand", d.start(), d.user("handle"), d.end(), d.line("begun", "handle"), d.outcomes("handle", close="ended"),
        *parts, messages=messages,
    )  # fmt: skip


def between(*parts, inner, messages=()):
    """An errand in which something stands before the person."""
    return d.diagram(
        "errand", d.start(), d.user("handle"), d.end(), *parts, d.line("begun", inner, "handle"),
        d.outcomes("handle", close="ended"), messages=messages,
    )  # fmt: skip


def test_a_simple_diagram_is_sound(calls):
    assert problems(d.simple()) == []


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("scriptTask", "scripts would run as Python: call a service task"),
        ("manualTask", "nobody can finish it here: use a user task"),
        ("task", "nobody can finish it here"),
        ("complexGateway", "use exclusive and parallel gateways"),
        ("adHocSubProcess", "use an ordinary subprocess"),
        ("transaction", "use an ordinary subprocess"),
        ("sendTask", "use a throwing message event"),
        ("receiveTask", "use a catching message event"),
    ],
)
def test_what_is_not_supported_is_refused_with_what_to_use(calls, kind, told):
    found = problems(between(d.node(kind, "strange"), inner="strange"))

    assert any(problem.startswith("errand/strange: ") and told in problem for problem in found)


@pytest.mark.parametrize("kind", ["preScript", "postScript"])
def test_scripts_around_a_task_are_refused(calls, kind):
    script = d.extension(f"<spiffworkflow:{kind}>a = 1</spiffworkflow:{kind}>")

    (problem,) = problems(beside().replace('<bpmn:userTask id="handle">', f'<bpmn:userTask id="handle">{script}'))

    assert problem == f"errand/handle: <{kind}> would run as Python: call a service task"


@pytest.mark.parametrize("kind", ["compensateEventDefinition", "linkEventDefinition", "signalEventDefinition"])
def test_events_that_would_be_ignored_are_refused(calls, kind):
    found = problems(between(d.node("intermediateThrowEvent", "odd", f"<bpmn:{kind}/>"), inner="odd"))

    assert found == [f"errand/odd: <{kind}> would be ignored: it is not supported"]


def test_conditions_on_data_are_refused(calls):
    event = "<bpmn:conditionalEventDefinition><bpmn:condition>a</bpmn:condition></bpmn:conditionalEventDefinition>"

    assert "errand/odd: <conditionalEventDefinition> is not supported" in problems(
        between(d.catch("odd", event), inner="odd")
    )


def test_python_in_correlations_is_refused(calls):
    declared = '<bpmn:correlationProperty id="key" name="key"/><bpmn:process'

    assert problems(beside().replace("<bpmn:process", declared)) == [
        "errand/key: <correlationProperty> is not supported"
    ]


def test_an_event_subprocess_is_refused(calls):
    inner = d.start("inner") + d.end("inner_end") + d.line("inner", "inner_end")
    found = problems(beside(d.node("subProcess", "side", inner, triggeredByEvent="true")))

    assert "errand/side: an event subprocess would start by itself in new instances: use a boundary event" in found


def test_two_events_in_one_circle_are_refused(calls):
    both = d.timer('duration("PT5M")', "timeDuration") + d.message("wrote")

    assert "errand/odd: one event per circle: several would share one due date" in problems(
        between(d.catch("odd", both), inner="odd", messages=("wrote",))
    )


def test_an_event_that_waits_for_nothing_is_refused(calls):
    assert problems(between(d.catch("odd", ""), inner="odd")) == [
        "errand/odd: say what it waits for: a message or a moment"
    ]


def test_a_message_that_is_not_declared_is_refused(calls):
    assert "errand/odd: choose the message that it waits for or sends" in problems(
        between(d.catch("odd", d.message("wrote")), inner="odd")
    )


def test_a_cycle_is_refused(calls):
    assert problems(between(d.catch("odd", d.timer('"R5/PT10M"', "timeCycle")), inner="odd")) == [
        "errand/odd: an overdue cycle would fire all missed turns at once: use a date or a duration"
    ]


def test_a_timer_without_a_moment_is_refused(calls):
    assert problems(between(d.catch("odd", "<bpmn:timerEventDefinition/>"), inner="odd")) == [
        "errand/odd: say when: a date or a duration"
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('"5 minutes"', "is no moment and no duration"),
        ("PT5M +", "found the end"),
        ('duration("5 minutes")', "errand/odd: “"),
        ("5", "is no moment and no duration"),
        ('5 + "x"', "errand/odd: “5 + "),
    ],
)
def test_a_bad_timer_is_found_before_it_runs(calls, text, told):
    (problem,) = problems(between(d.catch("odd", d.timer(text, "timeDuration")), inner="odd"))

    assert told in problem


@pytest.mark.parametrize("text", ['duration("PT5M")', '@"2027-01-01T10:00:00Z"', "until"])
def test_a_good_timer_is_not(calls, text):
    assert problems(between(d.catch("fine", d.timer(text)), inner="fine")) == []


def test_a_condition_that_is_not_feel_is_refused_with_its_place(calls):
    gateway = d.node("exclusiveGateway", "which", default="which_to_handle")
    text = between(gateway, d.flow("which", "ended", "a == 1", id="broken"), inner="which")

    (problem,) = problems(text)

    assert problem.startswith("errand/broken: “a == 1”: Line 1, column 4")


def test_a_condition_after_a_task_is_refused(calls):
    text = d.simple().replace(
        'sourceRef="begun" targetRef="handle">',
        'sourceRef="begun" targetRef="handle"><bpmn:conditionExpression>false</bpmn:conditionExpression>',
    )

    assert problems(text) == [
        "errand/begun_to_handle: a condition on a flow that does not leave a gateway is ignored: put a gateway before"
    ]


def test_a_flow_of_a_gateway_needs_a_condition(calls):
    text = between(d.node("exclusiveGateway", "which"), d.flow("which", "ended", "a = 1"), inner="which")

    assert problems(text) == ["errand/which_to_handle: give the flow a condition or make it the default"]


def test_a_flow_to_nowhere_is_refused(calls):
    assert "errand/ended_to_nothing: the flow begins or ends nowhere" in problems(beside(d.flow("ended", "nothing")))


def test_what_no_flow_leads_to_is_refused(calls):
    assert problems(beside(d.user("lonely"), d.end("far"), d.outcomes("lonely", stop="far"))) == [
        "errand/lonely: no flow leads here",
        "errand/far: no flow leads here",
        "errand/after_lonely: no flow leads here",
    ]


def test_two_starts_are_refused(calls):
    assert "errand/errand: a process has one start event, without a condition of its own" in problems(
        beside(d.start("again"), d.flow("again", "handle"))
    )


def test_two_flows_out_of_a_task_are_refused(calls, service):
    service("look")
    text = between(d.service("look"), d.flow("look", "ended"), inner="look")

    assert problems(text) == ["errand/look: exactly one flow leaves a task: decide in a gateway"]


def parallel_loop(inside=""):
    return d.diagram(
        "errand", d.start(), d.node("exclusiveGateway", "again"), d.node("parallelGateway", "split"),
        d.user("left", assignment="owner"), d.user("right", assignment="owner"), d.node("parallelGateway", "join"),
        d.node("exclusiveGateway", "which", default="which_to_ended"), d.end(),
        d.line("begun", "again", "split"), d.line("split", "left"), d.line("split", "right"),
        d.outcomes("left", done_left="join"), d.outcomes("right", done_right="join"), d.line("join", "which", "ended"),
        d.flow("which", "again", "more = true") if not inside else "",
    )  # fmt: skip


def test_a_parallel_block_in_a_loop_is_refused(calls):
    told = "inside a loop its join fires too early from the second turn: wrap it in a subprocess"

    assert problems(parallel_loop()) == [f"errand/split: {told}", f"errand/join: {told}"]


def test_a_parallel_block_outside_a_loop_is_sound(calls):
    assert problems(parallel_loop("none")) == []


def first_of(*events, messages=("wrote", "called")):
    names = [f"event_{number}" for number in range(len(events))]
    parts = [d.catch(name, event) + d.line("first", name, "handle") for name, event in zip(names, events, strict=True)]
    return d.diagram(
        "errand", d.start(), d.node("eventBasedGateway", "first"), d.line("begun", "first"), *parts, d.user("handle"),
        d.end(), d.outcomes("handle", close="ended"), messages=messages,
    )  # fmt: skip


def test_two_timers_behind_one_gateway_are_refused(calls):
    assert problems(first_of(d.timer("soon"), d.timer("later"))) == [
        "errand/first: two timers behind one gateway share one due date: put one of them elsewhere"
    ]


def test_the_same_message_twice_behind_one_gateway_is_refused(calls):
    assert problems(first_of(d.message("wrote"), d.message("wrote"))) == [
        "errand/first: two events wait for the same message"
    ]


def test_only_events_may_follow_an_event_based_gateway(calls):
    text = first_of(d.message("wrote"), d.timer("soon")).replace(
        "</bpmn:process>", d.flow("first", "handle") + "</bpmn:process>"
    )

    assert "errand/first: only catching events may follow an event-based gateway" in problems(text)


def test_a_timer_and_messages_behind_one_gateway_are_sound(calls):
    assert problems(first_of(d.timer("soon"), d.message("wrote"), d.message("called"))) == []


def test_a_user_task_declares_its_place_and_its_assignment(calls):
    text = (
        d.simple()
        .replace('name="place" value="handle"', 'name="place" value=""')
        .replace('"distribution"', '"whoever"')
    )

    assert problems(text) == [
        "errand/handle: declare its place",
        "errand/handle: declare its assignment: distribution, owner or group:CODE",
    ]


def test_after_a_user_task_stands_one_gateway(calls):
    text = d.diagram("errand", d.start(), d.user("handle"), d.end(), d.line("begun", "handle", "ended"))

    assert problems(text) == [
        "errand/handle: one exclusive gateway stands after a user task: its flows are the outcomes"
    ]


def test_an_outcome_has_its_own_name_as_condition_and_a_word_for_the_button(calls):
    text = d.simple().replace("outcome = &quot;close&quot;", "outcome = &quot;shut&quot;").replace(' name="Close"', "")

    assert problems(text) == [
        'errand/close: the condition of an outcome is: outcome = "close"',
        "errand/close: name the outcome: it is the word on the button",
    ]


def test_outcomes_have_no_default(calls):
    text = d.simple().replace('id="after_handle"', 'id="after_handle" default="close"')

    assert problems(text) == ["errand/after_handle: outcomes have no default: every one is a button"]


def test_two_tasks_to_distribute_at_once_are_refused(calls):
    text = d.simple(
        "errand", d.boundary("late", "handle", d.timer("due"), interrupts=False), d.user("help_out"), d.end("helped"),
        d.line("late", "help_out"), d.outcomes("help_out", done="helped"),
    )  # fmt: skip

    assert problems(text) == [
        "errand/help_out: two tasks to distribute could be open at once: keep it out of parallel branches"
    ]


def test_a_repeated_task_to_distribute_is_refused(calls):
    loop = "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>3 +</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"  # noqa: E501
    found = problems(
        d.diagram(
            "errand", d.start(), d.user("handle", inside=loop), d.end(), d.line("begun", "handle"),
            d.outcomes("handle", close="ended"),
        )
    )  # fmt: skip

    assert "errand/handle: two tasks to distribute could be open at once: keep it out of parallel branches" in found
    assert any(problem.startswith("errand/handle: “3 +”: ") for problem in found)


def test_a_service_task_must_exist_and_its_parameters_fit(calls, service):
    service("settle", takes="outcome note?")

    assert problems(between(d.service("look"), inner="look")) == ["errand/look: there is no service task test.look"]
    assert problems(between(d.service("settle", other="1"), inner="settle")) == [
        "errand/settle: test.settle lacks outcome",
        "errand/settle: test.settle does not know other",
    ]
    assert problems(between(d.service("settle", outcome="1:text"), inner="settle")) == [
        "errand/settle: the type of outcome is one of int, number, str, bool, datetime, dict, list"
    ]
    assert problems(between(d.node("serviceTask", "empty"), inner="empty")) == [
        "errand/empty: say which service task it calls"
    ]


def test_a_business_rule_task_names_its_table(calls):
    assert problems(between(d.node("businessRuleTask", "judge"), inner="judge")) == [
        "errand/judge: say which decision table it asks"
    ]


def test_an_id_that_a_parameter_has_too_is_refused(calls, service):
    service("settle", takes="handle")

    assert problems(between(d.service("settle", handle="1"), inner="settle")) == [
        "errand/handle: a parameter of a service task has the same id: the engine would confuse them"
    ]


def test_ids_are_words(calls):
    assert "errand/Activity-1: an id is made of small letters, digits and _" in problems(
        between(d.user("Activity-1"), inner="Activity-1")
    )


def test_a_called_process_must_be_there_and_not_call_back(calls):
    calling = between(d.node("callActivity", "helping", calledElement="help"), inner="helping")
    called = d.diagram(
        "help",
        d.start(),
        d.node("callActivity", "back", calledElement="errand"),
        d.end(),
        d.line("begun", "back", "ended"),
    )

    assert problems(calling) == ["errand/helping: there is no process help"]
    assert problems(calling, help=called) == [
        "errand/helping: the process would call itself without end",
        "help/back: the process would call itself without end",
    ]


def test_entities_and_other_texts_are_no_diagrams(calls):
    hostile = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + d.simple()

    assert problems(hostile)[0] == "errand.bpmn: This is not a diagram: a DOCTYPE is not allowed."
    assert problems("hello")[0].startswith("errand.bpmn: This is not a diagram: Start tag expected")
    assert problems(" " * 3_000_000)[0].startswith("errand.bpmn: This is not a diagram: more than")


def test_a_broken_form_is_refused(calls):
    found = definitions.check({"errand.bpmn": d.simple(), "forms/close_errand.json": '{"components": [{}]}'}, "errand")

    assert [str(problem) for problem in found] == ["forms/close_errand.json: This is not a form: KeyError: 'type'."]


def test_what_the_engine_itself_cannot_read_is_told_in_its_words(calls):
    fault = '<bpmn:errorEventDefinition errorRef="nowhere"/>'
    text = d.simple("errand", d.boundary("odd", "handle", fault), d.end("over"), d.line("odd", "over"))

    (problem,) = problems(text)

    assert problem.startswith("errand: ")
