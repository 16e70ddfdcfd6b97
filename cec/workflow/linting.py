"""What a diagram may contain; every refusal names the element and the remedy.

SpiffWorkflow accepts silently what it then ignores or runs wrongly; each check here stands for such a case.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lxml import etree

from cec.feel.compiling import FeelSyntaxError, compile_expression
from cec.platform.i18n import gettext as _
from cec.workflow import calling, diagrams, fields, paths
from cec.workflow.diagrams import BPMN, SPIFF, Diagram, Element, NotXml
from cec.workflow.fields import BadForm


class Problem(NamedTuple):
    """Something wrong: in which process, at which element, and what would be right."""

    process: str
    element: str
    text: str

    def __str__(self) -> str:
        return f"{self.process}/{self.element}: {self.text}" if self.element else f"{self.process}: {self.text}"


Found = Iterator[tuple[str, str]]

KINDS = frozenset(
    {
        *("startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent"),
        *("userTask", "serviceTask", "businessRuleTask", "callActivity", "subProcess"),
        *("exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"),
        *("textAnnotation", "association", "group", "laneSet", "extensionElements", "documentation"),
    }
)
EVENTS = frozenset(
    {
        *("timerEventDefinition", "messageEventDefinition", "terminateEventDefinition"),
        *("errorEventDefinition", "escalationEventDefinition"),
    }
)
SNAKE_CASE = re.compile(r"[a-z][a-z0-9_]*\Z")
ASSIGNMENT = re.compile(r"distribution\Z|owner\Z|group:\S+\Z")
CONDITIONAL = frozenset({"exclusiveGateway", "inclusiveGateway"})
TIMES = ("timeDate", "timeDuration")


def check(files: Mapping[str, str], process: str) -> list[Problem]:
    """List what is wrong with a bundle of diagrams and forms."""
    problems: list[Problem] = []
    drawn: dict[str, Diagram] = {}
    for name, text in files.items():
        try:
            if name.endswith(".bpmn"):
                diagram = drawn[name] = diagrams.read(text)
                problems += [Problem(diagram.process, *found) for find in CHECKS for found in find(diagram)]
            else:
                fields.parse(text)
        except (NotXml, BadForm, FeelSyntaxError) as refusal:
            problems.append(Problem(name, "", refusal.sentence()))
    if process not in {diagram.process for diagram in drawn.values()}:
        problems.append(Problem(process, "", _("the bundle has no diagram with this process")))
    return problems + [Problem(*found) for found in calling.unknown(drawn)]


def _supported(diagram: Diagram) -> Found:
    why = {
        "scriptTask": _("scripts would run as Python: call a service task"),
        "manualTask": _("nobody can finish it here: use a user task"),
        "task": _("nobody can finish it here: use a user task or a service task"),
        "complexGateway": _("it is not supported: use exclusive and parallel gateways"),
        "adHocSubProcess": _("it would change the diagram for all instances: use an ordinary subprocess"),
        "transaction": _("it is not supported: use an ordinary subprocess"),
        "sendTask": _("it is not supported: use a throwing message event"),
        "receiveTask": _("it is not supported: use a catching message event"),
    }
    for element in diagram.elements.values():
        if element.kind not in KINDS:
            yield element.id, why.get(element.kind, _("<{kind}> is not supported").format(kind=element.kind))
        if element.node.get("triggeredByEvent") == "true":
            yield element.id, _("an event subprocess would start by itself in new instances: use a boundary event")
        if not SNAKE_CASE.match(element.id):
            yield element.id, _("an id is made of small letters, digits and _")


def _ids(diagram: Diagram) -> Found:
    parameters = {str(node.get("id")) for node in diagram.root.iter(f"{{{SPIFF}}}parameter")}
    for element in diagram.elements:
        if element in parameters:
            yield element, _("a parameter of a service task has the same id: the engine would confuse them")


def _no_python(diagram: Diagram) -> Found:
    for kind in ("preScript", "postScript"):
        for node in diagram.root.iter(f"{{{SPIFF}}}{kind}"):
            yield _owner(node), _("<{kind}> would run as Python: call a service task").format(kind=kind)
    for node in diagram.root.iter(f"{{{BPMN}}}correlationProperty", f"{{{BPMN}}}conditionalEventDefinition"):
        yield _owner(node), _("<{kind}> is not supported").format(kind=diagrams.kind_of(node))


def _owner(node: etree._Element) -> str:
    owner = next((each for each in (node, *node.iterancestors()) if each.get("id")), node)
    return str(owner.get("id") or "")


def _events(diagram: Diagram) -> Found:
    for element in diagram.elements.values():
        definitions = [node for node in element.node if diagrams.kind_of(node).endswith("EventDefinition")]
        for node in definitions:
            if diagrams.kind_of(node) not in EVENTS:
                yield (
                    element.id,
                    _("<{kind}> would be ignored: it is not supported").format(kind=diagrams.kind_of(node)),
                )
        if len(definitions) > 1:
            yield element.id, _("one event per circle: several would share one due date")
        message = element.find("b:messageEventDefinition")
        if message is not None and message.get("messageRef") not in diagram.messages:
            yield element.id, _("choose the message that it waits for or sends")
        if element.kind in {"intermediateCatchEvent", "boundaryEvent"} and not definitions:
            yield element.id, _("say what it waits for: a message or a moment")


def _timers(diagram: Diagram) -> Found:
    for element in diagram.elements.values():
        timer = element.find("b:timerEventDefinition")
        if timer is None:
            continue
        if timer.find(f"{{{BPMN}}}timeCycle") is not None:
            yield element.id, _("an overdue cycle would fire all missed turns at once: use a date or a duration")
            continue
        texts = [text for kind in TIMES if (text := element.text(f"b:timerEventDefinition/b:{kind}"))]
        if len(texts) != 1:
            yield element.id, _("say when: a date or a duration")
            continue
        yield from calling.moment_problems(element, texts[0])


def _conditions(diagram: Diagram) -> Found:
    for flow in diagram.flows.values():
        source = diagram.elements.get(flow.source)
        if source is None or flow.target not in diagram.elements:
            yield flow.id, _("the flow begins or ends nowhere")
            continue
        is_default = source.node.get("default") == flow.id
        if flow.condition is not None:
            if source.kind not in CONDITIONAL:
                yield flow.id, _("a condition on a flow that does not leave a gateway is ignored: put a gateway before")
            yield from _expression(flow.id, flow.condition)
        elif source.kind in CONDITIONAL and len(diagram.leaving(source.id)) > 1 and not is_default:
            yield flow.id, _("give the flow a condition or make it the default")


def _expression(element: str, text: str) -> Found:
    try:
        compile_expression(text)
    except FeelSyntaxError as refusal:
        yield element, f"“{text}”: {refusal.sentence()}"


def _connections(diagram: Diagram) -> Found:
    for scope in sorted({element.scope for element in diagram.elements.values()}):
        starts = [each for each in diagram.elements.values() if each.scope == scope and each.kind == "startEvent"]
        if len(starts) != 1 or any(diagrams.kind_of(node).endswith("EventDefinition") for node in starts[0].node):
            yield scope, _("a process has one start event, without a condition of its own")
    for element in diagram.elements.values():
        if element.kind in {"serviceTask", "userTask", "businessRuleTask", "callActivity", "subProcess"}:
            if len(diagram.leaving(element.id)) != 1:
                yield element.id, _("exactly one flow leaves a task: decide in a gateway")
        elif element.kind == "eventBasedGateway":
            yield from _first_events(diagram, element)
    for unreachable in paths.unreachable(diagram):
        yield unreachable, _("no flow leads here")


def _first_events(diagram: Diagram, gateway: Element) -> Found:
    targets = [diagram.elements[flow.target] for flow in diagram.leaving(gateway.id) if flow.target in diagram.elements]
    if any(target.kind != "intermediateCatchEvent" for target in targets):
        yield gateway.id, _("only catching events may follow an event-based gateway")
    if sum(target.find("b:timerEventDefinition") is not None for target in targets) > 1:
        yield gateway.id, _("two timers behind one gateway share one due date: put one of them elsewhere")
    awaited = [target.find("b:messageEventDefinition") for target in targets]
    messages = [node.get("messageRef") for node in awaited if node is not None]
    if len(messages) != len(set(messages)):
        yield gateway.id, _("two events wait for the same message")


def _joins_in_loops(diagram: Diagram) -> Found:
    for element in diagram.elements.values():
        if element.kind in {"parallelGateway", "inclusiveGateway"} and element.id in paths.after(diagram, element.id):
            yield element.id, _("inside a loop its join fires too early from the second turn: wrap it in a subprocess")


def _user_tasks(diagram: Diagram) -> Found:
    for task in (element for element in diagram.elements.values() if element.kind == "userTask"):
        if not task.properties.get("place"):
            yield task.id, _("declare its place")
        if not ASSIGNMENT.match(task.properties.get("assignment", "")):
            yield task.id, _("declare its assignment: distribution, owner or group:CODE")
        yield from _outcomes(diagram, task)
        if task.properties.get("assignment") == "distribution" and task.id in paths.beside(diagram):
            yield task.id, _("two tasks to distribute could be open at once: keep it out of parallel branches")


def _outcomes(diagram: Diagram, task: Element) -> Found:
    targets = [diagram.elements.get(flow.target) for flow in diagram.leaving(task.id)]
    if not targets or targets[0] is None or targets[0].kind != "exclusiveGateway":
        yield task.id, _("one exclusive gateway stands after a user task: its flows are the outcomes")
        return
    if targets[0].node.get("default"):
        yield targets[0].id, _("outcomes have no default: every one is a button")
    for flow in diagram.outcomes(task.id):
        if " ".join((flow.condition or "").split()) != f'outcome = "{flow.id}"':
            yield flow.id, _("the condition of an outcome is: {condition}").format(condition=f'outcome = "{flow.id}"')
        if not flow.name:
            yield flow.id, _("name the outcome: it is the word on the button")


CHECKS = (
    _supported, _ids, _no_python, _events, _timers, _conditions, _connections, _joins_in_loops, _user_tasks,
    calling.service_tasks, calling.decisions, calling.repetitions,
)  # fmt: skip
