"""A BPMN text as elements, flows and properties: what the checks, the inbox and the texts read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

from cec.platform.errors import Invalid

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
NAMES = {"b": BPMN, "s": SPIFF}
MAX_SIZE = 2_000_000
DOCTYPE = re.compile(r"<!\s*DOCTYPE", re.IGNORECASE)
# Elements of which others are parts.
SCOPES = frozenset({"process", "subProcess", "transaction", "adHocSubProcess"})


class NotXml(Invalid):
    """This is not a diagram: {reason}."""


@dataclass(frozen=True)
class Element:
    """A box, a circle or a diamond."""

    id: str
    kind: str
    name: str
    # The process or the subprocess that it is part of.
    scope: str
    properties: dict[str, str]
    node: etree._Element = field(repr=False, compare=False)

    def find(self, path: str) -> etree._Element | None:
        """Find a part of it."""
        return self.node.find(path, NAMES)

    def text(self, path: str) -> str:
        """Give the text of a part of it, empty if there is none."""
        part = self.find(path)
        return (part.text or "").strip() if part is not None else ""


@dataclass(frozen=True)
class Flow:
    """An arrow."""

    id: str
    name: str
    source: str
    target: str
    # None if there is none, its text otherwise.
    condition: str | None
    properties: dict[str, str]


@dataclass(frozen=True)
class Diagram:
    """One BPMN file."""

    root: etree._Element = field(repr=False)
    elements: dict[str, Element]
    flows: dict[str, Flow]

    @cached_property
    def process(self) -> str:
        """Name its first process."""
        return next(self.processes(), "")

    def processes(self) -> Iterator[str]:
        """Name its processes."""
        return (str(node.get("id")) for node in self.root.iterfind("b:process", NAMES))

    @cached_property
    def messages(self) -> dict[str, str]:
        """Give the names of the declared messages by their ids."""
        return {str(node.get("id")): str(node.get("name")) for node in self.root.iterfind("b:message", NAMES)}

    def leaving(self, element: str) -> list[Flow]:
        """List the flows that leave an element, in the order of the file."""
        return self._by_source.get(element, [])

    def boundary(self, element: str) -> list[Element]:
        """List the events on the boundary of an element."""
        return [each for each in self.elements.values() if each.node.get("attachedToRef") == element]

    def outcomes(self, task: str) -> list[Flow]:
        """List the flows of the gateway after a user task: its outcomes."""
        return [flow for first in self.leaving(task) for flow in self.leaving(first.target)]

    @cached_property
    def _by_source(self) -> dict[str, list[Flow]]:
        found: dict[str, list[Flow]] = {}
        for flow in self.flows.values():
            found.setdefault(flow.source, []).append(flow)
        return found


def read(text: str) -> Diagram:
    """Read a BPMN text.

    :raises NotXml: when it is none, is too large, or declares entities.
    """
    if len(text) > MAX_SIZE:
        raise NotXml(reason=f"more than {MAX_SIZE} characters")
    if DOCTYPE.search(text):
        raise NotXml(reason="a DOCTYPE is not allowed")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise NotXml(reason=str(error)) from None
    elements, flows = {}, {}
    for node in root.iterfind("b:process//*[@id]", NAMES):
        if node.tag == f"{{{BPMN}}}sequenceFlow":
            flows[str(node.get("id"))] = _flow(node)
        elif _is_element(node):
            elements[str(node.get("id"))] = _element(node)
    return Diagram(root, elements, flows)


def kind_of(node: etree._Element) -> str:
    """Name what a node is, without its namespace."""
    return etree.QName(node).localname


def _is_element(node: etree._Element) -> bool:
    parent = node.getparent()
    return node.tag.startswith(f"{{{BPMN}}}") and parent is not None and kind_of(parent) in SCOPES


def _element(node: etree._Element) -> Element:
    parent = node.getparent()
    assert parent is not None
    return Element(
        str(node.get("id")), kind_of(node), node.get("name", ""), str(parent.get("id")), _properties(node), node
    )


def _flow(node: etree._Element) -> Flow:
    condition = node.find("b:conditionExpression", NAMES)
    return Flow(
        id=str(node.get("id")),
        name=node.get("name", ""),
        source=node.get("sourceRef", ""),
        target=node.get("targetRef", ""),
        condition=(condition.text or "").strip() if condition is not None else None,
        properties=_properties(node),
    )


def _properties(node: etree._Element) -> dict[str, str]:
    path = "b:extensionElements/s:properties/s:property"
    return {str(each.get("name")): each.get("value", "") for each in node.iterfind(path, NAMES)}


def texts(diagram: Diagram) -> list[str]:
    """List the words that people read: names of elements and flows."""
    named: list[Element | Flow] = [*diagram.elements.values(), *diagram.flows.values()]
    return sorted({each.name for each in named if each.name})
