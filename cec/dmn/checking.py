"""Faults of a rules file before it judges anybody: syntax, unknown names and values, rows that shadow each other."""

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any

from cec.dmn import comparing, covering, fitting, itemtypes, policies, reading, walking
from cec.dmn.boxes import Box, Literal, Nothing, Row
from cec.dmn.fitting import Fit
from cec.dmn.problems import Problem
from cec.dmn.reading import Decision, Rules, Table
from cec.dmn.turns import in_turns
from cec.feel.compiling import FeelSyntaxError, compile_expression, compile_unary_tests
from cec.feel.surroundings import Surroundings
from cec.platform.i18n import gettext as _

__all__ = ["Directories", "Problem", "check", "check_rows", "check_table"]

# By fact or answer: the values that the centre knows.
Directories = Mapping[str, Collection[Any]]
# What is added up or compared has to be there.
_COUNTING = frozenset({"SUM", "MIN", "MAX"})
# Values of tables inside other boxes are anybody's.
_NOBODYS: Directories = {}


def check(text: str, *, inputs: Collection[str] | None = None, directories: Directories = _NOBODYS) -> list[Problem]:
    """Find the faults of a rules file; `inputs` are the facts that it will be given, else those that it declares."""
    try:
        rules = reading.read(text)
    except reading.UnreadableRules as why:
        return [Problem(0, "", "", why.sentence())]
    known = None if inputs is None and not rules.inputs else {*(inputs or rules.inputs)}
    around = Surroundings(rules.spaced, rules.names, itemtypes.types_of(rules))
    checked = [_decision(decision, rules, _Cells(around, known, directories)) for decision in rules.decisions]
    found = [problem for problems in checked for problem in problems]
    for model in rules.drawn.knowledge:
        found += _boxes(model.name, model.definition.body, _Cells(around, None))
    return found


def check_table(table: Table, *, inputs: Collection[str], directories: Directories = _NOBODYS) -> list[Problem]:
    """Find the faults of one table that is given these facts and needs nothing else."""
    return list(_table(table, _Cells(Surroundings(frozenset()), {*inputs}, directories)))


def check_rows(
    table: Table, numbers: Collection[int], *, inputs: Collection[str], directories: Directories = _NOBODYS
) -> list[Problem]:
    """Find the faults of the cells of some rows (from 1) alone, as quickly as somebody types."""
    cells = _Cells(Surroundings(frozenset()), {*inputs}, directories)
    fits = cells.fits(table)
    wanted = [number for number in numbers if number in table.live]
    return [fault for number in wanted for fault in _row(number, table.rows[number - 1], table, cells, fits)]


def _decision(decision: Decision, rules: Rules, cells: "_Cells") -> Iterator[Problem]:
    if isinstance(decision.box, Nothing):
        yield Problem(0, decision.name, "", _("it holds neither a decision table nor an expression"))
        return
    if not isinstance(decision.box, Literal | Table):
        # Names come and go inside boxes: only running them would tell which are known.
        yield from _boxes(decision.name, decision.box, cells.knowing_nothing())
        return
    yield from _boxes(decision.name, decision.box, cells.knowing(_needed(decision, rules)))


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
    fits = cells.fits(table)
    faults = [fault for number, row in in_turns(table.live.items()) for fault in _row(number, row, table, cells, fits)]
    yield from faults
    if not any(fault.is_error for fault in faults):
        yield from comparing.compare(table)


class _Cells:
    """Checks one cell after the other against the names that are known; a text that was sound is not read again."""

    def __init__(self, around: Surroundings, known: set[str] | None, directories: Directories = _NOBODYS) -> None:
        self._around, self._known, self._directories = around, known, directories
        self._is_plain = around == Surroundings()
        self._sound: set[tuple[bool, str]] = set()

    def knowing(self, more: set[str]) -> "_Cells":
        """Give the same with more names that are known."""
        return _Cells(self._around, None if self._known is None else self._known | more, self._directories)

    def knowing_nothing(self) -> "_Cells":
        """Give the same where any name may be known."""
        return _Cells(self._around, None)

    def fits(self, table: Table) -> list[Fit]:
        """Say what each column holds, inputs first."""
        known = self._directories
        asked = [fitting.fit(one.type, one.allowed, fitting.known_of(known, one.expression)) for one in table.inputs]
        return asked + [
            fitting.fit(one.type, one.allowed, fitting.known_of(known, one.name), is_answer=True)
            for one in table.outputs
        ]

    def expression(self, row: int, column: str, text: str, cell: int = -1) -> Iterator[Problem]:
        yield from self._checked(row, column, text, cell, is_test=False)

    def test(self, row: int, column: str, text: str, cell: int) -> Iterator[Problem]:
        yield from self._checked(row, column, text, cell, is_test=True)

    def _checked(self, row: int, column: str, text: str, cell: int, *, is_test: bool) -> Iterator[Problem]:
        if (is_test, text) in self._sound:
            return
        try:
            names = self._named(text, is_test=is_test)
        except FeelSyntaxError as why:
            yield Problem(row, column, text, _told(why, text), cell=cell)
            return
        unknown = sorted(names - self._known) if self._known is not None else []
        for name in unknown:
            expected = ", ".join(sorted(self._known or ()))
            message = _("“{name}” is not known here; known are {expected}").format(name=name, expected=expected)
            yield Problem(row, column, text, message, cell=cell)
        if not unknown:
            self._sound.add((is_test, text))

    def _named(self, text: str, *, is_test: bool) -> frozenset[str]:
        return _names(text, is_test=is_test) if self._is_plain else _compiled(text, self._around, is_test=is_test)


def _compiled(text: str, around: Surroundings, *, is_test: bool) -> frozenset[str]:
    return (compile_unary_tests if is_test else compile_expression)(text, around=around).names


@lru_cache(maxsize=covering.REMEMBERED)
def _names(text: str, *, is_test: bool) -> frozenset[str]:
    """Name what a sound text needs: of a table that is being written nearly all cells were read a moment ago."""
    return _compiled(text, Surroundings(), is_test=is_test)


def _told(why: FeelSyntaxError, text: str) -> str:
    """Say where a cell cannot be read: of one line the sign alone; rows and columns are those of the table."""
    if "\n" in text:
        return why.sentence()
    message = _("Sign {column}: found {found}, expected {expected}.")
    return message.format(column=why.column, found=why.facts["found"], expected=why.expected)


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


def _row(number: int, row: Row, table: Table, cells: _Cells, fits: list[Fit]) -> Iterator[Problem]:
    if (len(row.inputs), len(row.outputs)) != (len(table.inputs), len(table.outputs)):
        yield Problem(number, "", "", _("the row has more or fewer cells than the table has columns"))
        return
    labels = [*(column.label for column in table.inputs), *(output.name for output in table.outputs)]
    for cell, (text, label) in enumerate(zip((*row.inputs, *row.outputs), labels, strict=True)):
        if not text and cell >= len(row.inputs) and table.aggregation in _COUNTING:
            yield Problem(number, label, "", _("the row answers nothing here: write a number"), cell=cell)
        if not text:
            continue
        read = cells.test if cell < len(row.inputs) else cells.expression
        yield from read(number, label, text, cell)
        for message, is_error in fits[cell].faults(text):
            yield Problem(number, label, text, message, is_error=is_error, cell=cell)
