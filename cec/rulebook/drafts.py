"""The draft of a table: begun with the first change, saved with every one, seen by all who may write it (guide 5.2)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace as with_
from typing import NamedTuple

from cec.dmn import sheets
from cec.dmn.sheets import Head, Sheet
from cec.dmn.turns import in_turns
from cec.platform import clock, journal, live
from cec.platform.db import db
from cec.platform.errors import Refusal
from cec.rulebook import files, steps
from cec.rulebook.models import RulesDraft
from cec.rulebook.steps import Step


class DraftChanged(Refusal):
    """Somebody has changed this table since you last saw it. What you typed is still here."""


class DraftGone(Refusal):
    """This draft is there no more: it was published or thrown away meanwhile."""


class Hand(NamedTuple):
    """Who had a hand in a draft, and when."""

    by: str
    at: dt.datetime


# What ends a draft.
_ENDS = ("rules.published", "rules.planned", "rules.draft_discarded")


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
    return Sheet(sheets.head_of(draft.head), tuple(map(sheets.line_of, in_turns(draft.rows))))


def find_head(name: str) -> Head | None:
    """Give the columns of the draft of a table, if there is one, without its rows."""
    found = db.session.scalar(db.select(RulesDraft.head).where(RulesDraft.name == name))
    return None if found is None else sheets.head_of(found)


def change(name: str, wanted: Sequence[Step], *, revision: int, by: str) -> RulesDraft:
    """Take steps; the first of a table begins its draft (its revision is then 0).

    :raises DraftChanged: when somebody else changed it since this revision.
    :raises DraftGone: when it was published or thrown away since.
    :raises Invalid: when a step does not fit, or makes the table larger than it may be.
    """
    draft = _begun(name, by=by) if revision == 0 else get(name, revision=revision)
    return _saved(draft, steps.apply(sheet_of(draft), wanted), by=by)


def replace(name: str, sheet: Sheet, *, revision: int, by: str) -> RulesDraft:
    """Put a whole table in place of the draft: from a file, with other columns, or over what another wrote.

    :raises Refusal: as `change` does.
    """
    draft = _begun(name, by=by) if revision == 0 else get(name, revision=revision)
    written = steps.apply(with_(sheet, lines=()), [steps.Splice(0, 0, sheet.lines)])
    return _saved(draft, with_(written, lines=sheets.with_ids(written.lines)), by=by)


def last_hand(name: str) -> Hand:
    """Tell who changed the draft of a table last; of one that is gone, who published it or threw it away.

    :raises NoSuchRules: when there is no table of that name.
    """
    draft, current = find(name), files.current(name)
    if draft:
        return Hand(draft.changed_by, draft.changed_at)
    ended = journal.history(f"rules:{name}", names=_ENDS, limit=1)
    return Hand(ended[0].by, ended[0].at) if ended else Hand(current.created_by, current.created_at)


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
    sheet, now = sheets.of_text(base.text), clock.now()
    draft = RulesDraft(
        name=name, base_version=base.version, head=sheet.head.facts(), rows=[line.facts() for line in sheet.lines],
        revision=0, begun_at=now, begun_by=by, changed_at=now, changed_by=by,
    )  # fmt: skip
    db.session.add(draft)
    journal.record("rules.draft_begun", f"rules:{name}", by=by, base=base.version)
    return draft


def _saved(draft: RulesDraft, sheet: Sheet, *, by: str) -> RulesDraft:
    draft.head, draft.rows = sheet.head.facts(), [line.facts() for line in in_turns(sheet.lines)]
    draft.revision += 1
    draft.changed_at, draft.changed_by = clock.now(), by
    db.session.flush()
    live.announce("rules.draft_saved", f"rules:{draft.name}")
    return draft
