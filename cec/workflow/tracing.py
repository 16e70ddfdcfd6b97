"""Where the process of a subject stands and which way it came: what its diagram shows to people."""

import datetime as dt
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import NamedTuple

from lxml import etree

from cec.platform import journal
from cec.platform.db import db
from cec.platform.errors import NotFound
from cec.platform.i18n import gettext
from cec.workflow import definitions, diagrams
from cec.workflow.definitions import Definition
from cec.workflow.models import ProcessInstance, UserTask, Wait

LONGEST = 500
# What only the engine reads.
_INNER = ("extensionElements", "documentation", "conditionExpression")


class NoRun(NotFound):
    """No process has run here yet."""


class Step(NamedTuple):
    """An element that a process has passed."""

    process: str
    element: str
    kind: str
    # In English for shipped diagrams: translated where it is shown.
    name: str
    at: dt.datetime
    by: str


class Standing(NamedTuple):
    """An element at which a process stands."""

    process: str
    element: str
    name: str
    since: dt.datetime | None


class Awaited(NamedTuple):
    """A moment or a message that a process waits for."""

    kind: str
    name: str
    due_at: dt.datetime | None


@dataclass(frozen=True)
class Trace:
    """The run of a subject that is going on, or the last one, with the steps of all its runs."""

    process: str
    version: int
    # The diagram and those it calls, with their names; the first one is its own.
    diagrams: dict[str, str]
    here: list[Standing]
    waits: list[Awaited]
    # Of this run, then of the earlier ones too.
    steps: list[Step]
    earlier: list[Step]
    ended_at: dt.datetime | None


def trace(subject: str) -> Trace:
    """Tell where the process of a subject stands and what it has passed.

    :raises NoRun: when no process ever began.
    """
    runs = _runs(subject)
    if not runs:
        raise NoRun
    last, definition = runs[-1], definitions.get(runs[-1].version.sha256)
    steps = _steps(last, definition)
    waits = list(db.session.scalars(db.select(Wait).filter_by(instance_id=last.id).order_by(Wait.due_at, Wait.id)))
    return Trace(
        process=last.process,
        version=last.version.version,
        diagrams=_names(definition),
        here=_here(last, definition, waits, steps),
        waits=[_awaited(wait, definition) for wait in waits],
        steps=steps,
        earlier=[step for run in runs[:-1] for step in _steps(run, definitions.get(run.version.sha256))],
        ended_at=last.ended_at,
    )


def draw(subject: str, process: str) -> bytes:
    """Give a diagram of the version that a subject follows, in the reader's words, without what only the engine reads.

    :raises NoRun: when there is none.
    """
    runs = _runs(subject)
    diagram = definitions.get(runs[-1].version.sha256).diagrams.get(f"{process}.bpmn") if runs else None
    if diagram is None:
        raise NoRun
    root = deepcopy(diagram.root)
    for inner in _INNER:
        for node in root.findall(f".//{{{diagrams.BPMN}}}{inner}"):
            parent = node.getparent()
            if parent is not None:
                parent.remove(node)
    # Words have another length in another language: the viewer places them anew.
    for bounds in root.findall(".//{*}BPMNLabel/{*}Bounds"):
        bounds.getparent().remove(bounds)  # type: ignore[union-attr]
    for node in root.iter(f"{{{diagrams.BPMN}}}*"):
        if node.get("name"):
            node.set("name", gettext(node.get("name", "")))
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _runs(subject: str) -> list[ProcessInstance]:
    mine = db.select(ProcessInstance).filter_by(subject=subject)
    newest = mine.options(db.defer(ProcessInstance.state)).order_by(ProcessInstance.id.desc()).limit(20)
    runs = list(reversed(db.session.scalars(newest).all()))
    return sorted(runs, key=lambda run: (run.ended_at is None, run.id))


def _names(definition: Definition) -> dict[str, str]:
    """Name the diagrams: the process's own first."""
    own = sorted(definition.diagrams, key=lambda name: (name != f"{definition.process}.bpmn", name))
    nodes = {name: definition.diagrams[name].root.find("b:process", diagrams.NAMES) for name in own}
    return {
        name.removesuffix(".bpmn"): (node.get("name", "") if node is not None else "") or name
        for name, node in nodes.items()
    }


def _steps(run: ProcessInstance, definition: Definition) -> list[Step]:
    """Read what a run has passed, as far as its diagram knows it."""
    steps = []
    for entry in journal.history(f"process:{run.id}", names=("process.moved",), limit=LONGEST):
        for process, element in _placed(entry.facts.get("path", []), definition):
            found = definition.elements[process, element]
            steps.append(Step(process, element, found.kind, found.name, entry.at, entry.by))
    return steps


def _placed(path: list[str], definition: Definition) -> Iterable[tuple[str, str]]:
    """Tell which diagram each element of a path is of: where two have the same name, that of its neighbours."""
    found = [[process for process, element in definition.elements if element == each] for each in path]
    known = [each[0] if len(each) == 1 else None for each in found]
    for index, (element, candidates) in enumerate(zip(path, found, strict=True)):
        if candidates:
            beside = [*known[index:], *reversed(known[:index])]
            yield next((process for process in beside if process in candidates), candidates[0]), element


def _here(run: ProcessInstance, definition: Definition, waits: list[Wait], steps: list[Step]) -> list[Standing]:
    if run.ended_at:
        ends = [step for step in steps if step.kind == "endEvent" and step.process == run.process]
        return [Standing(run.process, step.element, step.name, run.ended_at) for step in ends[-1:]]
    tasks = db.select(UserTask).filter_by(instance_id=run.id, closed_at=None).order_by(UserTask.id)
    places = {(task.process, task.element): task.opened_at for task in db.session.scalars(tasks)}
    since = steps[-1].at if steps else run.started_at
    places |= {(wait.process, wait.element): since for wait in waits if wait.place}
    places |= {caller: since for process, _ in places for caller in _callers(process, definition)}
    return [
        Standing(process, element, definition.elements[process, element].name, moment)
        for (process, element), moment in places.items()
        if (process, element) in definition.elements
    ]


def _callers(process: str, definition: Definition) -> list[tuple[str, str]]:
    """Find what calls a process: whoever stands inside stands there too."""
    return [place for place, element in definition.elements.items() if element.node.get("calledElement") == process]


def _awaited(wait: Wait, definition: Definition) -> Awaited:
    element = definition.elements.get((wait.process, wait.element))
    is_choice = element is None or element.kind == "eventBasedGateway"
    return Awaited(wait.kind, wait.name if is_choice or element is None else element.name or wait.name, wait.due_at)
