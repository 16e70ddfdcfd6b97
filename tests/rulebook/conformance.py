"""Runs conformance models of the DMN standard: a model, its inputs and the values expected of its decisions."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

from cec.feel import moments
from cec.feel.compiling import FeelError, FeelSyntaxError
from cec.feel.refusals import Mismatch
from cec.feel.values import number, same
from cec.rulebook.deciding import CompiledRules
from cec.rulebook.reading import UnreadableRules

CORPUS = Path(__file__).parents[3] / "shared/corpora/bpmn/dmn-tck"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
READ = {
    "string": str,
    "boolean": lambda text: text.strip() == "true",
    "date": moments.read_date,
    "time": moments.read_time,
    "dateTime": moments.read_moment,
    "duration": moments.read_duration,
    **dict.fromkeys(("decimal", "double", "integer", "int", "float"), lambda text: number(Decimal(text.strip()))),
}


@dataclass(frozen=True)
class Case:
    """One expectation: the decision of a model, given these inputs, has this value."""

    model: Path
    number: str
    decision: str
    inputs: dict[str, Any]
    expected: Any
    holds_errors: bool

    def passes(self) -> bool:
        """Work it out; what the standard calls an error is null."""
        return same(self.found(), self.expected) is True

    def found(self) -> Any:
        """Give what comes out, null when the model is refused."""
        try:
            return CompiledRules(self.model.read_text(encoding="utf-8"), self.decision).decide(self.inputs).value
        except (FeelSyntaxError, FeelError, UnreadableRules, Mismatch) as why:
            return None if self.holds_errors else why.__class__.__name__


def cases(level: str) -> Iterator[Case]:
    """Read the cases of a level."""
    for path in sorted((CORPUS / level).glob("*/*-test-*.xml")):
        root = etree.parse(path).getroot()
        model = path.parent / (root.findtext("{*}modelName") or "")
        for case in root.iterfind("{*}testCase"):
            inputs = {str(node.get("name")): _value(node) for node in case.iterfind("{*}inputNode")}
            for result in case.iterfind("{*}resultNode"):
                expected = result.find("{*}expected")
                value = None if expected is None else _value(expected)
                is_error = result.get("errorResult") == "true"
                yield Case(model, str(case.get("id")), str(result.get("name")), inputs, value, is_error)


def _value(node: Any) -> Any:
    components = node.findall("{*}component")
    if components:
        return {one.get("name"): _value(one) for one in components}
    items = node.find("{*}list")
    if items is not None:
        return None if items.get(NIL) == "true" else [_value(one) for one in items.iterfind("{*}item")]
    value = node.find("{*}value")
    if value is None or value.get(NIL) == "true":
        return None
    kind = (value.get(TYPE) or "xsd:string").rpartition(":")[2]
    return READ[kind](value.text or "")
