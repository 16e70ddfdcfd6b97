"""What a table says of some facts, as its asker can use it: in plain values that fit into JSON."""

from dataclasses import dataclass, field
from typing import Any

from cec.dmn.outcomes import Hit, Outcome
from cec.dmn.plainness import plain
from cec.rulebook import inputs


@dataclass(frozen=True)
class Verdict:
    """What a table says of the facts, in plain values that fit into JSON."""

    outputs: dict[str, Any]
    version: int
    rows: list[Hit]
    # Rows that could not be judged, and why; they were skipped.
    errors: list[str] = field(default_factory=list)

    def facts(self) -> dict[str, Any]:
        """Give what is kept with the appeal: version, rows hit with their reasons, outputs, errors if any."""
        kept: dict[str, Any] = {
            "version": self.version,
            "rows": [{"row": hit.row, "reason": hit.reason, "outputs": hit.outputs} for hit in self.rows],
            "outputs": self.outputs,
        }
        return {**kept, "errors": self.errors} if self.errors else kept


def of(name: str, version: int, outcome: Outcome) -> Verdict:
    """Put what a table came to into values that its asker can use; a text that is no version yet has the number 0."""
    rows = [Hit(hit.row, hit.id, hit.reason, plain(hit.outputs), plain(hit.inputs)) for hit in outcome.hits]
    outputs, faults = inputs.fitted(name, plain(outcome.outputs))
    return Verdict(outputs, version, rows, [*outcome.errors, *faults])
