"""The diagrams and forms that come with the product fit together and read well, whatever engine runs them."""

import importlib
import inspect
import itertools
import json
import re
from pathlib import Path

import pytest
from lxml import etree

ROOT = Path(__file__).parents[2]
DIAGRAMS = sorted((ROOT / "processes").glob("*/v*.bpmn"))
FORMS = sorted((ROOT / "forms").glob("*.json"))
NAMES = {
    "b": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "s": "http://spiffworkflow.org/bpmn/schema/1.0/core",
    "v": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
}
# What the process itself knows; everything else that an outcome needs is asked for.
KNOWN = {"appeal_id"}

each_diagram = pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: f"{path.parent.name}-{path.stem}")
each_form = pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)


def drawn(path):
    return etree.parse(path).getroot()


def found(root, query):
    return root.xpath(query, namespaces=NAMES)


def nodes(root):
    return {each.get("id"): each for each in found(root, "//b:process/*[@id][not(self::b:sequenceFlow)]")}


def flows(root):
    return {each.get("id"): each for each in found(root, "//b:process/b:sequenceFlow")}


def outcomes(root):
    """Every flow out of the gateway after a user task."""
    arrows = flows(root).values()
    decisions = [arrow.get("targetRef") for task in found(root, "//b:userTask/@id") for arrow in leaving(root, task)]
    return [arrow for arrow in arrows if arrow.get("sourceRef") in decisions]


def leaving(root, node):
    return [arrow for arrow in flows(root).values() if arrow.get("sourceRef") == node]


def parameters(node):
    return {each.get("id"): each for each in found(node, ".//s:parameter")}


def function_of(node):
    area, _, name = found(node, ".//s:serviceTaskOperator/@id")[0].partition(".")
    return getattr(importlib.import_module(f"cec.{area}.service_tasks"), name)


def boxes(root):
    """Left, top, right and bottom of every box, circle and diamond."""
    bounds = {shape.get("bpmnElement"): found(shape, "./dc:Bounds")[0] for shape in found(root, "//v:BPMNShape")}
    return {node: edges(bound) for node, bound in bounds.items()}


def edges(bounds):
    left, top, width, height = (float(bounds.get(name)) for name in ("x", "y", "width", "height"))
    return left, top, left + width, top + height


def newest(process):
    return drawn(max((ROOT / "processes" / process).glob("v*.bpmn"), key=lambda path: int(path.stem[1:])))


def lines(root):
    """The points of every arrow."""
    return {
        edge.get("bpmnElement"): [
            (float(point.get("x")), float(point.get("y"))) for point in found(edge, "di:waypoint")
        ]
        for edge in found(root, "//v:BPMNEdge")
    }


def touches(box, point):
    left, top, right, bottom = box
    return left <= point[0] <= right and top <= point[1] <= bottom


def crosses(box, start, end):
    """Whether an upright or level line runs through the inside of a box."""
    left, top, right, bottom = box
    xs, ys = sorted((start[0], end[0])), sorted((start[1], end[1]))
    return xs[0] < right and xs[1] > left and ys[0] < bottom and ys[1] > top


def test_there_is_something_to_check():
    assert {path.parent.name for path in DIAGRAMS} >= {"appeal_handling", "appeal_transfer", "appeal_postponement"}
    assert {path.stem for path in FORMS} >= {f"{word}_appeal" for word in ("close", "transfer", "postpone", "wait")}


@each_diagram
def test_a_process_bears_the_name_of_its_folder_and_can_be_run(path):
    (process,) = found(drawn(path), "//b:process")

    assert process.get("id") == path.parent.name
    assert process.get("isExecutable") == "true"
    assert process.get("name")


@each_diagram
def test_ids_are_words_in_snake_case_and_one_of_a_kind(path):
    ids = found(drawn(path), "//@id[not(parent::s:*)]")

    assert [each for each in ids if not re.fullmatch(r"[a-z][a-z0-9_]*", each)] == []
    assert len(ids) == len(set(ids))


@each_diagram
def test_every_node_and_every_arrow_is_in_the_picture(path):
    root = drawn(path)

    assert set(boxes(root)) == set(nodes(root))
    assert set(lines(root)) == set(flows(root))


@each_diagram
def test_every_arrow_runs_from_its_source_to_its_target_upright_or_level(path):
    root = drawn(path)
    where = boxes(root)

    for name, points in lines(root).items():
        arrow = flows(root)[name]
        assert touches(where[arrow.get("sourceRef")], points[0]), name
        assert touches(where[arrow.get("targetRef")], points[-1]), name
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in itertools.pairwise(points)), name


@each_diagram
def test_no_arrow_runs_through_a_box_and_no_label_lies_on_one(path):
    root = drawn(path)
    where, labels = boxes(root), [edges(bounds) for bounds in found(root, "//v:BPMNLabel/dc:Bounds")]

    for name, points in lines(root).items():
        for start, end in itertools.pairwise(points):
            assert [node for node, box in where.items() if crosses(box, start, end)] == [], name
            assert [label for label in labels if crosses(label, start, end)] == [], name


