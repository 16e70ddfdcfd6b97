"""What a decision came to."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from cec.dmn.policies import Answer
from cec.feel.refusals import FeelError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Hit:
    """A row that hit; rows are counted from 1."""

    row: int
    id: str
    reason: str
    outputs: Answer
    # What the columns were that the row asks about, by label.
    inputs: dict[str, Any] = field(default_factory=dict)


@dataclass
class Outcome:
    """What a decision came to: the value of the DMN standard, the same by output, and how it came about."""

    value: Any = None
    outputs: Answer = field(default_factory=dict)
    hits: list[Hit] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def tell(self, row: int, why: FeelError) -> None:
        """Note an error of a row, or of the head or an expression: 0."""
        # The sentence may quote a client; the log says only where to look.
        log.warning("row %s of a decision table failed at line %s, column %s", row or "-", why.line, why.column)
        if row:
            place = f"{row}, {why.facts['where'].removesuffix(': ')}"
            why = FeelError(where=place, line=why.line, column=why.column, reason=why.reason)
        self.errors.append(str(why))

    def tell_all(self, notes: Iterable[FeelError]) -> None:
        """Note errors that became null."""
        self.errors += [str(why) for why in notes]
