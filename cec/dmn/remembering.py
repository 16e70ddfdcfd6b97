"""Many judged by one table: what its columns said of the same values before is remembered, not worked out again.

Column by column, because columns differ: a segment or an hour has few values, the words of a letter are its own. Of
these only the cells are asked whose rows the columns before left open. It says what the table itself says, row by row;
a property test holds both equal.
"""

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

from cec.dmn.outcomes import Hit, Outcome
from cec.dmn.tabling import CompiledRow, CompiledTable
from cec.feel.compiling import Expression, FeelError

Kept = TypeVar("Kept")
# A column that has met so many cases of which few came twice remembers no more: words are everybody's own.
TRIED = 200
# Values that are equal only to what judges alike, once their classes are compared too.
_PLAIN = frozenset({str, int, float, bool, type(None)})


class _Answer(NamedTuple):
    """What a column says: of its rows those that hold, as bits; those that failed, by place; why none was asked."""

    passed: int
    failed: tuple[tuple[int, FeelError], ...] = ()
    why: FeelError | None = None


class _Column:
    """A column with its cells, and what it said."""

    def __init__(self, expression: Expression, cells: Mapping[Expression, int]) -> None:
        self._expression = expression
        self._cells = list(cells.items())
        # The rows that ask it, as bits.
        self.asked = sum(cells.values())
        self.names = expression.names.union(*(cell.names for cell in cells))
        self.asks_more = expression.asks_more or any(cell.asks_more for cell in cells)
        self._values = _values(self.names)
        self._known: dict[Any, _Answer] = {}
        self._met = 0
        self._remembers = True

    def ask(self, context: dict[str, Any], asked: int) -> _Answer:
        """Ask those of its rows that are still open."""
        if not self._remembers:
            return self._work_out(context, asked)
        values = self._values(context)
        key = (asked, values, tuple(map(type, values)))
        self._met += 1
        try:
            answer = self._known.get(key)
        except TypeError:
            # A list.
            return self._work_out(context, asked)
        if answer is None:
            answer = self._work_out(context, asked)
            if _PLAIN.issuperset(key[2]):
                self._known[key] = answer
            self._remembers = self._met < TRIED or len(self._known) * 2 < self._met
        return answer

    def _work_out(self, context: dict[str, Any], asked: int) -> _Answer:
        try:
            value = self._expression(context)
        except FeelError as why:
            return _Answer(0, why=why)
        context["?"] = value
        passed, failed = 0, list[tuple[int, FeelError]]()
        for cell, rows in self._cells:
            if not rows & asked:
                continue
            try:
                if cell.test(context, value) is True:
                    passed |= rows & asked
            except FeelError as why:
                failed += [(place, why) for place in _places(rows & asked)]
        return _Answer(passed, tuple(failed))


class Remembering(Generic[Kept]):
    """Judges many by one table; `make` turns an outcome into what is kept of it.

    Its hits do not say what their columns were: that is different for each who is judged.
    """

    def __init__(self, table: CompiledTable, make: Callable[[Outcome], Kept]) -> None:
        self._table, self._make = table, make
        cells: list[dict[Expression, int]] = [{} for _column in table.columns]
        for place, row in enumerate(table.rows):
            for at, cell in row.tests:
                cells[at][cell] = cells[at].get(cell, 0) | 1 << place
        self._columns = [_Column(*both) for both in zip(table.columns, cells, strict=True)]
        outputs = {cell for row in table.rows for cell in row.outputs}
        answering = frozenset[str]().union(*(cell.names for cell in outputs))
        self._answering = _values(answering)
        # The facts that it asks; and whether it depends on these alone.
        self.names = answering.union(*(column.names for column in self._columns))
        self.asks_more = any(one.asks_more for one in self._columns) or any(one.asks_more for one in outputs)
        self._all = (1 << len(table.rows)) - 1
        self._known: dict[Any, Kept] = {}
        self._looked_up: dict[tuple[type, Any], int] = {}

    def __call__(self, context: dict[str, Any]) -> Kept:
        """Judge the facts, in which every name that it asks has to be; they are the table's to write into."""
        still_open, answers = self._to_ask(context), list[_Answer]()
        is_smooth = True
        for column in self._columns:
            answer = column.ask(context, still_open & column.asked)
            still_open = still_open & ~column.asked | answer.passed
            if answer.failed or answer.why is not None:
                is_smooth = False
            answers.append(answer)
        values = self._answering(context)
        classes = tuple(map(type, values))
        if not is_smooth or not _PLAIN.issuperset(classes):
            return self._make(self._outcome(context, still_open, answers))
        key = (still_open, values, classes)
        if key not in self._known:
            self._known[key] = self._make(self._outcome(context, still_open, answers))
        return self._known[key]

    def _to_ask(self, context: dict[str, Any]) -> int:
        """Give the rows that can hit at all: those that the index of the table names, else all."""
        index = self._table.index
        if index is None:
            return self._all
        try:
            value = self._table.columns[index.column](context)
        except FeelError:
            return self._all
        numbers = index.rows_for(value)
        if numbers is None:
            return self._all
        key = (value.__class__, value)
        if key not in self._looked_up:
            self._looked_up[key] = sum(1 << number for number in numbers)
        return self._looked_up[key]

    def _outcome(self, context: dict[str, Any], hit: int, answers: list[_Answer]) -> Outcome:
        """Put together what the rows that hit answer, and tell errors in the order in which the table meets them."""
        outcome = Outcome()
        for answer in answers:
            if answer.why is not None:
                outcome.tell(0, answer.why)
        failed = {place: why for answer in answers for place, why in answer.failed}
        for place in _places(hit | sum(1 << one for one in failed)):
            row = self._table.rows[place]
            found = failed.get(place) or self._hit(row, context)
            if isinstance(found, FeelError):
                outcome.tell(row.number, found)
                continue
            outcome.hits.append(found)
            if self._table.policy.takes_first:
                break
        self._table.answer(outcome)
        return outcome

    def _hit(self, row: CompiledRow, context: dict[str, Any]) -> Hit | FeelError:
        names = self._table.names
        try:
            outputs = {name: cell.run(context) for name, cell in zip(names, row.outputs, strict=True)}
        except FeelError as why:
            return why
        return Hit(row.number, row.written.id, row.written.reason, outputs)


def _values(names: frozenset[str]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """Make the function that takes the values of these names."""
    wanted = sorted(names)
    if not wanted:
        return lambda _context: ()
    take = itemgetter(*wanted)
    return take if len(wanted) > 1 else lambda context: (take(context),)


def _places(rows: int) -> list[int]:
    """List the places of the bits that are set."""
    return [place for place in range(rows.bit_length()) if rows >> place & 1]
