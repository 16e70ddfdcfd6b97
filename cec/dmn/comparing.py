"""What rows of a table are to each other, in words: never met, met together, added up; and what no row meets."""

from collections.abc import Iterator
from dataclasses import replace

from cec.dmn.additions import Addition, additions
from cec.dmn.plainness import plain
from cec.dmn.problems import Problem
from cec.dmn.reading import Table
from cec.dmn.shadows import Grids, TooEntangled
from cec.feel.conversions import text_of
from cec.platform.i18n import gettext as _

_PAIRS = {
    "covered": lambda: _("this row never hits: row {earlier} is met whenever it is"),
    "together": lambda: _("this row and row {earlier} can hit together"),
    "same": lambda: _("this row asks the same as row {earlier}"),
}
# Of these one expects an answer in every case.
_ANSWERING = frozenset({"UNIQUE", "FIRST", "ANY", "PRIORITY"})


def compare(table: Table) -> Iterator[Problem]:
    """Find rows that can never hit, that hit together where one answer is allowed or all count, and what none meets.

    Rows that are switched off are left out; the others keep their numbers.
    """
    if not table.live or not table.inputs:
        return
    numbers = list(table.live)
    table = replace(table, rows=tuple(table.live.values()))
    grids = Grids(table)
    for pair in grids.pairs():
        later, earlier = numbers[pair.later], numbers[pair.earlier]
        message = _PAIRS[pair.kind]().format(earlier=earlier)
        sample = plain(pair.sample)
        yield Problem(later, "", "", message, is_error=pair.kind == "together", sample=sample, others=(earlier,))
    if table.hit_policy == "COLLECT" and table.aggregation == "SUM":
        yield from (_added(addition, numbers) for addition in additions(grids))
    if table.hit_policy in _ANSWERING and not any(output.default for output in table.outputs):
        yield from _gap(grids)


def _added(addition: Addition, numbers: list[int]) -> Problem:
    wider = tuple(numbers[row] for row in addition.wider)
    if len(wider) == 1:
        message = _("whenever this row is met, so is row {rows}: together {total}")
    else:
        message = _("whenever this row is met, so are rows {rows}: together {total}")
    rows, total = ", ".join(map(str, wider)), text_of(addition.total)
    message = message.format(rows=rows, total=total)
    number = numbers[addition.row]
    return Problem(number, "", "", message, is_error=False, sample=plain(addition.sample), others=wider)


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
