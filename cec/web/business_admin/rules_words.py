"""The words of the table editor, also those that its script says."""

from typing import Any

from cec.dmn import differences
from cec.dmn.sheets import Head
from cec.platform.i18n import gettext as _
from cec.platform.i18n import mark

POLICIES = {
    "UNIQUE": mark("Of all rows exactly one may be met"),
    "ANY": mark("Rows that are met say the same"),
    "FIRST": mark("The first row that is met decides"),
    "PRIORITY": mark("The most important answer of the rows that are met counts"),
    "RULE ORDER": mark("All rows that are met answer, in their order"),
    "OUTPUT ORDER": mark("All rows that are met answer, the most important first"),
    "COLLECT": mark("All rows that are met answer"),
}
AGGREGATIONS = {
    "SUM": mark("The points of all rows that are met are added up"),
    "COUNT": mark("The rows that are met are counted"),
    "MIN": mark("The least answer of the rows that are met counts"),
    "MAX": mark("The greatest answer of the rows that are met counts"),
}
NOTES = {
    differences.REASON: mark("Explanation"),
    differences.COMMENT: mark("Note"),
    differences.SWITCH: mark("Switched on"),
}
KINDS = {
    differences.Kind.ADDED: ("plus", mark("New row")),
    differences.Kind.REMOVED: ("trash", mark("Removed")),
    differences.Kind.CHANGED: ("edit", mark("Changed")),
    differences.Kind.MOVED: ("arrows-sort", mark("Moved")),
}
EDITOR = {
    "on": mark("On"),
    "reason": mark("Explanation"),
    "note": mark("Note"),
    "row": mark("Row {n}"),
    "row_on": mark("Row {n} is on"),
    "error": mark("Error"),
    "warning": mark("Worth a look"),
    "saving": mark("Saving…"),
    "saved": mark("Saved at {time}"),
    "unsaved": mark("Not saved yet: no link. It is tried again."),
    "refused": mark("Not saved: {why}"),
    "rows": mark("Rows: {n}, on: {on}"),
    "selected": mark("Chosen: {rows} × {columns}"),
    "selected_rows": mark("Rows {from} to {to} are chosen"),
    "copied": mark("Copied: {rows} × {columns}"),
    "pasted": mark("Pasted: {rows} × {columns}"),
    "cut_off": mark("Pasted; columns that did not fit and were left out: {n}"),
    "too_many": mark("A table has up to {n} rows: nothing was pasted"),
    "deleted": mark("Rows deleted: {n}. Ctrl+Z brings them back"),
    "nothing_to_undo": mark("There is nothing to undo"),
    "nothing_to_redo": mark("There is nothing to redo"),
    "undone": mark("Undone"),
    "redone": mark("Done again"),
    "column_added": mark("Column “{title}” is asked from now on. Ctrl+Z takes it away"),
    "column_removed": mark("Column “{title}” is removed with its cells. Ctrl+Z brings it back"),
    "remove_column": mark("Remove the column"),
    "meant": mark("Correct to {text}"),
    "choices": mark("What may stand here"),
}


def policy(head: Head) -> str:
    """Say how the rows of a table make one answer."""
    words = AGGREGATIONS.get(head.aggregation) or POLICIES.get(head.policy)
    return _(words) if words else head.policy


def column(name: str) -> str:
    """Name what changed of a row: a column as people call it, or one of its notes."""
    return _(NOTES.get(name, name))


def value(known: Any) -> str:
    """Say a value of an example."""
    if known is None:
        return _("anything else")
    if isinstance(known, bool):
        return _("yes") if known else _("no")
    return str(known)
