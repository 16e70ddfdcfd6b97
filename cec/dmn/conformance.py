"""Runs folders in the layout of the DMN conformance kit (TCK): models, their inputs, the values expected of them.

A case passes if all its results are what is expected; numbers may differ by 1e-8, as in the kit's own runners.
What the standard calls an error is null.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

from cec.dmn.deciding import CompiledRules, Outcome
from cec.dmn.parsing import UnreadableRules
from cec.dmn.plainness import plain
from cec.feel import moments
from cec.feel.compiling import FeelError, FeelSyntaxError
from cec.feel.refusals import Mismatch
from cec.feel.values import Room, is_number, kind_of, number, same

_SCHEMA = "{http://www.w3.org/2001/XMLSchema-instance}"
TOLERANCE = Decimal("1e-8")
_REFUSED = (UnreadableRules, FeelSyntaxError, FeelError, Mismatch, RecursionError, ArithmeticError)
_NUMBERS = ("decimal", "double", "integer", "int", "float", "long", "short", "byte", "number")
_READ: dict[str, Callable[[str], Any]] = {
    "string": str,
    "boolean": lambda text: text.strip() in {"true", "1"},
    "date": lambda text: moments.read_date(text.strip()),
    "time": lambda text: moments.read_time(text.strip()),
    "dateTime": lambda text: moments.read_moment(text.strip()),
    **dict.fromkeys(
        ("duration", "dayTimeDuration", "yearMonthDuration"), lambda text: moments.read_duration(text.strip())
    ),
    **dict.fromkeys(_NUMBERS, lambda text: number(Decimal(text.strip()))),
}


@dataclass(frozen=True)
class Failure:
    """One result that is not as expected."""

    kind: str
    case: str
    result: str
    expected: Any
    found: Any


@dataclass
class Score:
    """How many cases passed and failed, by class: the folder that they stand in."""

    classes: dict[str, list[int]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)

    def add(self, kind: str, failures: list[Failure]) -> None:
        """Count one case."""
        counts = self.classes.setdefault(kind, [0, 0])
        counts[bool(failures)] += 1
        self.failures += failures

    @property
    def passed(self) -> int:
        """All that passed."""
        return sum(passed for passed, _failed in self.classes.values())

    @property
    def failed(self) -> int:
        """All that failed."""
        return sum(failed for _passed, failed in self.classes.values())

    def report(self) -> dict[str, Any]:
        """Give everything as plain values."""
        return {
            "passed": self.passed,
            "failed": self.failed,
            "classes": {
                kind: {"passed": passed, "failed": failed} for kind, (passed, failed) in sorted(self.classes.items())
            },
            "failures": [
                {"class": one.kind, "case": one.case, "result": one.result, "expected": shown(one.expected),
                 "found": shown(one.found)}
                for one in self.failures
            ],
        }  # fmt: skip


def run(folder: Path) -> Score:
    """Run every case below a folder."""
    score = Score()
    for path in sorted(folder.rglob("*-test-*.xml")):
        kind = str(path.parent.relative_to(folder)) if path.parent != folder else path.parent.name
        for failures in _cases(path, kind):
            score.add(kind, failures)
    return score


def _cases(path: Path, kind: str) -> Iterator[list[Failure]]:
    try:
        root = _root(path)
    except etree.XMLSyntaxError as why:
        yield [Failure(kind, path.name, "", None, f"{type(why).__name__}: {why}")]
        return
    rules = _compiled(path.parent / (root.findtext("{*}modelName") or "").strip())
    for case in root.iterfind("{*}testCase"):
        yield list(_failures(case, rules, kind))


def _compiled(model: Path) -> CompiledRules | str:
    try:
        text = model.read_text(encoding="utf-8")
        return CompiledRules(text, is_strict=False, fetch=_beside(model).get)
    except (*_REFUSED, ValueError, OSError) as why:
        return f"{type(why).__name__}: {why}"


def _beside(model: Path) -> dict[str, str]:
    """Give the other files of the folder by their namespace; those that cannot be read are not there."""
    found: dict[str, str] = {}
    for path in sorted(set(model.parent.glob("*.dmn")) - {model}):
        try:
            found[str(_root(path).get("namespace"))] = path.read_text(encoding="utf-8")
        except (etree.XMLSyntaxError, ValueError):
            continue
    return found


def _failures(case: Any, rules: CompiledRules | str, kind: str) -> Iterator[Failure]:
    name = str(case.get("id"))
    for result in case.iterfind("{*}resultNode"):
        asked = " ".join(str(result.get("name")).split())
        wanted = result.find("{*}expected")
        expected: Any = None
        try:
            expected = None if wanted is None else value_of(wanted)
            found = rules if isinstance(rules, str) else _found(case, result, rules, asked)
        except (*_REFUSED, KeyError, ValueError) as why:
            yield Failure(kind, name, asked, expected, f"{type(why).__name__}: {why}")
            continue
        if isinstance(rules, str) or not alike(found, expected):
            yield Failure(kind, name, asked, expected, found)


def _found(case: Any, result: Any, rules: CompiledRules, asked: str) -> Any:
    inputs = {" ".join(str(node.get("name")).split()): value_of(node) for node in case.iterfind("{*}inputNode")}
    invocable = " ".join(str(case.get("invocableName") or "").split())
    if invocable and case.get("type") in {"decisionService", "bkm"}:
        outcome: Outcome = rules.invoke(invocable, inputs)
        return outcome.value[asked] if isinstance(outcome.value, dict) and asked in outcome.value else outcome.value
    if result.get("type") == "decisionService":
        return rules.invoke(asked, inputs).value
    return rules.decide(inputs, asked).value


def _root(path: Path) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.parse(path, parser).getroot()


def value_of(node: Any) -> Any:
    """Read a value as the kit writes it: components, a list, or a value of a type of XML Schema."""
    components = node.findall("{*}component")
    if components:
        return {str(one.get("name")): value_of(one) for one in components}
    items = node.find("{*}list")
    if items is not None:
        return None if items.get(f"{_SCHEMA}nil") == "true" else [value_of(one) for one in items.iterfind("{*}item")]
    value = node.find("{*}value")
    if value is None or value.get(f"{_SCHEMA}nil") == "true":
        return None
    kind = (value.get(f"{_SCHEMA}type") or "xsd:string").rpartition(":")[2]
    return _READ[kind](value.text or "")


def alike(found: Any, expected: Any) -> bool:
    """Say whether a value is the expected one: of the same kind, parts and all."""
    if is_number(found) and is_number(expected):
        return abs(Decimal(number(found)) - Decimal(number(expected))) <= TOLERANCE
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(alike, found, expected))
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(alike(found[key], expected[key]) for key in expected)
    zones = [getattr(one, "tzinfo", None) is None for one in (found, expected)]
    return zones[0] == zones[1] and same(found, expected, Room()) is True


def shown(value: Any) -> str:
    """Write a value for the report."""
    return "null" if value is None else f"{kind_of(value)} {plain(value)}"
