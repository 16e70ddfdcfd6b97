"""A rules file compiled: the decision that it is about, or the one named, with all that this needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic

from cec.dmn import reading
from cec.dmn.graph import Graph
from cec.dmn.outcomes import Hit, Outcome
from cec.dmn.remembering import Kept, Remembering
from cec.dmn.tabling import CompiledTable
from cec.feel import values
from cec.feel.compiling import FeelError
from cec.feel.refusals import Mismatch
from cec.feel.surroundings import noting

__all__ = ["CompiledRules", "CompiledTable", "Hit", "Many", "Outcome"]


@dataclass(frozen=True)
class Many(Generic[Kept]):
    """Judges many, each distinct case once where its answer depends on the facts alone."""

    judge: Callable[[Mapping[str, Any]], Kept]
    # The facts that it asks; none is told where it may ask any, or more than facts: the clock.
    names: frozenset[str] | None


class CompiledRules:
    """Decides by one file.

    Strictly, as the centre does: what cannot be worked out skips its row or makes its decision null, and is told.
    Else as the standard has it: it is null in its place, and is told too.
    """

    def __init__(
        self,
        text: str,
        name: str = "",
        *,
        is_strict: bool = True,
        fetch: reading.Fetch = lambda _namespace: None,
    ) -> None:
        rules = reading.read(text, fetch)
        self._graph = Graph(rules, is_strict=is_strict)
        self._main = rules.main(name)
        if is_strict:
            self._graph.compile(self._main)

    def decide(self, facts: Mapping[str, Any], name: str = "") -> Outcome:
        """Judge the facts, by the decision of this name if it is not the main one; inputs not given are null.

        :raises UnreadableRules: when the file has no decision of that name.
        """
        decision = self._graph.named(name) if name else self._main
        self._graph.compile(decision)
        with noting() as notes:
            outcome = self._graph.decide(decision, self._graph.given(facts), {})
            outcome.tell_all(notes)
        return outcome

    def many(self, make: Callable[[Outcome], Kept]) -> "Many[Kept]":
        """Give who judges many by its main decision; `make` turns an outcome into what is kept of it."""
        table = self._graph.table_alone(self._main)
        remembering = Remembering(table, make) if table else None
        blank = self._graph.given({})
        if remembering is None or remembering.asks_more or remembering.names - blank.keys():
            return Many(lambda facts: make(self.decide(facts)), None)
        judge = remembering
        return Many(lambda facts: judge({**blank, **facts}), judge.names)

    def invoke(self, name: str, given: Mapping[str, Any]) -> Outcome:
        """Call a decision service or a business knowledge model by its name."""
        outcome = Outcome()
        with noting() as notes, values.limited():
            function = self._graph.function(name)
            try:
                outcome.value = function(*[given.get(one) for one in function.names]) if function else None
            except (FeelError, Mismatch) as why:
                outcome.errors.append(str(why))
            outcome.tell_all(notes)
        outcome.outputs = outcome.value if isinstance(outcome.value, dict) else {name: outcome.value}
        return outcome
