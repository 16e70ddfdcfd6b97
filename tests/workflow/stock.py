"""The stock engine: SpiffWorkflow by itself, with its own serializer and tree walks, on the diagrams that we read."""

from uuid import UUID

from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.default.workflow import BpmnWorkflowConverter
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.spiff.serializer import DEFAULT_CONFIG
from SpiffWorkflow.spiff.specs.event_definitions import MessageEventDefinition
from SpiffWorkflow.util.task import TaskState

from cec.workflow.spiff.expressions import FeelEngine
from cec.workflow.spiff.parts import Parser

ACTIVE = TaskState.READY | TaskState.WAITING | TaskState.STARTED


def parse(process, roots):
    """Read diagrams as they come: nothing is prepared."""
    parser = Parser()
    for name, root in roots.items():
        parser.add_bpmn_xml(root, filename=name)
    return parser.get_spec(process), parser.get_subprocess_specs(process)


class Stock:
    """An instance in the stock engine."""

    def __init__(self, spec, called, data, *, by="walker"):
        self.spec, self.called, self.by = spec, called, by
        self.serializer = BpmnWorkflowSerializer(self._registry())
        self.workflow = self._own(BpmnWorkflow(spec, called, script_engine=FeelEngine()))
        self.workflow.task_tree.data.update(data)
        self.workflow.do_engine_steps()

    def _registry(self):
        stock = self

        class SharedSpec(BpmnWorkflowConverter):
            def to_dict(self, workflow):
                stored = super(BpmnWorkflowConverter, self).to_dict(workflow)
                stored["subprocesses"] = self.mapping_to_dict(workflow.subprocesses)
                stored["bpmn_events"] = self.registry.convert(workflow.bpmn_events)
                return stored

            def from_dict(self, stored):
                workflow = BpmnWorkflow(stock.spec, stock.called, deserializing=True)
                workflow.tasks = self.mapping_from_dict(stored["tasks"], UUID, workflow=workflow)
                workflow.task_tree = workflow.tasks[UUID(stored["root"])]
                self.set_default_attributes(workflow, stored)
                self.subprocesses_from_dict(stored["subprocesses"], workflow)
                workflow.bpmn_events = self.registry.restore(stored.pop("bpmn_events", []))
                return workflow

        return BpmnWorkflowSerializer.configure({**DEFAULT_CONFIG, BpmnWorkflow: SharedSpec})

    def _own(self, workflow):
        workflow.actor = self.by
        workflow.script_engine = FeelEngine()
        return workflow

    def restart(self):
        """Store and restore."""
        self.workflow = self._own(self.serializer.deserialize_json(self.serializer.serialize_json(self.workflow)))

    def ready(self):
        """Give the open user tasks."""
        return self.workflow.get_tasks(state=TaskState.READY, manual=True)

    def finish(self, task, answers):
        """Finish one."""
        task.data.update(answers)
        task.run()
        self.workflow.do_engine_steps()

    def send(self, message, payload):
        """Send a message; tell whether anybody waited."""
        try:
            self.workflow.send_event(BpmnEvent(MessageEventDefinition(message), payload=payload))
        except Exception as error:  # noqa: BLE001 - it raises a class of its own for "nobody waits"
            assert "is not waiting for" in str(error)  # noqa: PT017
            return False
        self.workflow.do_engine_steps()
        return True

    def wake(self):
        """Let timers ring."""
        self.workflow.refresh_timers()
        self.workflow.do_engine_steps()


def active(workflow):
    """Name everything that lives, without the joins where side branches are parked."""
    trees = [workflow, *(called for called in workflow.subprocesses.values() if not called.completed)]
    return sorted(
        (tree.spec.name, task.task_spec.name, task.state)
        for tree in trees
        for task in tree.tasks.values()
        if task.state & ACTIVE and not task.task_spec.name.endswith("Join")
    )
