"""Diagrams, read once per process of the machine and shared by all instances."""

from dataclasses import dataclass
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit, _EndJoin
from SpiffWorkflow.bpmn.specs.mixins.inclusive_gateway import InclusiveGateway
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin

from cec.workflow.spiff.parts import Parser
from cec.workflow.state import Shape


class Unreadable(Exception):
    """SpiffWorkflow cannot read the diagram."""


@dataclass(frozen=True)
class Specs:
    """A process and everything it calls, ready to run."""

    main: Any
    called: dict[str, Any]
    shapes: dict[str, Shape]

    def of(self, process: str) -> Any:
        """Give the specification of a process of this bundle."""
        return self.main if process == self.main.name else self.called[process]


def parse(process: str, roots: dict[str, etree._Element]) -> Specs:
    """Read a process and what it calls.

    :raises Unreadable: with SpiffWorkflow's words.
    """
    parser = Parser()
    try:
        for name, root in roots.items():
            parser.add_bpmn_xml(root, filename=name)
        main, called = parser.get_spec(process), parser.get_subprocess_specs(process)
    except Exception as error:
        raise Unreadable(str(error)) from error
    return prepare(main, called)


def prepare(main: Any, called: dict[str, Any]) -> Specs:
    """Make specifications fit for being shared and for restoring into them."""
    for spec in (main, *called.values()):
        for task_spec in spec.task_specs.values():
            task_spec.lookahead = 0
            if isinstance(task_spec, LoopTask):
                # Connected when an instance begins, but not in a process that only restores it: it would hang.
                child = spec.task_specs[task_spec.task_spec]
                if not child.completed_event.is_connected(task_spec.merge_child):
                    child.completed_event.connect(task_spec.merge_child)
    return Specs(main, called, {spec.name: _shape(spec) for spec in (main, *called.values())})


def _shape(spec: Any) -> Shape:
    tasks = spec.task_specs.values()
    looks_back = (UnstructuredJoin, LoopTask, InclusiveGateway)
    return Shape(
        compactable=not any(isinstance(task, looks_back) and not isinstance(task, _EndJoin) for task in tasks),
        joins=frozenset(task.name for task in tasks if isinstance(task, _EndJoin | BoundaryEventJoin)),
        splits=frozenset(task.name for task in tasks if isinstance(task, BoundaryEventSplit)),
    )
