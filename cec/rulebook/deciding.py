"""A rules file compiled: which rows hit and why, and what they answer."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cec.feel.compiling import Expression, FeelError, compile_expression, compile_unary_tests
from cec.rulebook import policies, reading
from cec.rulebook.policies import Answer, Contradiction, Policy

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Hit:
    """A row that hit; rows are counted from 1."""

    row: int
    id: str
    reason: str
    outputs: Answer


@dataclass
class Outcome:
    """What a decision came to: the value of the DMN standard, the same by output, and how it came about."""

    value: Any = None
    outputs: Answer = field(default_factory=dict)
    hits: list[Hit] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Row:
    number: int
    written: reading.Row
    # The columns that the row asks about; a dash asks nothing.
    tests: tuple[tuple[int, Expression], ...]
    outputs: tuple[Expression, ...]


class CompiledTable:
    """A decision table, every cell compiled."""

    def __init__(self, decision: reading.Decision, spaced: frozenset[str]) -> None:
        table, name = decision.table, decision.name
        assert table
        self._policy = _policy(table)
        # A table of one output without a name answers with the name of its decision.
        self._names = [output.name or name for output in table.outputs]
        self._columns = [
            compile_expression(column.expression, where=column.label, spaced=spaced) for column in table.inputs
        ]
        self._rows = [_row(number, row, table, spaced) for number, row in enumerate(table.rows, 1)]
        self._defaults = _constants([output.default for output in table.outputs])
        self._ranks = {
            name: _constants([f"[{output.allowed}]"])[0]
            for name, output in zip(self._names, table.outputs, strict=True)
            if output.allowed
        }

    def decide(self, facts: Mapping[str, Any]) -> Outcome:
        """Judge the facts; what fails skips its row and is told."""
        outcome = Outcome()
        context = dict(facts)
        asked = self._asked(context, outcome)
        for row in self._rows:
            hit = self._hit(row, asked, context, outcome)
            if hit:
                outcome.hits.append(hit)
                if self._policy.takes_first:
                    break
        self._answer(outcome)
        return outcome

    def _asked(self, context: dict[str, Any], outcome: Outcome) -> list[tuple[bool, Any]]:
        asked: list[tuple[bool, Any]] = []
        for column in self._columns:
            try:
                asked.append((True, column(context)))
            except FeelError as why:
                _tell(outcome, 0, why)
                asked.append((False, None))
        return asked

    def _hit(
        self, row: _Row, asked: Sequence[tuple[bool, Any]], context: dict[str, Any], outcome: Outcome
    ) -> Hit | None:
        try:
            for column, test in row.tests:
                is_known, context["?"] = asked[column]
                if not is_known or test(context) is not True:
                    return None
            outputs = {name: cell(context) for name, cell in zip(self._names, row.outputs, strict=True)}
        except FeelError as why:
            _tell(outcome, row.number, why)
            return None
        return Hit(row.number, row.written.id, row.written.reason, outputs)

    def _answer(self, outcome: Outcome) -> None:
        policy, names = self._policy, self._names
        if not outcome.hits:
            outcome.outputs = self._default()
            outcome.value = [] if policy.is_list else _bare(outcome.outputs, names) if outcome.outputs else None
            return
        try:
            joined = policy.join([hit.outputs for hit in outcome.hits], self._ranks)
        except Contradiction as why:
            rows = ", ".join(str(hit.row) for hit in outcome.hits)
            outcome.errors.append(f"rows {rows}: {why}")
            return
        if policy.is_list:
            outcome.value = [_bare(answer, names) for answer in joined]
            outcome.outputs = {name: [answer[name] for answer in joined] for name in names}
        else:
            outcome.value, outcome.outputs = _bare(joined, names), joined

    def _default(self) -> Answer:
        if any(default is not None for default in self._defaults):
            return dict(zip(self._names, self._defaults, strict=True))
        if self._policy.is_list:
            return {name: [] for name in self._names}
        return {} if self._policy.empty is None else dict.fromkeys(self._names, self._policy.empty)


class CompiledExpression:
    """A decision of one expression, or of nothing at all."""

    def __init__(self, decision: reading.Decision, spaced: frozenset[str]) -> None:
        self._name, text = decision.name, decision.expression
        self._run = compile_expression(text, where=self._name, spaced=spaced) if text else None

    def decide(self, facts: Mapping[str, Any]) -> Outcome:
        """Work the expression out; what fails is null and is told."""
        outcome = Outcome()
        try:
            outcome.value = self._run(facts) if self._run else None
        except FeelError as why:
            _tell(outcome, 0, why)
        outcome.outputs = {self._name: outcome.value}
        return outcome


class CompiledRules:
    """The decision that a file is about, or the one named, compiled with all that it needs."""

    def __init__(self, text: str, name: str = "") -> None:
        self._rules = reading.read(text)
        self._main = self._rules.main(name)
        self._compiled: dict[str, CompiledTable | CompiledExpression] = {}
        self._compile(self._main)

    def decide(self, facts: Mapping[str, Any]) -> Outcome:
        """Judge the facts; inputs not given are null."""
        return self._decide(self._main, {**dict.fromkeys(self._rules.inputs), **facts})

    def _decide(self, decision: reading.Decision, known: dict[str, Any]) -> Outcome:
        errors: list[str] = []
        for needed in self._needs(decision):
            if needed.name not in known:
                found = self._decide(needed, known)
                known[needed.name] = found.value
                errors += found.errors
        outcome = self._compiled[decision.id].decide(known)
        outcome.errors[:0] = errors
        return outcome

    def _compile(self, decision: reading.Decision) -> None:
        for needed in self._needs(decision):
            if needed.id not in self._compiled:
                self._compile(needed)
        compile_it = CompiledTable if decision.table else CompiledExpression
        self._compiled[decision.id] = compile_it(decision, self._rules.spaced)

    def _needs(self, decision: reading.Decision) -> list[reading.Decision]:
        return [needed for needed in map(self._rules.get, decision.requires) if needed]


def _policy(table: reading.Table) -> Policy:
    policy = policies.find(table.hit_policy, table.aggregation)
    if policy is None:
        raise reading.UnreadableRules(reason=f"{table.hit_policy} {table.aggregation}".strip())
    return policy


def _row(number: int, row: reading.Row, table: reading.Table, spaced: frozenset[str]) -> _Row:
    if (len(row.inputs), len(row.outputs)) != (len(table.inputs), len(table.outputs)):
        raise reading.UnreadableRules(reason=f"row {number}")
    tests = tuple(
        (at, compile_unary_tests(text, where=f"{number}, {table.inputs[at].label}", spaced=spaced))
        for at, text in enumerate(row.inputs)
        if text not in {"", "-"}
    )
    outputs = tuple(
        compile_expression(text or "null", where=f"{number}, {output.name}", spaced=spaced)
        for text, output in zip(row.outputs, table.outputs, strict=True)
    )
    return _Row(number, row, tests, outputs)


def _constants(texts: list[str]) -> list[Any]:
    return [compile_expression(text)({}) if text else None for text in texts]


def _bare(answer: Answer, names: Sequence[str]) -> Any:
    return answer.get(names[0]) if len(names) == 1 else answer


def _tell(outcome: Outcome, row: int, why: FeelError) -> None:
    # The sentence may quote a client; the log says only where to look.
    log.warning("row %s of a decision table failed at line %s, column %s", row or "-", why.line, why.column)
    outcome.errors.append(str(why))
