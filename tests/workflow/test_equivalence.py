"""Our engine does what the stock engine does: parallel, repeated and inclusive parts, calls and subprocesses."""

import datetime as dt
import random

import pytest

from tests.workflow import drawing as d
from tests.workflow.walking import Walk

REPEATED = (
    "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>items</bpmn:loopDataInputRef>"
    "<bpmn:loopDataOutputRef>results</bpmn:loopDataOutputRef><bpmn:inputDataItem id='item'/>"
    "<bpmn:outputDataItem id='result'/></bpmn:multiInstanceLoopCharacteristics>"
)


def plainly(*names):
    """User tasks without outcomes: the engines are compared, not the rules of our diagrams."""
    return "".join(d.node("userTask", name) for name in names)


SUBPROCESS = d.node(
    "subProcess",
    "inner",
    "".join(
        [
            d.start("inner_begun"),
            plainly("patient"),
            d.end("inner_ended"),
            d.boundary("impatient", "patient", d.timer('duration("PT1H")', "timeDuration")),
            d.service("hurry"),
            d.end("inner_late"),
            d.line("inner_begun", "patient", "inner_ended"),
            d.line("impatient", "hurry", "inner_late"),
        ]
    ),
)

COMPLEX = d.diagram(
    "complex", d.start(), d.node("parallelGateway", "split"), plainly("left", "right", "one", "two"), SUBPROCESS,
    d.node("parallelGateway", "join"), d.node("userTask", "repeated", REPEATED),
    d.node("callActivity", "calling", calledElement="called"),
    d.node("inclusiveGateway", "some", default="some_to_all"), d.node("inclusiveGateway", "all"), d.end(),
    d.line("begun", "split"), d.line("split", "left", "join"), d.line("split", "right", "join"),
    d.line("split", "inner", "join"), d.line("join", "repeated", "calling", "some"), d.line("some", "all", "ended"),
    d.flow("some", "one", "n < 3"), d.flow("some", "two", "n > 1"), d.line("one", "all"), d.line("two", "all"),
)  # fmt: skip
CALLED = d.diagram(
    "called", d.start("called_begun"), d.service("count", result="n", n="n:int"), plainly("helper"),
    d.end("called_ended"),
    d.line("called_begun", "count", "helper", "called_ended"),
)  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_a_random_walk_through_everything_ends_alike(seed, calls, service, clock):
    service("hurry")
    service("count", answer=lambda told: told["n"] + 1, takes="n")
    dice = random.Random(seed)  # noqa: S311 - a walk, not a secret
    files = {"complex.bpmn": COMPLEX, "called.bpmn": CALLED}
    walk = Walk("complex", files, {"items": ["x", "y", "z"], "n": seed % 4}, calls)

    steps = 0
    while not walk.ours.completed:
        walk.restart()
        walk.compare()
        ours, _theirs = walk.open()
        if dice.random() < 0.15:
            walk.let_time_pass(clock, dt.timedelta(minutes=dice.randrange(20, 90)))
        elif ours:
            index = dice.randrange(len(ours))
            repeated = ours[index].task_spec.name.startswith("repeated")
            walk.finish(index, {"result": steps} if repeated else {f"answer_{dice.randrange(3)}": steps})
        steps += 1
        assert steps < 100
    walk.compare()

    assert walk.ours.data == walk.stock.workflow.data
    assert sorted(walk.ours.data["results"]) == sorted(set(walk.ours.data["results"]))
    assert len(walk.ours.data["results"]) == 3
