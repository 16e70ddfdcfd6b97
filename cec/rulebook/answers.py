"""What a decision table can answer at all: the outputs of its rows, as far as they are plain values."""

from dataclasses import replace
from typing import Any

from cec.dmn import covering, reading
from cec.dmn.plainness import plain
from cec.dmn.reading import Table
from cec.feel.compiling import FeelError, FeelSyntaxError, compile_expression
from cec.rulebook import files

# So many rows are set against the earlier ones.
MAX_COMPARED = 300
# An answer that is worked out from the facts: it may be anything.
ANYTHING = object()


def possible(name: str) -> list[dict[str, Any]]:
    """List what the rows of the current version of a table answer, the default answers last.

    Rows that surely never hit are left out. An answer that is not the same for all facts is ANYTHING.
    """
    current = files.find_current(name)
    if current is None:
        return []
    table = reading.read(files.text_of(name, current.sha256)).main(name).table
    if table is None:
        return [{}]
    table = replace(table, rows=tuple(table.live.values()))
    rows = [row.outputs for number, row in enumerate(table.rows) if not _never_hits(table, number)]
    rows.append(tuple(output.default for output in table.outputs))
    names = [output.name for output in table.outputs]
    return [dict(zip(names, map(_value, row), strict=False)) for row in rows]


def _never_hits(table: Table, number: int) -> bool:
    """Tell whether an earlier row is met whenever this one is, where only the first counts."""
    if table.hit_policy != "FIRST" or len(table.rows) > MAX_COMPARED:
        return False
    cells = [covering.cell_of(text) for text in table.rows[number].inputs]
    return any(
        all(map(covering.covers, [covering.cell_of(text) for text in row.inputs], cells)) for row in table.rows[:number]
    )


def _value(text: str) -> Any:
    if not text.strip():
        return None
    try:
        compiled = compile_expression(text)
        return ANYTHING if compiled.names else plain(compiled({}))
    except (FeelError, FeelSyntaxError):
        return ANYTHING
