"""Faults of a rules file before it judges anybody: syntax, unknown names and values, rows that shadow each other."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from cec.feel.compiling import Expression, FeelError, FeelSyntaxError, compile_expression, compile_unary_tests
from cec.feel.refusals import Mismatch
from cec.feel.values import same
from cec.platform.i18n import gettext as _
from cec.rulebook import covering, policies, reading
from cec.rulebook.reading import Decision, Rules, Table

# Comparing every row with every other is worth it only up to here.
MAX_COMPARED = 300


@dataclass(frozen=True)
class Problem:
    """One fault: in which row (from 1; 0: the head of the table) and column, at which text, and what is wrong."""

    row: int
    column: str
    text: str
    message: str
    # An error keeps the file from being published; the rest is worth a look.
    is_error: bool = True

    def __str__(self) -> str:
        place = _("row {row}, column “{column}”") if self.row else _("column “{column}”")
        named = place.format(row=self.row, column=self.column) if self.column else _("row {row}").format(row=self.row)
        head = f"{named}: " if self.column or self.row else ""
        return head + (f"“{self.text[:80]}”: " if self.text else "") + self.message


def check(text: str, *, inputs: Collection[str] | None = None) -> list[Problem]:
    """Find the faults of a rules file; `inputs` are the facts that it will be given, else those that it declares."""
    try:
        rules = reading.read(text)
    except reading.UnreadableRules as why:
        return [Problem(0, "", "", why.sentence())]
    known = None if inputs is None and not rules.inputs else {*(inputs or rules.inputs)}
    return [problem for decision in rules.decisions for problem in _decision(decision, rules, known)]


def _decision(decision: Decision, rules: Rules, known: set[str] | None) -> Iterator[Problem]:
    names = None if known is None else known | {one.name for one in rules.decisions if one.id in decision.requires}
    cells = _Cells(rules.spaced, names)
    if decision.table is None:
        if not decision.expression:
            yield Problem(0, decision.name, "", _("it holds neither a decision table nor an expression"))
        else:
            yield from cells.expression(0, decision.name, decision.expression)
        return
    yield from _head(decision.table, cells)
    faults = [fault for number in range(len(decision.table.rows)) for fault in _row(number, decision.table, cells)]
    yield from faults
    if not faults:
        yield from _shadows(decision.table)


class _Cells:
    """Checks one cell after the other against the names that are known."""

    def __init__(self, spaced: frozenset[str], known: set[str] | None) -> None:
        self._spaced, self._known = spaced, known

    def expression(self, row: int, column: str, text: str) -> Iterator[Problem]:
        try:
            yield from self._names(row, column, compile_expression(text, spaced=self._spaced))
        except FeelSyntaxError as why:
            yield Problem(row, column, text, why.sentence())

    def test(self, row: int, column: str, text: str) -> Iterator[Problem]:
        try:
            yield from self._names(row, column, compile_unary_tests(text, spaced=self._spaced))
        except FeelSyntaxError as why:
            yield Problem(row, column, text, why.sentence())

    def _names(self, row: int, column: str, compiled: Expression) -> Iterator[Problem]:
        for name in sorted(compiled.names - self._known) if self._known is not None else ():
            expected = ", ".join(sorted(self._known or ()))
            message = _("“{name}” is not known here; known are {expected}").format(name=name, expected=expected)
            yield Problem(row, column, compiled.text, message)


def _head(table: Table, cells: _Cells) -> Iterator[Problem]:
    if policies.find(table.hit_policy, "") is None:
        message = _("unknown hit policy; known are {known}").format(known=", ".join(policies.HIT_POLICIES))
        yield Problem(0, "", table.hit_policy, message)
    elif policies.find(table.hit_policy, table.aggregation) is None:
        message = _("unknown aggregation; known are {known}").format(known="SUM, COUNT, MIN, MAX")
        yield Problem(0, "", table.aggregation, message)
    if not table.outputs:
        yield Problem(0, "", "", _("the table has no output column"))
    if len({output.name for output in table.outputs}) < len(table.outputs):
        yield Problem(0, "", "", _("every output column needs a name of its own"))
    for column in table.inputs:
        yield from cells.expression(0, column.label, column.expression)
    for output in table.outputs:
        for text in filter(None, (output.default, output.allowed)):
            yield from cells.expression(0, output.name, text if text == output.default else f"[{text}]")


def _row(number: int, table: Table, cells: _Cells) -> Iterator[Problem]:
    row, shown = table.rows[number], number + 1
    if (len(row.inputs), len(row.outputs)) != (len(table.inputs), len(table.outputs)):
        yield Problem(shown, "", "", _("the row has more or fewer cells than the table has columns"))
        return
    for text, column in zip(row.inputs, table.inputs, strict=True):
        if text:
            yield from cells.test(shown, column.label, text)
            yield from _unknown_values(shown, column.label, text, column.allowed)
    for text, output in zip(row.outputs, table.outputs, strict=True):
        if text:
            yield from cells.expression(shown, output.name, text)
            yield from _unknown_values(shown, output.name, text, output.allowed)


def _unknown_values(row: int, column: str, text: str, allowed: str) -> Iterator[Problem]:
    """Find values that the column does not list: mostly a slip of the pen."""
    if not allowed:
        return
    try:
        values = compile_expression(f"[{allowed}]")({})
    except (FeelSyntaxError, FeelError):
        return
    for value in covering.literals(text):
        if not any(_equal(value, one) for one in values):
            yield Problem(row, column, text, _("the column allows only {allowed}").format(allowed=allowed))


def _equal(one: object, other: object) -> bool:
    try:
        return same(one, other) is True
    except Mismatch:
        return False


def _shadows(table: Table) -> Iterator[Problem]:
    """Find rows that can never hit, or that hit together where one answer is allowed."""
    if len(table.rows) > MAX_COMPARED:
        return
    cells = [[covering.cell_of(text) for text in row.inputs] for row in table.rows]
    for later in range(1, len(cells)):
        for earlier in range(later):
            problem = _pair(table, cells, earlier, later)
            if problem:
                yield problem
                break


def _pair(table: Table, cells: list[list[covering.Cell]], earlier: int, later: int) -> Problem | None:
    first, second = cells[earlier], cells[later]
    policy, numbers = table.hit_policy, {"earlier": earlier + 1}
    if policy == "FIRST" and all(map(covering.covers, first, second)):
        message = _("this row never hits: row {earlier} is met whenever it is").format(**numbers)
        return Problem(later + 1, "", "", message, is_error=False)
    if policy in {"UNIQUE", "ANY"} and all(map(covering.meet, first, second)):
        if policy == "ANY" and table.rows[earlier].outputs == table.rows[later].outputs:
            return None
        return Problem(later + 1, "", "", _("this row and row {earlier} can hit together").format(**numbers))
    if first == second:
        return Problem(
            later + 1, "", "", _("this row asks the same as row {earlier}").format(**numbers), is_error=False
        )
    return None
