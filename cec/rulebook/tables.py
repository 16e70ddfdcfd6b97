"""Judge facts by the current version of a decision table: what is answered, by which rows, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cec.rulebook import files, inputs
from cec.rulebook.deciding import CompiledRules, Hit
from cec.rulebook.plainness import plain


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


def judge(name: str, facts: Mapping[str, Any]) -> Verdict:
    """Judge the facts by the current version of a table; a row that fails is skipped and told.

    :raises NoSuchRules: when there is no table of that name.
    """
    current = files.current_stamp(name)
    outcome = _compiled(name, current.sha256).decide(facts)
    rows = [Hit(hit.row, hit.id, hit.reason, plain(hit.outputs), plain(hit.inputs)) for hit in outcome.hits]
    outputs, faults = inputs.fitted(name, plain(outcome.outputs))
    return Verdict(outputs, current.version, rows, [*outcome.errors, *faults])


def warm_up() -> None:
    """Read the tables that judge now, so that the first appeal need not wait for it."""
    for name, stamp in files.current_stamps().items():
        _compiled(name, stamp.sha256)


@lru_cache(maxsize=128)
def _compiled(name: str, sha256: str) -> CompiledRules:
    return CompiledRules(files.text_of(name, sha256), name)
