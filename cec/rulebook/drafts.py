"""The draft of a table: begun with the first change, saved with every one, seen by all who may write it (guide 5.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cec.platform import clock, journal, live
from cec.platform.db import db
from cec.platform.errors import Invalid, Refusal
from cec.rulebook import files, reading, sheets
from cec.rulebook.drawing import MAX_ROWS
from cec.rulebook.models import RulesDraft
from cec.rulebook.sheets import LONGEST_CELL, LONGEST_NOTE, Head, Line, Sheet


class NotATable(Refusal):
    """This file is more than one plain table: it can be looked at here, but not written as a grid."""


class DraftChanged(Refusal):
    """Somebody has changed this table since you last saw it. What you typed is still here."""


class DraftGone(Refusal):
    """This draft is there no more: it was published or thrown away meanwhile."""


class BadChange(Invalid):
    """This change does not fit the table: open the page anew."""

    field = "changes"


class TooManyRows(Invalid):
    """A table has up to {most} rows."""

    field = "changes"


class CellTooLong(Invalid):
    """Row {row}: a cell holds up to {cell} signs, a reason or a note up to {note}."""

    field = "changes"


@dataclass(frozen=True)
class Splice:
    """A change: so many rows from a place (from 0) on go, these come in their stead."""

    at: int
    removed: int
    lines: tuple[Line, ...]


def find(name: str) -> RulesDraft | None:
    """Give the draft of a table, if there is one."""
    return db.session.get(RulesDraft, name)


def get(name: str, *, revision: int) -> RulesDraft:
    """Give the draft as its writer knows it, kept for him until the end of the transaction.

    :raises DraftGone: when there is none any more.
    :raises DraftChanged: when somebody changed it meanwhile.
    """
    files.lock(name)
    draft = db.session.get(RulesDraft, name, populate_existing=True, with_for_update=True)
    if draft is None:
        raise DraftGone
    if draft.revision != revision:
        raise DraftChanged
    return draft


def sheet_of(draft: RulesDraft) -> Sheet:
    """Give what a draft holds."""
    return Sheet(sheets.head_of(draft.head), tuple(map(sheets.line_of, draft.rows)))


def sheet_of_text(text: str) -> Sheet:
    """Give the table of a version.

    :raises NotATable: when it is no plain table.
    """
    sheet = find_sheet(text)
    if sheet is None:
        raise NotATable
    return sheet


def find_sheet(text: str) -> Sheet | None:
    """Give the table of a version, or nothing when it is no plain table."""
    table = sheets.plain_table(reading.read(text))
    return None if table is None else sheets.of_table(table)


def find_head(name: str) -> Head | None:
    """Give the columns of the draft of a table, if there is one, without its rows."""
    found = db.session.scalar(db.select(RulesDraft.head).where(RulesDraft.name == name))
    return None if found is None else sheets.head_of(found)


def change(name: str, splices: Sequence[Splice], *, revision: int, by: str) -> RulesDraft:
    """Change some rows; the first change of a table begins its draft (its revision is then 0).

    :raises DraftChanged: when somebody else changed it since this revision.
    :raises DraftGone: when it was published or thrown away since.
    :raises Invalid: when a change does not fit, or is larger than a table may be.
    """
    draft = _begun(name, by=by) if revision == 0 else get(name, revision=revision)
    rows = list(draft.rows)
    width = len(draft.head["inputs"]) + len(draft.head["outputs"])
    for splice in splices:
        _check(splice, len(rows), width)
        rows[splice.at : splice.at + splice.removed] = [_tidy(line).facts() for line in splice.lines]
    return _saved(draft, rows, by=by)


def replace(name: str, sheet: Sheet, *, revision: int, by: str) -> RulesDraft:
    """Put a whole table in place of the draft: from a file, with other columns, or over what another wrote.

    :raises Refusal: as `change` does.
    """
    draft = _begun(name, by=by) if revision == 0 else get(name, revision=revision)
    width = len(sheet.head.inputs) + len(sheet.head.outputs)
    _check(Splice(0, 0, sheet.lines), 0, width)
    draft.head = sheet.head.facts()
    return _saved(draft, [_tidy(line).facts() for line in sheets.with_ids(sheet.lines)], by=by)


def discard(name: str, *, revision: int, by: str) -> None:
    """Throw the draft away: the table stays as it is.

    :raises Refusal: when somebody changed it meanwhile, or it is gone.
    """
    draft = get(name, revision=revision)
    db.session.delete(draft)
    journal.record("rules.draft_discarded", f"rules:{name}", by=by, base=draft.base_version, rows=len(draft.rows))


def _begun(name: str, *, by: str) -> RulesDraft:
    files.lock(name)
    if db.session.get(RulesDraft, name, populate_existing=True) is not None:
        raise DraftChanged
    base = files.current(name)
    sheet, now = sheet_of_text(base.text), clock.now()
    draft = RulesDraft(
        name=name, base_version=base.version, head=sheet.head.facts(), rows=[line.facts() for line in sheet.lines],
        revision=0, begun_at=now, begun_by=by, changed_at=now, changed_by=by,
    )  # fmt: skip
    db.session.add(draft)
    journal.record("rules.draft_begun", f"rules:{name}", by=by, base=base.version)
    return draft


def _saved(draft: RulesDraft, rows: list[Any], *, by: str) -> RulesDraft:
    if len(rows) > MAX_ROWS:
        raise TooManyRows(most=MAX_ROWS)
    draft.rows, draft.revision = rows, draft.revision + 1
    draft.changed_at, draft.changed_by = clock.now(), by
    db.session.flush()
    live.announce("rules.draft_saved", f"rules:{draft.name}")
    return draft


def _check(splice: Splice, count: int, width: int) -> None:
    fits = 0 <= splice.at <= count and 0 <= splice.removed <= count - splice.at
    if not fits or any(len(line.cells) != width for line in splice.lines):
        raise BadChange
    for number, line in enumerate(splice.lines, splice.at + 1):
        notes = max(len(line.reason), len(line.comment))
        if max(map(len, line.cells), default=0) > LONGEST_CELL or notes > LONGEST_NOTE:
            raise CellTooLong(row=number, cell=LONGEST_CELL, note=LONGEST_NOTE)


def _tidy(line: Line) -> Line:
    cells = tuple(cell.strip() for cell in line.cells)
    return Line(line.id, cells, " ".join(line.reason.split()), " ".join(line.comment.split()), line.is_on)


def head_of(draft: RulesDraft) -> Head:
    """Give the columns of a draft, without its rows."""
    return sheets.head_of(draft.head)
