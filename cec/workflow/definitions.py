"""Versions of process diagrams: read from the folders or published, checked, immutable, one of them current.

A version is a bundle: the diagram, the diagrams it calls, and its forms; its sha-256 is its identity.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import orjson
from sqlalchemy import Table, bindparam, select

from cec.platform.db import PLANNED_ONCE, db, unit
from cec.platform.errors import Invalid, NotFound
from cec.workflow import diagrams, fields, linting
from cec.workflow.diagrams import Diagram, Element, Flow
from cec.workflow.linting import Problem
from cec.workflow.models import ProcessInstance, ProcessVersion
from cec.workflow.spiff import reading
from cec.workflow.spiff.reading import Specs, Unreadable

SHIPPED, PUBLISHED = "shipped", "published"
FORMS = "forms/"
Files = dict[str, str]


class NoSuchProcess(NotFound):
    """There is no process {process}."""


class Refused(Invalid):
    """The diagram cannot be used: {problems}."""


class Current(NamedTuple):
    """The version that new instances follow."""

    id: int
    version: int
    sha256: str


@dataclass(frozen=True)
class Definition:
    """A version, ready to run; shared by all its instances."""

    process: str
    diagrams: dict[str, Diagram]
    # By name: close_appeal.
    forms: dict[str, str]
    specs: Specs

    @cached_property
    def elements(self) -> dict[tuple[str, str], Element]:
        """Give all elements by process (or subprocess) and id."""
        return {
            (element.scope, element.id): element
            for diagram in self.diagrams.values()
            for element in diagram.elements.values()
        }

    def properties(self, process: str, element: str) -> dict[str, str]:
        """Give what is declared about an element."""
        found = self.elements.get((process, element))
        return found.properties if found else {}

    def outcomes(self, process: str, task: str) -> list[Flow]:
        """List the outcomes of a user task: the flows of the gateway after it."""
        element = self.elements[process, task]
        diagram = next(each for each in self.diagrams.values() if each.elements.get(task) is element)
        return diagram.outcomes(task)

    def form_name(self, word: str) -> str | None:
        """Name the form of an outcome or a task, if there is one: close, in appeal_handling, is close_appeal."""
        name = f"{word}_{self.process.partition('_')[0]}"
        return name if name in self.forms else None


def ship(processes: Path, forms: Path) -> None:
    """Take in the diagrams and forms that came with the program.

    The newest file of a process becomes current, unless an administrator's version is.

    :raises Refused: when one of them is wrong.
    """
    for process, files in read(processes, forms).items():
        known = db.session.scalar(db.select(ProcessVersion.id).filter_by(sha256=digest(files)))
        if known is None:
            _add(process, files, SHIPPED, by="system")


def publish(process: str, files: Files, *, by: str) -> ProcessVersion:
    """Take in a version that an administrator made; new instances follow it from now on.

    :raises Refused: when something in it is wrong.
    """
    known: ProcessVersion | None = db.session.scalars(db.select(ProcessVersion).filter_by(sha256=digest(files))).first()
    if known is None:
        return _add(process, files, PUBLISHED, by=by)
    _make_current(known)
    return known


def _add(process: str, files: Files, origin: str, *, by: str) -> ProcessVersion:
    problems = check(files, process)
    if problems:
        raise Refused(problems="; ".join(map(str, problems)))
    newest = db.session.scalar(db.select(db.func.max(ProcessVersion.version)).filter_by(process=process))
    version = ProcessVersion(
        process=process,
        version=(newest or 0) + 1,
        sha256=digest(files),
        files=files,
        origin=origin,
        is_current=False,
        created_by=by,
    )
    db.session.add(version)
    db.session.flush()
    running = db.session.scalars(db.select(ProcessVersion).filter_by(process=process, is_current=True)).first()
    if origin == PUBLISHED or running is None or running.origin == SHIPPED:
        _make_current(version)
    return version


def _make_current(version: ProcessVersion) -> None:
    db.session.execute(
        db.update(ProcessVersion).where(ProcessVersion.process == version.process).values(is_current=False)
    )
    db.session.flush()
    version.is_current = True
    db.session.flush()


def current(process: str) -> Current:
    """Tell which version new instances follow.

    :raises NoSuchProcess: when there is none.
    """
    row = db.session.connection().execute(CURRENT, {"process": process}).first()
    if row is None:
        raise NoSuchProcess(process=process)
    return Current(*row)


_versions: Table = ProcessVersion.__table__  # type: ignore[assignment]
CURRENT = select(_versions.c.id, _versions.c.version, _versions.c.sha256).where(
    _versions.c.process == bindparam("process"), _versions.c.is_current
)
_loaded: dict[str, Definition] = {}


def get(sha256: str) -> Definition:
    """Give a version ready to run; it is read once per process of the machine."""
    found = _loaded.get(sha256)
    if found is None:
        version = db.session.scalars(db.select(ProcessVersion).filter_by(sha256=sha256)).one()
        found = _loaded[sha256] = load(version.process, version.files)
    return found


def warm_up() -> None:
    """Read the versions that new instances follow, so that the first one need not wait for it."""
    for sha256 in db.session.scalars(db.select(ProcessVersion.sha256).where(ProcessVersion.is_current)).all():
        get(sha256)


def of_instance(instance_id: int) -> Definition:
    """Give the version that an instance follows, from its first step to its last."""
    known = unit().setdefault("versions of instances", {})
    if instance_id not in known:
        known[instance_id] = db.session.scalars(_FOLLOWED, {"instance": instance_id}).one()
    return get(known[instance_id])


_FOLLOWED = (
    db.select(ProcessVersion.sha256)
    .join(ProcessInstance, ProcessInstance.process_version_id == ProcessVersion.id)
    .where(ProcessInstance.id == db.bindparam("instance"))
    .execution_options(**PLANNED_ONCE)
)


def load(process: str, files: Mapping[str, str]) -> Definition:
    """Make a bundle ready to run."""
    drawn = {name: diagrams.read(text) for name, text in files.items() if name.endswith(".bpmn")}
    forms = {Path(name).stem: text for name, text in files.items() if name.startswith(FORMS)}
    specs = reading.parse(process, {name: diagram.root for name, diagram in drawn.items()})
    return Definition(process, drawn, forms, specs)


def digest(files: Mapping[str, str]) -> str:
    """Compute what a bundle is."""
    return hashlib.sha256(orjson.dumps(files, option=orjson.OPT_SORT_KEYS)).hexdigest()


def read(processes: Path, forms: Path) -> dict[str, Files]:
    """Read the newest file of every process of a folder, with what it calls and its forms."""
    newest = {folder.name: _newest(folder) for folder in sorted(processes.iterdir()) if folder.is_dir()}
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(forms.glob("*.json"))}
    return {process: _bundle(process, newest, texts) for process in newest}


def _newest(folder: Path) -> str:
    path = max(folder.glob("v*.bpmn"), key=lambda path: int(re.sub(r"\D", "", path.stem)))
    return path.read_text(encoding="utf-8")


def _bundle(process: str, newest: dict[str, str], forms: dict[str, str]) -> Files:
    files: Files = {}
    missing = [process]
    while missing:
        name = missing.pop()
        if name in newest and f"{name}.bpmn" not in files:
            files[f"{name}.bpmn"] = newest[name]
            missing += _called(newest[name])
    words = {word for text in files.values() for word in _words(text)}
    noun = process.partition("_")[0]
    return files | {
        f"{FORMS}{name}.json": forms[name] for name in sorted(forms) if name.removesuffix(f"_{noun}") in words
    }


def _called(text: str) -> list[str]:
    elements = diagrams.read(text).elements.values()
    return [element.node.get("calledElement", "") for element in elements if element.kind == "callActivity"]


def _words(text: str) -> set[str]:
    diagram = diagrams.read(text)
    tasks = [element.id for element in diagram.elements.values() if element.kind == "userTask"]
    return {*tasks, *(flow.id for task in tasks for flow in diagram.outcomes(task))}


_sound: set[str] = set()


def check(files: Mapping[str, str], process: str = "") -> list[Problem]:
    """List what is wrong with a bundle; the first diagram is the process if none is named."""
    sha256 = digest(files)
    if sha256 in _sound:
        return []
    process = process or Path(next(iter(files))).stem
    problems = linting.check(files, process)
    if not problems:
        try:
            load(process, files)
            _sound.add(sha256)
        except Unreadable as error:
            problems = [Problem(process, "", str(error))]
    return problems


def texts(files: Mapping[str, str]) -> list[str]:
    """List the words of a bundle that people read: they are translated where they are shown."""
    drawn = [
        word for name, text in files.items() if name.endswith(".bpmn") for word in diagrams.texts(diagrams.read(text))
    ]
    asked = [word for name, text in files.items() if name.startswith(FORMS) for word in fields.texts(text)]
    return sorted({*drawn, *asked})
