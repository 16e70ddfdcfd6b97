"""What `cec check` looks at: every diagram, form and decision table of the repository, and the texts."""

from collections.abc import Iterator

from cec.dmn import checking
from cec.platform import shipped, texts
from cec.rulebook import shipping
from cec.workflow import definitions, fields


def all_faults() -> Iterator[str]:
    """List every fault, each as file or process, place, and what would be right."""
    yield from _tables()
    yield from _diagrams()
    yield from _forms()
    yield from _texts()


def _tables() -> Iterator[str]:
    for path in sorted(shipped.folder("rules").glob("*/v*.dmn")):
        for problem in checking.check(path.read_text(encoding="utf-8")):
            yield f"{path.parent.name}/{path.name}: {problem}"
    yield from shipping.faults(shipped.folder("rules"))


def _diagrams() -> Iterator[str]:
    for process, files in definitions.read(shipped.folder("processes"), shipped.folder("forms")).items():
        for problem in definitions.check(files, process):
            yield str(problem)


def _forms() -> Iterator[str]:
    for path in sorted(shipped.folder("forms").glob("*.json")):
        try:
            fields.parse(path.read_text(encoding="utf-8"))
        except fields.BadForm as refusal:
            yield f"{path.name}: {refusal.sentence()}"


def _texts() -> Iterator[str]:
    # An installed package has its pages elsewhere; its texts were checked before it was made.
    if shipped.folder("templates").parent == texts.ROOT:
        yield from texts.faults()
