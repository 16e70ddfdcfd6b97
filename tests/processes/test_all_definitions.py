"""Everything in processes/ and forms/ loads, is sound, and says the same as the code."""

import itertools
import json

import pytest
from lxml import etree

from cec.appeals import lifecycle
from cec.platform import shipped
from cec.workflow import catalogue, definitions, diagrams, fields
from cec.workflow.diagrams import NAMES

DRAWN = {"dc": "http://www.omg.org/spec/DD/20100524/DC", "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI"}


@pytest.fixture(scope="module")
def bundles():
    return definitions.read(shipped.folder("processes"), shipped.folder("forms"))


def all_diagrams(bundles):
    return {
        name: diagrams.read(text) for files in bundles.values() for name, text in files.items() if name.endswith("bpmn")
    }


def test_every_shipped_process_is_sound(app, bundles):
    assert {process: definitions.check(files, process) for process, files in bundles.items()} == {
        "appeal_handling": [],
        "appeal_postponement": [],
        "appeal_transfer": [],
    }


def test_the_handling_of_an_appeal_comes_with_what_it_calls_and_all_its_forms(bundles):
    forms = sorted(path.name for path in shipped.folder("forms").glob("*.json"))

    assert sorted(bundles["appeal_handling"]) == [
        "appeal_handling.bpmn", "appeal_postponement.bpmn", "appeal_transfer.bpmn", *(f"forms/{name}" for name in forms)
    ]  # fmt: skip


def test_every_form_has_the_name_of_its_file_and_fits_the_schema(bundles):
    for path in shipped.folder("forms").glob("*.json"):
        name, questions, _static = fields.parse(path.read_text(encoding="utf-8"))
        assert name == path.stem
        assert len({question.key for question in questions}) == len(questions)
        parts = json.loads(path.read_text(encoding="utf-8"))["components"]
        assert len({part["id"] for part in parts}) == len(parts)


def test_places_declare_the_statuses_that_the_life_cycle_knows(bundles):
    declared = {
        status: element.properties["place"]
        for diagram in all_diagrams(bundles).values()
        for element in diagram.elements.values()
        for status in element.properties.get("statuses", "").split()
    }

    assert declared == {status.value: place for status, place in lifecycle.PLACES.items()}


def test_no_two_boxes_lie_on_each_other(bundles):
    for name, diagram in all_diagrams(bundles).items():
        boxes = {}
        for shape in diagram.root.iterfind(".//bpmndi:BPMNShape", DRAWN):
            if diagram.elements[shape.get("bpmnElement")].kind != "boundaryEvent":
                bounds = shape.find("dc:Bounds", DRAWN)
                boxes[shape.get("bpmnElement")] = [int(bounds.get(key)) for key in ("x", "y", "width", "height")]
        for one, (x, y, width, height) in boxes.items():
            for other, (left, top, wide, high) in boxes.items():
                apart = x + width <= left or left + wide <= x or y + height <= top or top + high <= y
                assert one == other or apart, (name, one, other)


def test_arrows_cross_nothing(bundles):
    space = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
    for name, diagram in all_diagrams(bundles).items():
        lines = []
        for edge in diagram.root.iterfind(".//bpmndi:BPMNEdge", DRAWN):
            points = [(int(point.get("x")), int(point.get("y"))) for point in edge.iter(space)]
            lines += [(edge.get("bpmnElement"), *pair) for pair in itertools.pairwise(points)]
        across = [(flow, a, b) for flow, a, b in lines if a[1] == b[1]]
        down = [(flow, a, b) for flow, a, b in lines if a[0] == b[0]]
        for flow, (x1, y), (x2, _) in across:
            for other, (x, y1), (_, y2) in down:
                crosses = min(x1, x2) < x < max(x1, x2) and min(y1, y2) < y < max(y1, y2)
                assert flow == other or not crosses, (name, flow, other)


def test_outcomes_are_the_buttons_in_their_order(app, bundles):
    handling = definitions.load("appeal_handling", bundles["appeal_handling"])

    flows = sorted(handling.outcomes("appeal_handling", "handle"), key=lambda flow: int(flow.properties["order"]))

    assert [(flow.id, flow.name, flow.properties["key"], flow.properties["icon"]) for flow in flows] == [
        ("close", "Close", "F8", "circle-check"),
        ("transfer", "Transfer", "F4", "arrow-forward-up"),
        ("postpone", "Postpone", "F6", "clock-pause"),
        ("wait", "Wait for client", "F9", "hourglass"),
        ("spam", "Spam", "", "ban"),
    ]


def test_every_service_task_of_the_areas_is_drawn_somewhere(app, bundles):
    called = {
        node.get("id")
        for diagram in all_diagrams(bundles).values()
        for node in diagram.root.iterfind(".//s:serviceTaskOperator", NAMES)
    }

    assert {task.name for task in catalogue.list_all() if not task.name.startswith("test.")} == called


def test_the_texts_are_english_and_well_formed(bundles):
    for diagram in all_diagrams(bundles).values():
        assert etree.tostring(diagram.root).isascii()
