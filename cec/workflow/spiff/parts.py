"""What our diagrams are made of: the kinds of tasks and events that differ from SpiffWorkflow's own."""

from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple

from SpiffWorkflow.bpmn.parser.event_parsers import EventBasedGatewayParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent, EventBasedGateway
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition as AnyMessage
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.spiff.parser.event_parsers import SpiffBoundaryEventParser
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.spiff.parser.task_spec import SpiffTaskParser
from SpiffWorkflow.spiff.specs.spiff_task import SpiffBpmnTask
from SpiffWorkflow.util.task import TaskState

from cec.rulebook import tables
from cec.workflow import catalogue
from cec.workflow.spiff.expressions import plain


class Parameter(NamedTuple):
    """What a service task is told: its name, the expression, the type."""

    name: str
    expression: str
    kind: str


class ServiceTask(SpiffBpmnTask):
    """Calls a function of the catalogue."""

    def __init__(
        self, wf_spec: Any, name: str, *, operator: dict[str, Any], forget: Iterable[str], **options: Any
    ) -> None:
        super().__init__(wf_spec, name, **options)
        self.operation: str = operator["name"]
        self.result: str | None = operator["resultVariable"]
        self.parameters = [
            Parameter(key, value["value"], value["type"]) for key, value in operator["parameters"].items()
        ]
        self.forget = tuple(forget)

    def _run_hook(self, task: Any) -> bool:
        engine = task.workflow.script_engine
        arguments = {
            name: catalogue.convert(engine.evaluate_parameter(task, expression), kind)
            for name, expression, kind in self.parameters
        }
        result = catalogue.get(self.operation).call(arguments, by=task.workflow.top_workflow.actor)
        if self.result:
            task.data[self.result] = plain(result)
        for name in self.forget:
            task.data.pop(name, None)
        return bool(super()._run_hook(task))


class DecisionTask(SpiffBpmnTask):
    """Asks a decision table of the rulebook about the facts."""

    def __init__(self, wf_spec: Any, name: str, *, decision: str, result: str, **options: Any) -> None:
        super().__init__(wf_spec, name, **options)
        self.decision, self.result = decision, result

    def _run_hook(self, task: Any) -> bool:
        verdict = tables.judge(self.decision, task.data.get("facts") or {})
        task.data[self.result] = plain({**verdict.outputs, "verdict": verdict.facts()})
        return bool(super()._run_hook(task))


class RearmingBoundaryEvent(BoundaryEvent):
    """A message that does not interrupt may come any number of times; SpiffWorkflow hears it once."""

    def _on_complete_hook(self, task: Any) -> None:
        super()._on_complete_hook(task)
        if not self.cancel_activity and isinstance(self.event_definition, AnyMessage):
            again = task.parent._add_child(self, TaskState.FUTURE)
            self._predict(again, mask=TaskState.NOT_FINISHED_MASK)
            self._update(again)


class FirstEvent(MultipleEventDefinition):
    """The first event wins: a timer that is also due by now does not open its branch beside that of a message."""

    def has_fired(self, my_task: Any) -> bool:
        """Tell whether anything has happened."""
        return bool(my_task.internal_data.get("seen_events")) or bool(super().has_fired(my_task))


class _ServiceTaskParser(SpiffTaskParser):
    def create_task(self) -> Any:
        extensions = self.parse_extensions()
        operator = extensions.get("serviceTaskOperator")
        if operator is None:
            raise ValidationException("a service task needs an operator", node=self.node, file_name=self.filename)
        forget = extensions.get("properties", {}).get("forget", "").split()
        return self.spec_class(self.spec, self.bpmn_id, operator=operator, forget=forget, **self.bpmn_attributes)


class _DecisionTaskParser(SpiffTaskParser):
    def create_task(self) -> Any:
        extensions = self.parse_extensions()
        decision = extensions.get("calledDecisionId") or ""
        result = extensions.get("resultVariable") or decision
        return self.spec_class(self.spec, self.bpmn_id, decision=decision, result=result, **self.bpmn_attributes)

    @staticmethod
    def get_decision_ref(_node: Any) -> str:
        """Satisfy the parser, which asks before it knows whose table it is."""
        return ""


class _FirstEventParser(EventBasedGatewayParser):
    def create_task(self) -> Any:
        return self._create_task(FirstEvent())


class Parser(SpiffBpmnParser):
    """Reads diagrams into our kinds of tasks."""

    OVERRIDE_PARSER_CLASSES: ClassVar[dict[str, Any]] = {
        **SpiffBpmnParser.OVERRIDE_PARSER_CLASSES,
        full_tag("serviceTask"): (_ServiceTaskParser, ServiceTask),
        full_tag("businessRuleTask"): (_DecisionTaskParser, DecisionTask),
        full_tag("boundaryEvent"): (SpiffBoundaryEventParser, RearmingBoundaryEvent),
        full_tag("eventBasedGateway"): (_FirstEventParser, EventBasedGateway),
    }
