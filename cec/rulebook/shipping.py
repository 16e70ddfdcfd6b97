"""What comes with the product holds together: shipped tables, what they are given, and their scenarios."""

import re
from collections.abc import Iterator
from pathlib import Path

from cec.dmn import reading
from cec.rulebook import inputs, scenarios


def newest(folder: Path, name: str) -> str:
    """Read the newest shipped text of a table."""
    found = (folder / name).glob("v*.dmn")
    return max(found, key=lambda path: int(re.sub(r"\D", "", path.stem))).read_text(encoding="utf-8")


def faults(folder: Path) -> Iterator[str]:
    """List where the newest tables, the declared terms and the scenarios of a folder of rules disagree."""
    for name in inputs.tables():
        rules = reading.read(newest(folder, name))
        declared = [(term.name, term.kind.value) for term in inputs.of(name).takes]
        if [(one.name, one.type) for one in rules.drawn.inputs] != declared:
            yield f"{name}: it takes in {', '.join(rules.inputs)}; declared are {declared}"
    for name, shipped in scenarios.read(folder).items():
        text = newest(folder, name)
        for one in shipped:
            yield from _scenario(name, text, one)


def _scenario(name: str, text: str, one: dict[str, object]) -> Iterator[str]:
    scenario = scenarios.of_file(name, one)
    unknown = {*scenario.given} - {term.name for term in inputs.of(name).takes}
    if unknown:
        yield f"{name}: scenario {scenario.key} gives {', '.join(sorted(unknown))}, which the table is not given"
    outcome = scenarios.run_one(scenario, text)
    if outcome.is_red:
        yield f"{name}: scenario {scenario.key}: {outcome.told}"
