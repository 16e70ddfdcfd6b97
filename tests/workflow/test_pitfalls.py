"""The pitfalls of SpiffWorkflow 3.2.0, each with what keeps us out of it.

Those that a diagram would walk into are refused before it runs (test_linting.py): a parallel block in a loop (3), an
event subprocess (5), two timers behind one gateway (7), bad timers and expressions (10), ignored conditions,
unreachable elements, links and compensation (11), cycles (13). The others are here, by their numbers.
"""

import copy
import datetime as dt
import json
import logging
import sys
import threading

import pytest
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine

from cec.platform.db import unit_of_work
from cec.rulebook import files
from cec.workflow import definitions, diagrams, state
from cec.workflow.spiff import reading, running, storing
from cec.workflow.spiff.expressions import BrokenStep, FeelEngine
from cec.workflow.state import UnknownState
from tests.workflow import drawing as d
from tests.workflow.test_equivalence import REPEATED
from tests.workflow.walking import by_element, restored


def specs_of(text, process="errand"):
    """Read a diagram anew, as a fresh process of the machine would."""
    return reading.parse(process, {f"{process}.bpmn": diagrams.read(text).root})


def looping(*parts, messages=()):
    """An errand that comes back to the person."""
    return d.diagram(
        "errand", d.start(), d.node("exclusiveGateway", "again"), d.user("handle"), d.end(),
        d.line("begun", "again", "handle"), d.outcomes("handle", close="ended", repeat="again"), *parts,
        messages=messages,
    )  # fmt: skip


def test_1_the_tree_does_not_grow_in_loops(calls):
    specs = specs_of(looping())
    instance = running.start(specs, {}, by="walker")
    sizes = set()

    for turn in range(1100):
        running.run_task(instance, by_element(instance, "handle"), {"outcome": "repeat", "turn": turn % 10})
        sizes.add(len(storing.dump(instance)))
        instance = restored(instance, specs)

    assert len(instance.tasks) < 8
    assert max(sizes) - min(sizes) < 10


def test_2_a_message_that_does_not_interrupt_comes_any_number_of_times(calls, service):
    service("note")
    side = d.boundary("wrote", "handle", d.message("wrote"), interrupts=False)
    specs = specs_of(
        looping(side, d.service("note"), d.end("noted"), d.line("wrote", "note", "noted"), messages=("wrote",))
    )
    instance = running.start(specs, {}, by="walker")
    sizes = []

    for turn in range(220):
        running.send(instance, "wrote", {"turn": turn % 10})
        sizes.append(len(storing.dump(instance)))
        instance = restored(instance, specs)

    assert calls == ["test.note"] * 220
    assert [task.element for task in running.open_tasks(instance)] == ["handle"]
    assert max(sizes) - min(sizes) < 20
    running.run_task(instance, by_element(instance, "handle"), {"outcome": "repeat"})
    running.send(instance, "wrote", {})
    running.run_task(instance, by_element(instance, "handle"), {"outcome": "close"})
    assert instance.completed
    assert len(calls) == 221


def test_4_the_state_survives_a_store_that_reorders_the_keys_of_objects(calls):
    specs = specs_of(looping())
    instance = running.start(specs, {"a": {"z": 1, "b": [2]}, "c": "d"}, by="walker")
    running.run_task(instance, by_element(instance, "handle"), {"outcome": "repeat", "b": 5})
    wanted = instance.get_task_from_id(by_element(instance, "handle")).data

    def reorder(value):
        if isinstance(value, dict):
            return {key: reorder(value[key]) for key in sorted(value, reverse=True)}
        return [reorder(part) for part in value] if isinstance(value, list) else value

    shaken = json.dumps(reorder(json.loads(storing.dump(instance)))).encode()
    instance = storing.load(shaken, specs, by="walker")

    assert instance.get_task_from_id(by_element(instance, "handle")).data == wanted


def test_6_a_repeated_task_in_flight_goes_on_after_a_restart(calls):
    text = d.diagram(
        "errand", d.start(), d.node("userTask", "approve", REPEATED), d.node("userTask", "after"), d.end(),
        d.line("begun", "approve", "after", "ended"),
    )  # fmt: skip
    instance = running.start(specs_of(text), {"items": ["x", "y"]}, by="walker")

    for answer in (1, 2):
        instance = restored(instance, specs_of(text))
        running.run_task(instance, by_element(instance, "approve"), {"result": answer})

    assert [task.element for task in running.open_tasks(instance)] == ["after"]
    assert instance.get_task_from_id(by_element(instance, "after")).data["results"] == [1, 2]