@each_diagram
def test_every_named_circle_and_diamond_has_room_for_its_name(path):
    """Beside the shape; a name inside a box needs none."""
    root = drawn(path)
    small = [each for each in nodes(root).values() if re.search(r"(Event|Gateway)$", each.tag) and each.get("name")]

    for node in small:
        assert found(root, f"//v:BPMNShape[@bpmnElement='{node.get('id')}']/v:BPMNLabel"), node.get("id")


@each_diagram
def test_every_service_task_calls_a_function_that_takes_what_it_is_told(path):
    for name, node in nodes(drawn(path)).items():
        if node.tag.endswith("}serviceTask"):
            inspect.signature(function_of(node)).bind(**parameters(node), by="system")
            assert "by" not in parameters(node), name


@each_diagram
def test_what_is_called_and_asked_exists(path):
    root = drawn(path)

    for called in found(root, "//b:callActivity/@calledElement"):
        assert list((ROOT / "processes" / called).glob("v*.bpmn")), called
    for table in found(root, "//s:calledDecisionId/text()"):
        assert list((ROOT / "rules" / table).glob("v*.dmn")), table


@each_diagram
def test_an_outcome_is_a_named_arrow_whose_condition_is_its_id(path):
    for arrow in outcomes(drawn(path)):
        assert found(arrow, "string(b:conditionExpression)") == f'outcome = "{arrow.get("id")}"'
        assert arrow.get("name"), arrow.get("id")
        assert set(found(arrow, ".//s:property/@name")) >= {"key", "icon"}, arrow.get("id")


def test_anna_has_five_ways_to_finish_an_appeal_and_none_by_default():
    root = newest("appeal_handling")

    assert [arrow.get("id") for arrow in outcomes(root)] == ["close", "transfer", "postpone", "wait", "spam"]
    assert nodes(root)["outcome"].get("default") is None


@pytest.mark.parametrize("outcome", ["close", "transfer", "postpone", "wait", "spam"])
def test_the_form_of_an_outcome_asks_for_all_that_its_service_task_wants(outcome):
    root = newest("appeal_handling")
    step = nodes(root)[flows(root)[outcome].get("targetRef")]
    if step.get("calledElement"):
        (step,) = found(newest(step.get("calledElement")), "//b:serviceTask[1]")[:1]
    form = json.loads((ROOT / f"forms/{outcome}_appeal.json").read_text(encoding="utf-8"))

    asked = {part["key"] for part in form["components"] if "key" in part}

    assert asked == set(parameters(step)) - KNOWN
    assert {key for key, each in parameters(step).items() if each.get("value") != key} == set()


@pytest.mark.parametrize(
    ("process", "waits_at", "place", "for_what"),
    [
        ("appeal_handling", "waiting", "waiting", {"client_wrote", "recalled", "until"}),
        ("appeal_postponement", "aside", "postponement", {"client_wrote", "until"}),
    ],
)
def test_a_wait_says_its_place_and_hears_the_client_and_the_clock(process, waits_at, place, for_what):
    root = newest(process)
    messages = {each.get("id"): each.get("name") for each in found(root, "//b:message")}

    events = [nodes(root)[arrow.get("targetRef")] for arrow in leaving(root, waits_at)]

    heard = {messages[name] for event in events for name in found(event, "b:messageEventDefinition/@messageRef")}
    assert heard | {text for event in events for text in found(event, ".//b:timeDate/text()")} == for_what
    assert found(nodes(root)[waits_at], ".//s:property[@name='place']/@value") == [place]


def test_a_postponed_appeal_can_be_recalled():
    root = newest("appeal_handling")

    (event,) = found(root, "//b:boundaryEvent[@attachedToRef='postponement']")

    assert event.get("cancelActivity", "true") == "true"
    assert found(root, f"//b:message[@id='{found(event, './/@messageRef')[0]}']/@name") == ["recalled"]


@each_form
def test_a_form_has_a_title_a_version_and_a_label_on_every_field(path):
    form = json.loads(path.read_text(encoding="utf-8"))

    assert form["id"] == path.stem
    assert form["title"]
    assert form["type"] == "default"
    assert form["schemaVersion"] > 0
    for part in form["components"]:
        assert part.get("label") or part.get("text"), part["id"]


@each_form
def test_a_field_that_may_be_hidden_depends_on_an_answer_of_the_same_form(path):
    parts = [part for part in json.loads(path.read_text(encoding="utf-8"))["components"] if "key" in part]
    offered = {part["key"]: {choice["value"] for choice in part.get("values", [])} for part in parts}

    for part in parts:
        if "conditional" in part:
            key, value = re.fullmatch(r'=(\w+) != "(\w+)"', part["conditional"]["hide"]).groups()
            assert value in offered[key], part["key"]
