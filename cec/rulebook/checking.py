"""Faults of a rules file before it judges anybody: syntax, unknown names and values, rows that shadow each other."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from cec.feel.compiling import FeelError, FeelSyntaxError, compile_expression, compile_unary_tests
from cec.feel.conversions import text_of
from cec.feel.refusals import Mismatch
from cec.feel.surroundings import Surroundings
from cec.feel.values import same
from cec.platform.i18n import gettext as _
from cec.rulebook import covering, itemtypes, policies, reading, walking
from cec.rulebook.boxes import Box, Literal, Nothing
from cec.rulebook.plainness import plain
from cec.rulebook.reading import Decision, Rules, Table
from cec.rulebook.shadows import Grids, TooEntangled


@dataclass(frozen=True)
class Problem:
    """One fault: in which row (from 1; 0: the head of the table) and column, at which text, and what is wrong."""

    row: int
    column: str
    text: str
    message: str
    # An error keeps the file from being published; the rest is worth a look.
    is_error: bool = True
    # Facts that prove it, by column.
    sample: dict[str, Any] = field(default_factory=dict, compare=False)

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
    around = Surroundings(rules.spaced, rules.names, itemtypes.types_of(rules))
    found = [problem for decision in rules.decisions for problem in _decision(decision, rules, around, known)]
    for model in rules.drawn.knowledge:
        found += _boxes(model.name, model.definition.body, _Cells(around, None))
    return found


def _decision(decision: Decision, rules: Rules, around: Surroundings, known: set[str] | None) -> Iterator[Problem]:
    if isinstance(decision.box, Nothing):
        yield Problem(0, decision.name, "", _("it holds neither a decision table nor an expression"))
        return
    if not isinstance(decision.box, Literal | Table):
        # Names come and go inside boxes: only running them would tell which are known.
        yield from _boxes(decision.name, decision.box, _Cells(around, None))
        return
    names = None if known is None else known | _needed(decision, rules)
    yield from _boxes(decision.name, decision.box, _Cells(around, names))


def _needed(decision: Decision, rules: Rules) -> set[str]:
    """Give the names of what a decision needs besides the facts."""
    needs = {*decision.needs.decisions, *decision.needs.knowledge}
    elements = [
        *((one.id, one.name) for one in rules.drawn.decisions),
        *((one.id, one.name) for one in rules.drawn.knowledge),
        *((one.id, one.name) for one in rules.drawn.services),
    ]
    return {name for element, name in elements if element in needs} | {one.name for one in rules.drawn.imports}


def _boxes(name: str, box: Box, cells: "_Cells") -> Iterator[Problem]:
    for leaf in walking.leaves(box):
        if isinstance(leaf, Table):
            yield from _table(leaf, cells)
        else:
            yield from cells.expression(0, name, leaf.text)


def _table(table: Table, cells: "_Cells") -> Iterator[Problem]:
    yield from _head(table, cells)
    faults = [fault for number in range(len(table.rows)) for fault in _row(number, table, cells)]
    yield from faults
    if not faults:
        yield from _shadows(table)


class _Cells:
    """Checks one cell after the other against the names that are known; a text that was sound is not read again."""

    def __init__(self, around: Surroundings, known: set[str] | None) -> None:
        self._around, self._known = around, known
        self._sound: set[tuple[bool, str]] = set()

    def expression(self, row: int, column: str, text: str) -> Iterator[Problem]:
        yield from self._checked(row, column, text, is_test=False)

    def test(self, row: int, column: str, text: str) -> Iterator[Problem]:
        yield from self._checked(row, column, text, is_test=True)

    def _checked(self, row: int, column: str, text: str, *, is_test: bool) -> Iterator[Problem]:
        if (is_test, text) in self._sound:
            return
        try:
            compiled = (compile_unary_tests if is_test else compile_expression)(text, around=self._around)
        except FeelSyntaxError as why:
            yield Problem(row, column, text, why.sentence())
            return
        unknown = sorted(compiled.names - self._known) if self._known is not None else []
        for name in unknown:
            expected = ", ".join(sorted(self._known or ()))
            message = _("“{name}” is not known here; known are {expected}").format(name=name, expected=expected)
            yield Problem(row, column, compiled.text, message)
        if not unknown:
            self._sound.add((is_test, text))


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
    """Find rows that can never hit, or that hit together where one answer is allowed, and what no row meets."""
    if not table.rows or not table.inputs:
        return
    grids = Grids(table)
    for pair in grids.pairs():
        message = _PAIRS[pair.kind]().format(earlier=pair.earlier + 1)
        yield Problem(pair.later + 1, "", "", message, is_error=pair.kind == "together", sample=plain(pair.sample))
    if table.hit_policy in _ANSWERING and not any(output.default for output in table.outputs):
        yield from _gap(grids)


_PAIRS = {
    "covered": lambda: _("this row never hits: row {earlier} is met whenever it is"),
    "together": lambda: _("this row and row {earlier} can hit together"),
    "same": lambda: _("this row asks the same as row {earlier}"),
}
# Of these one expects an answer in every case.
_ANSWERING = frozenset({"UNIQUE", "FIRST", "ANY", "PRIORITY"})


def _gap(grids: Grids) -> Iterator[Problem]:
    try:
        gap = grids.gap()
    except TooEntangled:
        yield Problem(0, "", "", _("whether some row is met in every case could not be told"), is_error=False)
        return
    if gap is not None:
        shown = ", ".join(f"{label}: {_shown(value)}" for label, value in gap.sample.items())
        message = _("no row is met by {sample}").format(sample=shown or _("anything"))
        yield Problem(0, "", "", message, is_error=False, sample=plain(gap.sample))


def _shown(value: object) -> str:
    return _("anything else") if value is None else f'"{value}"' if isinstance(value, str) else text_of(value)
