"""What a diagram calls: service tasks, tables, other diagrams, expressions; each checked against what there is."""

import datetime as dt
from collections.abc import Iterator, Mapping

from cec.feel.compiling import FeelError, FeelSyntaxError, compile_expression
from cec.platform.i18n import gettext as _
from cec.workflow import catalogue
from cec.workflow.catalogue import ServiceTask
from cec.workflow.diagrams import SPIFF, Diagram, Element

LOOP = "b:multiInstanceLoopCharacteristics"
REPEAT = "b:standardLoopCharacteristics"

Found = Iterator[tuple[str, str]]


def service_tasks(diagram: Diagram) -> Found:
    """Check every service task against the catalogue."""
    for element in diagram.elements.values():
        if element.kind != "serviceTask":
            continue
        operator = element.find("b:extensionElements/s:serviceTaskOperator")
        if operator is None:
            yield element.id, _("say which service task it calls")
            continue
        name = operator.get("id", "")
        task = catalogue.find(name)
        if task is None:
            yield element.id, _("there is no service task {name}").format(name=name)
            continue
        told = {node.get("id", ""): node for node in operator.iter(f"{{{SPIFF}}}parameter")}
        yield from _fitting(element.id, task, set(told))
        for key, node in told.items():
            yield from _expression(element.id, node.get("value", ""))
            if node.get("type") not in catalogue.TYPES:
                types = ", ".join(catalogue.TYPES)
                yield element.id, _("the type of {name} is one of {types}").format(name=key, types=types)


def _fitting(element: str, task: ServiceTask, told: set[str]) -> Found:
    if missing := sorted(task.required - told):
        yield element, _("{name} lacks {parameters}").format(name=task.name, parameters=", ".join(missing))
    if unknown_ones := sorted(told - set(task.parameters)):
        yield element, _("{name} does not know {parameters}").format(name=task.name, parameters=", ".join(unknown_ones))


def decisions(diagram: Diagram) -> Found:
    """Check that every business rule task names its table."""
    for element in diagram.elements.values():
        if element.kind == "businessRuleTask" and not element.text("b:extensionElements/s:calledDecisionId"):
            yield element.id, _("say which decision table it asks")


def repetitions(diagram: Diagram) -> Found:
    """Check the expressions of tasks that are repeated."""
    paths = (f"{LOOP}/b:loopCardinality", f"{LOOP}/b:completionCondition", f"{REPEAT}/b:loopCondition")
    for element in diagram.elements.values():
        for path in paths:
            if text := element.text(path):
                yield from _expression(element.id, text)
        if element.find(LOOP) is not None and element.properties.get("assignment") == "distribution":
            yield element.id, _("two tasks to distribute could be open at once: keep it out of parallel branches")


def moment_problems(element: Element, text: str) -> Found:
    """Check the expression of a timer; one without variables is worked out at once."""
    found = list(_expression(element.id, text))
    yield from found
    if found:
        return
    expression = compile_expression(text)
    if expression.names:
        return
    try:
        value = expression({})
    except FeelError as refusal:
        yield element.id, f"“{text}”: {refusal.sentence()}"
        return
    if not isinstance(value, dt.datetime | dt.timedelta):
        yield element.id, _('“{text}” is no moment and no duration, write duration("PT5M")').format(text=text)


def _expression(element: str, text: str) -> Found:
    try:
        compile_expression(text)
    except FeelSyntaxError as refusal:
        yield element, f"“{text}”: {refusal.sentence()}"


def unknown(drawn: Mapping[str, Diagram]) -> Iterator[tuple[str, str, str]]:
    """Find called diagrams that are not in the bundle, and diagrams that call themselves in the end."""
    calls = {diagram.process: _calls(diagram) for diagram in drawn.values()}
    for process, elements in calls.items():
        for element, called in elements.items():
            if called not in calls:
                yield process, element, _("there is no process {process}").format(process=called)
            elif process in _all_called(called, calls):
                yield process, element, _("the process would call itself without end")


def _calls(diagram: Diagram) -> dict[str, str]:
    return {
        element.id: element.node.get("calledElement", "")
        for element in diagram.elements.values()
        if element.kind == "callActivity"
    }


def _all_called(process: str, calls: Mapping[str, dict[str, str]]) -> set[str]:
    found: set[str] = set()
    waiting = [process]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += calls.get(name, {}).values()
    return found
