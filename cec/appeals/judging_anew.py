"""What the points of those who wait would be by a table: each distinct case judged once (guide 5.2).

Of an appeal only that is read which the table asks: its words stand in its first message, and few tables ask them of
everybody. What was read alike before is not read again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Row, TextClause, text

from cec.appeals import facts
from cec.channels.email import quoting
from cec.dmn.deciding import Many
from cec.platform.db import db
from cec.rulebook import inputs
from cec.rulebook.verdicts import Verdict

_ADDRESS = "(SELECT ad.normalised FROM address ad WHERE ad.id = a.address_id)"
_WORDS = """
    (SELECT left(coalesce(m.fresh_text, m.text, ''), :longest) FROM message m
     WHERE m.appeal_id = a.id AND m.direction = 'in' ORDER BY m.id LIMIT 1)"""
_WAITING = """
    SELECT a.id, a.number, a.queue_id, a.version, a.points,
           CAST(a.facts AS text) AS facts, CAST((a.verdicts -> 'prioritization') - 'version' AS text) AS said,
           {subject} AS subject, {address} AS address, {words} AS words
    FROM appeal a
    WHERE a.status = 'queued' AND a.facts IS NOT NULL AND a.id > :after AND {which}
    ORDER BY a.id LIMIT :batch"""
# Read from where they stand, if the table asks them; all others are kept with the appeal.
_LETTER = {
    "subject": ("a.subject", frozenset({"subject"})),
    "address": (_ADDRESS, frozenset({"address", "domain"})),
    "words": (_WORDS, frozenset({"text"})),
}
# What is judged, of the columns above.
_JUDGED = slice(5, None)
# Of more cases than these the next ones are as a rule not among them.
MOST_KEPT = 5_000


@dataclass(frozen=True, eq=False)
class Result:
    """What the table says of one who waits; the points that he was given beside it stay."""

    said: Verdict
    points: int
    # To be kept with him, and whether it is something else than before.
    kept: dict[str, Any]
    is_other: bool


@dataclass
class Anew:
    """Judges those who wait by a text of the table."""

    many: Many[Verdict]
    _facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    _results: dict[tuple[Any, ...], Result] = field(default_factory=dict)

    @property
    def is_worth_keeping(self) -> bool:
        """Tell whether others may be judged as those before: the clock is not asked, and the cases are few."""
        return self.many.names is not None and len(self._results) <= MOST_KEPT

    def find(self, which: str, batch: int, after: int = 0, **wanted: Any) -> Sequence[Row[Any]]:
        """Read the next of those who wait, by number; `which` is a condition in SQL."""
        told = {"batch": batch, "after": after, "longest": facts.LONGEST, **wanted}
        return db.session.execute(self._look(which), told).all()

    def judge(self, row: Row[Any]) -> Result:
        """Tell what the table says of one who was read."""
        judged = row[_JUDGED]
        result = self._results.get(judged)
        if result is None:
            said = self.many.judge(self._given(row))
            # Of those of whom the same is said one result does. It holds on to what was said, so its id stays its own.
            key = (id(said), row.said)
            result = self._results.get(key) or _result(said, orjson.loads(row.said) if row.said else {})
            self._results[key] = self._results[judged] = result
        return result

    def _look(self, which: str) -> TextClause:
        asked = {column: sql if self._asks(names) else "''" for column, (sql, names) in _LETTER.items()}
        return text(_WAITING.format(**asked, which=which))

    def _asks(self, names: frozenset[str]) -> bool:
        return self.many.names is None or not self.many.names.isdisjoint(names)

    def _given(self, row: Row[Any]) -> dict[str, Any]:
        known = self._facts.get(row.facts)
        if known is None:
            known = self._facts[row.facts] = inputs.only_known("prioritization", orjson.loads(row.facts))
        address = row.address or ""
        come = {"address": address, "domain": address.rpartition("@")[2]}
        return {**known, "subject": row.subject, "text": quoting.unsigned(row.words) if row.words else "", **come}


def _result(said: Verdict, before: dict[str, Any]) -> Result:
    beside = [one for one in before.get("rows", []) if one["row"] is None]
    points = sum(int(one["outputs"]["points"]) for one in beside)
    verdict = said.facts()
    kept = {**verdict, "rows": [*verdict["rows"], *beside]}
    return Result(said, int(said.outputs.get("points") or 0) + points, kept, is_other=_words(kept) != _words(before))


def _words(verdict: dict[str, Any]) -> list[Any]:
    """Give what a verdict says, whichever version of the table said it."""
    return [verdict.get("rows"), verdict.get("outputs"), verdict.get("errors")]
