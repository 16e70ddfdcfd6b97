"""Which elements of a diagram come after which."""

from cec.workflow.diagrams import Diagram

SPLITS = frozenset({"parallelGateway", "inclusiveGateway"})
# What stands in a diagram without being on a path.
ASIDE = frozenset({"textAnnotation", "association", "group", "laneSet"})


def after(diagram: Diagram, element: str, *, until: frozenset[str] = frozenset()) -> set[str]:
    """Collect what can follow an element, through boundary events too, up to elements of the given kinds."""
    seen: set[str] = set()
    waiting = _next(diagram, element)
    while waiting:
        found = waiting.pop()
        if found not in seen and found in diagram.elements:
            seen.add(found)
            if diagram.elements[found].kind not in until:
                waiting += _next(diagram, found)
    return seen


def _next(diagram: Diagram, element: str) -> list[str]:
    events = diagram.boundary(element)
    return [*(flow.target for flow in diagram.leaving(element)), *(event.id for event in events)]


def unreachable(diagram: Diagram) -> list[str]:
    """List the elements to which no path leads from the start of their process."""
    starts = [element.id for element in diagram.elements.values() if element.kind == "startEvent"]
    reached = {each for start in starts for each in (start, *after(diagram, start))}
    return [
        element.id
        for element in diagram.elements.values()
        if element.id not in reached and element.kind not in ASIDE and element.node.get("triggeredByEvent") != "true"
    ]


def beside(diagram: Diagram) -> set[str]:
    """Collect what may be open while something else is: between parallel gateways, and after side events."""
    side = [
        element.id
        for element in diagram.elements.values()
        if (element.kind in SPLITS and len(diagram.leaving(element.id)) > 1)
        or element.node.get("cancelActivity") == "false"
    ]
    return {each for event in side for each in after(diagram, event, until=SPLITS)}