def test_7_8_an_event_based_gateway_says_everything_it_waits_for(publish, desk, clock):
    publish(
        d.diagram(
            "errand", d.start(), d.node("eventBasedGateway", "first", d.extension(d.properties(place="waiting"))),
            d.catch("written", d.message("wrote")), d.catch("late", d.timer("until"), name="Too late"), d.end(),
            d.line("begun", "first", "written", "ended"), d.line("first", "late", "ended"), messages=("wrote",),
        )
    )  # fmt: skip
    until = clock.forward(dt.timedelta()) + dt.timedelta(hours=1)

    desk.start(until=until)

    assert desk.waits() == [("message", "wrote"), ("timer", "Too late")]
    assert desk.due() == [until]


def test_9_an_error_of_a_service_arrives_as_itself(calls, service):
    service("settle", answer=ConnectionError("the shop is closed"))
    text = d.diagram("errand", d.start(), d.service("settle"), d.end(), d.line("begun", "settle", "ended"))

    with pytest.raises(ConnectionError, match="the shop is closed"):
        running.start(specs_of(text), {}, by="walker")


def test_10_a_step_that_stumbles_leaves_no_zombie(publish, desk, clock):
    publish(
        d.diagram(
            "errand", d.start(), d.user("handle"), d.line("begun", "handle"), d.outcomes("handle", wait="pause"),
            d.catch("pause", d.timer("until")), d.end(), d.line("pause", "ended"),
        )
    )  # fmt: skip
    desk.start()
    before = desk.instance().state

    for wrong in ("tomorrow", None, 5):
        with pytest.raises(Exception, match=r".+"):
            desk.finish("wait", until=wrong)
        assert (desk.instance().state, desk.open()) == (before, ["handle"])

    desk.finish("wait", until=clock.forward(dt.timedelta()))
    assert desk.open() == []


TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<decision id="verdict" name="verdict"><decisionTable id="t" hitPolicy="FIRST">
<input id="i"><inputExpression id="ie"><text>word</text></inputExpression></input>
<output id="o" name="answer"/><annotation name="reason"/>
<rule id="r1"><inputEntry id="a1"><text>"a", "b"</text></inputEntry><outputEntry id="b1"><text>1</text></outputEntry>
<annotationEntry><text>one of two</text></annotationEntry></rule>
<rule id="r2"><inputEntry id="a2"><text>not("c")</text></inputEntry><outputEntry id="b2"><text>2</text></outputEntry>
<annotationEntry><text>not c</text></annotationEntry></rule>
</decisionTable></decision></definitions>"""


@pytest.mark.parametrize(
    ("word", "answer", "reason"), [("a", 1, "one of two"), ("b", 1, "one of two"), ("x", 2, "not c"), ("c", None, None)]
)
def test_12_lists_and_negations_of_a_table_mean_what_dmn_says(db, calls, tmp_path, word, answer, reason):
    (tmp_path / "verdict").mkdir()
    (tmp_path / "verdict" / "v1.dmn").write_text(TABLE, encoding="utf-8")
    with unit_of_work():
        files.ship(tmp_path)
    table = d.extension("<spiffworkflow:calledDecisionId>verdict</spiffworkflow:calledDecisionId>")
    text = d.diagram(
        "errand", d.start(), d.node("businessRuleTask", "judge", table), d.node("userTask", "handle"), d.end(),
        d.line("begun", "judge", "handle", "ended"),
    )  # fmt: skip

    with unit_of_work():
        instance = running.start(specs_of(text), {"facts": {"word": word}}, by="walker")

    verdict = instance.get_task_from_id(by_element(instance, "handle")).data["verdict"]
    assert verdict.get("answer") == answer
    assert [row["reason"] for row in verdict["verdict"]["rows"]] == ([reason] if reason else [])


def test_14_a_new_version_of_the_diagram_does_not_touch_the_clocks_of_running_instances(publish, desk, clock):
    def errand(*parts):
        late = d.boundary("late", "handle", d.timer('duration("PT2H")', "timeDuration"), interrupts=False)
        return d.simple("errand", late, d.end("told"), d.line("late", "told"), *parts)

    publish(errand())
    desk.start()
    due = desk.due()
    clock.forward(dt.timedelta(hours=1))

    publish(errand(d.node("textAnnotation", "remark")))

    assert desk.due() == due
    assert desk.instance().version.version == 1
    desk.finish("close")


def test_15_the_state_has_a_version_of_its_own(calls):
    with pytest.raises(UnknownState, match="version 7, expected 1"):
        state.load(b"[7, []]")


def test_16_threads_share_a_diagram(calls, service):
    service("settle")
    side = d.boundary("wrote", "handle", d.message("wrote"), interrupts=False)
    text = looping(side, d.service("settle"), d.end("noted"), d.line("wrote", "settle", "noted"), messages=("wrote",))
    specs = specs_of(text)
    faults, interval = [], sys.getswitchinterval()

    def live():
        try:
            for life in range(40):
                instance = restored(running.start(specs, {"life": life}, by="walker"), specs)
                running.run_task(instance, by_element(instance, "handle"), {"outcome": "repeat"})
                instance = restored(instance, specs)
                running.send(instance, "wrote", {})
                running.run_task(instance, by_element(instance, "handle"), {"outcome": "close"})
                assert instance.completed
                assert instance.data["life"] == life
        except BaseException as fault:  # noqa: BLE001 - told by the main thread
            faults.append(fault)

    threads = [threading.Thread(target=live) for _ in range(4)]
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert faults == []
    assert len(calls) == 160


def test_17_the_data_of_a_process_never_reach_a_log(calls, caplog):
    specs = specs_of(looping())

    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger="spiff"):
        for name in ("spiff.task", "spiff.workflow", "spiff.data"):
            logging.getLogger(name).setLevel(logging.DEBUG)
        try:
            instance = running.start(specs, {"card": "nobody else may read this"}, by="walker")
            running.run_task(instance, by_element(instance, "handle"), {"outcome": "close"})
        finally:
            for name in ("spiff.task", "spiff.workflow", "spiff.data"):
                logging.getLogger(name).setLevel(logging.NOTSET)

    assert caplog.records
    assert not any("nobody else" in str(vars(record)) for record in caplog.records)


def test_18_an_expression_over_a_list_sees_the_other_data(calls):
    condition = "some item in items satisfies item > limit"
    text = d.diagram(
        "errand", d.start(), d.node("exclusiveGateway", "which", default="which_to_small"), d.node("userTask", "big"),
        d.node("userTask", "small"), d.end(), d.line("begun", "which", "small", "ended"),
        d.flow("which", "big", condition),
        d.line("big", "ended"),
    )  # fmt: skip

    for items, chosen in (([1, 2, 3], "big"), ([1], "small")):
        instance = running.start(specs_of(text), {"items": items, "limit": 2}, by="walker")
        assert [task.element for task in running.open_tasks(instance)] == [chosen]


# Found on the way.


def test_a_message_and_a_timer_at_once_open_one_branch(publish, desk, clock, calls, service):
    service("hear")
    service("miss")
    publish(
        d.diagram(
            "errand", d.start(), d.node("eventBasedGateway", "first"), d.line("begun", "first"),
            d.catch("written", d.message("wrote")), d.catch("late", d.timer("until")), d.end(), d.end("too_late"),
            d.service("hear"), d.service("miss"),
            d.line("first", "written", "hear", "ended"), d.line("first", "late", "miss", "too_late"),
            messages=("wrote",),
        )
    )  # fmt: skip
    desk.start(until=clock.forward(dt.timedelta()) + dt.timedelta(hours=1))
    clock.forward(dt.timedelta(hours=2))

    assert desk.send("wrote")

    assert calls == ["test.hear"]
    assert desk.waits() == []


def test_an_inclusive_join_after_a_restart_waits_for_the_branches_it_saw_coming(calls):
    text = d.diagram(
        "errand", d.start(), d.node("inclusiveGateway", "some", default="some_to_all"), d.node("userTask", "one"),
        d.node("userTask", "two"), d.node("inclusiveGateway", "all"), d.end(), d.line("begun", "some", "all", "ended"),
        d.flow("some", "one", "n < 3"), d.flow("some", "two", "n > 1"), d.line("one", "all"), d.line("two", "all"),
    )  # fmt: skip
    specs = specs_of(text)
    instance = restored(running.start(specs, {"n": 2}, by="walker"), specs)

    running.run_task(instance, by_element(instance, "one"), {})

    assert not instance.completed
    running.run_task(instance, by_element(restored(instance, specs), "two"), {})
    assert instance.completed


def test_a_service_task_that_calls_nothing_cannot_be_read(calls):
    with pytest.raises(reading.Unreadable, match="a service task needs an operator"):
        specs_of(
            d.diagram("errand", d.start(), d.node("serviceTask", "empty"), d.end(), d.line("begun", "empty", "ended"))
        )


def test_python_is_never_evaluated(calls):
    engine = FeelEngine()
    assert isinstance(engine, PythonScriptEngine)

    with pytest.raises(BrokenStep, match="Python is not run"):
        engine.environment.evaluate("__import__('os').getpid()", {})
    with pytest.raises(BrokenStep, match="Python is not run"):
        engine.environment.execute("a = 1", {})
    text = d.simple().replace("outcome = &quot;close&quot;", "__import__(&quot;os&quot;).getpid()")
    assert definitions.check({"errand.bpmn": text}, "errand")


def test_the_results_of_a_step_do_not_share_lists_with_its_parent(calls):
    specs = specs_of(looping())
    instance = restored(running.start(specs, {"items": [1], "told": {"a": 1}}, by="walker"), specs)
    before = copy.deepcopy(instance.task_tree.data)

    instance.get_task_from_id(by_element(instance, "handle")).data["items"].append(2)

    assert instance.task_tree.data == before
