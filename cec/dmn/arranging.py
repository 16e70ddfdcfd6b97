"""Where the pieces of a plain decision are drawn: the decision above, what it takes in below, in lines of six."""

from lxml import etree

from cec.dmn.parsing import Node, child, children

_DRAWN = "https://www.omg.org/spec/DMN/20191111/DMNDI/"
_SIZES = "http://www.omg.org/spec/DMN/20180521/DC/"
_POINTS = "http://www.omg.org/spec/DMN/20180521/DI/"
_IN_A_LINE = 6
_WIDTH, _HEIGHT, _STEP, _BELOW = 125, 45, 160, 90
_DECISION = (180, 80)


def arrange(root: Node, decision: Node) -> None:
    """Draw the file anew, whatever was drawn before."""
    for old in root.findall("{*}DMNDI"):
        root.remove(old)
    inputs = children(root, "inputData")
    across = min(len(inputs), _IN_A_LINE)
    middle = 100 + (max(across, 1) * _STEP - (_STEP - _WIDTH)) / 2
    drawn = etree.SubElement(root, f"{{{_DRAWN}}}DMNDI", nsmap={"dmndi": _DRAWN, "dc": _SIZES, "di": _POINTS})
    diagram = etree.SubElement(drawn, f"{{{_DRAWN}}}DMNDiagram", {"id": f"{decision.get('id')}_diagram"})
    _shape(diagram, str(decision.get("id")), middle - _DECISION[0] / 2, 100, *_DECISION)
    places = {}
    for number, one in enumerate(inputs):
        x = 100 + number % _IN_A_LINE * _STEP
        y = 280 + number // _IN_A_LINE * _BELOW
        places[str(one.get("id"))] = (x, y)
        _shape(diagram, str(one.get("id")), x, y, _WIDTH, _HEIGHT)
    for need in children(decision, "informationRequirement"):
        wanted = child(need, "requiredInput")
        place = places.get(str(wanted.get("href")).removeprefix("#")) if wanted is not None else None
        if place:
            _edge(diagram, str(need.get("id")), (place[0] + _WIDTH / 2, place[1]), (middle, 100 + _DECISION[1]))


def _shape(diagram: Node, name: str, x: float, y: float, width: float, height: float) -> None:
    shape = etree.SubElement(diagram, f"{{{_DRAWN}}}DMNShape", {"id": f"{name}_shape", "dmnElementRef": name})
    sizes = {"x": x, "y": y, "width": width, "height": height}
    etree.SubElement(shape, f"{{{_SIZES}}}Bounds", {key: f"{value:g}" for key, value in sizes.items()})


def _edge(diagram: Node, name: str, *points: tuple[float, float]) -> None:
    edge = etree.SubElement(diagram, f"{{{_DRAWN}}}DMNEdge", {"id": f"{name}_edge", "dmnElementRef": name})
    for x, y in points:
        etree.SubElement(edge, f"{{{_POINTS}}}waypoint", {"x": f"{x:g}", "y": f"{y:g}"})
