"""A decision table compiled: which rows hit, why, and what they answer together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cec.dmn import cells, policies
from cec.dmn.boxes import Row, Table
from cec.dmn.indexing import Index, best_index
from cec.dmn.outcomes import Hit, Outcome
from cec.dmn.parsing import UnreadableRules
from cec.dmn.policies import Answer, Contradiction, Policy
from cec.feel.closures import Scope
from cec.feel.compiling import Expression, FeelError, FeelSyntaxError
from cec.feel.surroundings import Surroundings
from cec.platform.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class CompiledRow:
    """A row, every cell compiled."""

    number: int
    written: Row
    # The columns that the row asks about; a dash asks nothing.
    tests: tuple[tuple[int, Expression], ...]
    outputs: tuple[Expression, ...]


class CompiledTable:
    """A decision table, every cell compiled."""

    def __init__(self, table: Table, name: str, around: Surroundings) -> None:
        self.policy = _policy(table)
        # A table of one output without a name answers with the name of its decision.
        self.names = [output.name or name for output in table.outputs]
        self._labels = [column.label for column in table.inputs]
        self.columns = [
            cells.expression(column.expression, where=column.label, around=around) for column in table.inputs
        ]
        compiling = _Cells(table, around)
        self.rows = [compiling.row(number, row) for number, row in table.live.items()]
        self.index: Index | None = best_index([row.inputs for row in table.live.values()])
        self._defaults = _constants([output.default for output in table.outputs], around)
        self._ranks = {
            name: _constants([f"[{output.allowed}]"], around)[0]
            for name, output in zip(self.names, table.outputs, strict=True)
            if output.allowed
        }

    def decide(self, facts: Mapping[str, Any]) -> Outcome:
        """Judge the facts; what fails skips its row and is told."""
        outcome = Outcome()
        # What is around a table inside another box stays reachable.
        context = Scope(facts, {}) if isinstance(facts, Scope) else dict(facts)
        known, asked = self._asked(context, outcome)
        rows: Sequence[CompiledRow] = self.rows
        if self.index is not None and known[self.index.column]:
            numbers = self.index.rows_for(asked[self.index.column])
            rows = rows if numbers is None else [rows[number] for number in numbers]
        takes_first = self.policy.takes_first
        for row in rows:
            hit = self._hit(row, known, asked, context, outcome)
            if hit is not None:
                outcome.hits.append(hit)
                if takes_first:
                    break
        self.answer(outcome)
        return outcome

    def _asked(self, context: dict[str, Any], outcome: Outcome) -> tuple[list[bool], list[Any]]:
        known, asked = list[bool](), list[Any]()
        for column in self.columns:
            try:
                asked.append(column(context))
                known.append(True)
            except FeelError as why:
                outcome.tell(0, why)
                asked.append(None)
                known.append(False)
        return known, asked

    def _hit(
        self, row: CompiledRow, known: list[bool], asked: list[Any], context: dict[str, Any], outcome: Outcome
    ) -> Hit | None:
        try:
            for column, test in row.tests:
                context["?"] = value = asked[column]
                if not known[column] or test.test(context, value) is not True:
                    return None
            outputs = {name: cell.run(context) for name, cell in zip(self.names, row.outputs, strict=True)}
        except FeelError as why:
            outcome.tell(row.number, why)
            return None
        inputs = {self._labels[column]: asked[column] for column, _test in row.tests}
        return Hit(row.number, row.written.id, row.written.reason, outputs, inputs)

    def answer(self, outcome: Outcome) -> None:
        """Give an outcome what its hits answer together."""
        policy, names = self.policy, self.names
        if not outcome.hits:
            outcome.outputs = self._default()
            outcome.value = self._nothing(outcome.outputs)
            return
        try:
            joined = policy.join([hit.outputs for hit in outcome.hits], self._ranks)
        except Contradiction as why:
            rows = ", ".join(str(hit.row) for hit in outcome.hits)
            outcome.errors.append(_("rows {rows}: {why}").format(rows=rows, why=why))
            return
        if policy.is_list:
            outcome.value = [_bare(answer, names) for answer in joined]
            outcome.outputs = {name: [answer[name] for answer in joined] for name in names}
        else:
            outcome.value, outcome.outputs = _bare(joined, names), joined

    def _default(self) -> Answer:
        if any(default is not None for default in self._defaults):
            return dict(zip(self.names, self._defaults, strict=True))
        if self.policy.is_list:
            return {name: [] for name in self.names}
        return {} if self.policy.empty is None else dict.fromkeys(self.names, self.policy.empty)

    def _nothing(self, outputs: Answer) -> Any:
        """Give the value when no row hits: the default, alone or as the only item of a list."""
        if any(default is not None for default in self._defaults):
            return _bare(outputs, self.names)
        return [] if self.policy.is_list else _bare(outputs, self.names) if outputs else None


def _policy(table: Table) -> Policy:
    policy = policies.find(table.hit_policy, table.aggregation)
    if policy is None:
        raise UnreadableRules(reason=f"{table.hit_policy} {table.aggregation}".strip())
    return policy


class _Cells:
    """Compiles the cells of a table; the same text in the same column once."""

    def __init__(self, table: Table, around: Surroundings) -> None:
        self._table, self._around = table, around
        self._known: dict[tuple[int, str], Expression] = {}

    def row(self, number: int, row: Row) -> CompiledRow:
        """Compile a row.

        :raises FeelSyntaxError: when a cell is no FEEL.
        """
        table = self._table
        if (len(row.inputs), len(row.outputs)) != (len(table.inputs), len(table.outputs)):
            raise UnreadableRules(reason=_("row {row}").format(row=number))
        try:
            tests = tuple((at, self._test(at, text)) for at, text in enumerate(row.inputs) if text not in {"", "-"})
            outputs = tuple(self._answer(at, text) for at, text in enumerate(row.outputs))
        except FeelSyntaxError as why:
            raise FeelSyntaxError(
                **{**why.facts, "where": f"{number}, {why.facts['where'].removesuffix(': ')}"}
            ) from None
        return CompiledRow(number, row, tests, outputs)

    def _test(self, at: int, text: str) -> Expression:
        key = (at, text)
        if key not in self._known:
            self._known[key] = cells.unary_tests(text, where=self._table.inputs[at].label, around=self._around)
        return self._known[key]

    def _answer(self, at: int, text: str) -> Expression:
        key = (-1 - at, text)
        if key not in self._known:
            written = "null" if text in {"", "-"} else text
            self._known[key] = cells.expression(written, where=self._table.outputs[at].name, around=self._around)
        return self._known[key]


def _constants(texts: list[str], around: Surroundings) -> list[Any]:
    return [cells.expression(text, where="", around=around)({}) if text else None for text in texts]


def _bare(answer: Answer, names: Sequence[str]) -> Any:
    return answer.get(names[0]) if len(names) == 1 else answer
