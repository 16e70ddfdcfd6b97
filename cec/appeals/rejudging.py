"""Points of those who wait by the table that judges now: a preview of who moves, and the act (guide 5.2).

An appeal is judged by the facts with which it entered its queue; points that it was given beside the table stay. It is
done in short steps that claims pass by: nobody is held while he is judged, and only those of whom the table says
something else are written. Whom somebody has in hand at that moment is found in the next round.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Row, text

from cec.appeals import facts
from cec.channels.email import quoting
from cec.platform import clock, journal, live, work
from cec.platform.db import db
from cec.queues import prioritizing
from cec.rulebook import inputs, tables
from cec.rulebook.trying import try_out

TABLE = "prioritization"
SUBJECT = f"rules:{TABLE}"
BATCH = 2_500
# Who came a little before it began may have been judged by the table of before.
MARGIN = dt.timedelta(minutes=1)
PAUSE = dt.timedelta(seconds=1)
# A preview judges about so many: of more that wait every second one, every third…, and tells that it is an estimate.
LOOKED_AT = 5_000
SHOWN = 10
_WAITING = """
    SELECT a.id, a.number, a.points, a.escalation, a.enqueued_at, a.subject, a.facts, q.name AS queue, q.target,
           a.verdicts -> 'prioritization' AS verdict, ad.normalised AS address,
           (SELECT left(coalesce(m.fresh_text, m.text, ''), :longest) FROM message m
            WHERE m.appeal_id = a.id AND m.direction = 'in' ORDER BY m.id LIMIT 1) AS words
    FROM appeal a JOIN queue q ON q.id = a.queue_id JOIN address ad ON ad.id = a.address_id
    WHERE a.status = 'queued' AND a.facts IS NOT NULL AND a.id > :after AND a.id % :step = 0 {which}
    ORDER BY a.id LIMIT :batch"""
_LOOK = text(_WAITING.format(which=""))
# Who was in somebody's hand when it was his turn, and who has come since it began.
_LOOK_AGAIN = text(_WAITING.format(which="AND (a.id = ANY(:only) OR a.enqueued_at >= :begun)"))
# Nobody is waited for, and what has moved on meanwhile is not touched; gives who was written.
_WRITE = text("""
    WITH j AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(CAST(:judged AS jsonb))
            AS j (id int, points int, rank_at timestamptz, verdict jsonb)),
    free AS MATERIALIZED (
        SELECT id FROM appeal WHERE id IN (SELECT id FROM j) AND status = 'queued' ORDER BY id
        FOR NO KEY UPDATE SKIP LOCKED)
    UPDATE appeal a
    SET points = j.points, rank_at = j.rank_at, verdicts = jsonb_set(a.verdicts, '{prioritization}', j.verdict)
    FROM j JOIN free USING (id) WHERE a.id = j.id
    RETURNING a.id""")
_COUNT = text("""
    SELECT count(*) AS waiting, count(*) FILTER (WHERE facts IS NULL) AS unknown FROM appeal WHERE status = 'queued'""")

# What a text says of some facts: its points, and what is kept with the appeal.
Judge = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Move:
    """An appeal that gets other points."""

    number: str
    queue: str
    before: int
    after: int


@dataclass
class Preview:
    """How many wait, how many of them move, which way and where; the moves that are largest are shown."""

    waiting: int
    # Came before their facts were kept: they stay where they are.
    unknown: int
    # Each one that was judged stands for so many.
    step: int = 1
    forward: int = 0
    back: int = 0
    by_queue: Counter[str] = field(default_factory=Counter)
    largest: list[Move] = field(default_factory=list)

    @property
    def moved(self) -> int:
        """Give how many move."""
        return self.forward + self.back

    def note(self, move: Move) -> None:
        """Count a move."""
        self.forward += self.step * (move.after > move.before)
        self.back += self.step * (move.after < move.before)
        self.by_queue[move.queue] += self.step
        self.largest = sorted([*self.largest, move], key=lambda one: -abs(one.after - one.before))[:SHOWN]


def preview(written: str | None = None) -> Preview:
    """Tell who would move if those who wait were judged by a text of the table, else by the one that judges now."""
    found = db.session.execute(_COUNT).one()
    seen = Preview(found.waiting, found.unknown, step=max(1, found.waiting // LOOKED_AT))
    judge = _judge if written is None else lambda given: {"outputs": try_out(TABLE, written, given).outputs}
    for row in _walk(seen.step):
        points = _points(row, judge(_given(row)))
        if points != row.points:
            seen.note(Move(row.number, row.queue, row.points, points))
    return seen


def begin(*, by: str) -> None:
    """Let those who wait be judged anew."""
    journal.record("rules.rejudging_begun", SUBJECT, by=by)
    work.enqueue("appeals.rejudge", by=by)


@dataclass
class Round:
    """How far the judging has come: what a piece of its work is told."""

    by: str
    begun: str
    # Whom to look at besides those who came since it began; none: everybody, in the first round.
    only: list[int] | None = None
    after: int = 0
    # Who was in somebody's hand when he was to be written; and how many have moved in all rounds.
    missed: list[int] = field(default_factory=list)
    moved: int = 0


@work.handler("appeals.rejudge")
def rejudge(by: str, begun: str = "", **told: Any) -> None:
    """Judge so many of those who wait, then leave the next ones to be done; the last round tells how many moved."""
    here = Round(by, begun or (clock.now() - MARGIN).isoformat(), **told)
    seen = db.session.execute(_LOOK if here.only is None else _LOOK_AGAIN, {**vars(here), **_facts(here.after)}).all()
    if seen:
        _write(seen, here)
        here.after = seen[-1].id
        work.enqueue("appeals.rejudge", **vars(here))
        live.wake("distribution")
    elif here.only is None or here.missed:
        pause = PAUSE if here.only is not None else dt.timedelta()
        here.only, here.after, here.missed = here.missed, 0, []
        work.enqueue("appeals.rejudge", at=clock.now() + pause, **vars(here))
    else:
        journal.record("rules.rejudged", SUBJECT, by=by, moved=here.moved)


def last() -> journal.Entry | None:
    """Give what is written down of the last time: when it began, or how many moved."""
    found = journal.history(SUBJECT, names=["rules.rejudging_begun", "rules.rejudged"], limit=1)
    return found[0] if found else None


def _walk(step: int) -> Iterator[Row[Any]]:
    after = 0
    while rows := db.session.execute(_LOOK, _facts(after, step)).all():
        yield from rows
        after = rows[-1].id


def _facts(after: int, step: int = 1) -> dict[str, Any]:
    return {"after": after, "step": step, "batch": BATCH, "longest": facts.LONGEST}


def _given(row: Row[Any]) -> dict[str, Any]:
    words = {"subject": row.subject, "text": quoting.unsigned(row.words or "")}
    come = {"address": row.address, "domain": row.address.rpartition("@")[2]}
    return inputs.only_known(TABLE, {**row.facts, **words, **come})


def _judge(given: dict[str, Any]) -> dict[str, Any]:
    return tables.judge(TABLE, given).facts()


def _points(row: Row[Any], verdict: dict[str, Any]) -> int:
    beside = [int(one["outputs"]["points"]) for one in _beside(row)]
    return int(verdict["outputs"].get("points") or 0) + sum(beside)


def _beside(row: Row[Any]) -> list[dict[str, Any]]:
    """Give the points that no row of the table gave: for a lost link of its operator."""
    return [one for one in (row.verdict or {}).get("rows", []) if one["row"] is None]


def _write(seen: Sequence[Row[Any]], here: Round) -> None:
    """Write what the table says of those of whom it says something else than before."""
    judged, points_before = [], {}
    for row in seen:
        verdict = _judge(_given(row))
        points = _points(row, verdict)
        kept = {**verdict, "rows": [*verdict["rows"], *_beside(row)]}
        if points == row.points and _said(kept) == _said(row.verdict or {}):
            continue
        place = prioritizing.rank_at(row.enqueued_at, points, row.target) - row.target * row.escalation
        judged.append({"id": row.id, "points": points, "rank_at": place, "verdict": kept})
        points_before[row.id] = row.points
    written = set(db.session.scalars(_WRITE, {"judged": orjson.dumps(judged).decode()})) if judged else set()
    here.moved += sum(one["id"] in written and one["points"] != points_before[one["id"]] for one in judged)
    here.missed += [one["id"] for one in judged if one["id"] not in written]


def _said(verdict: Mapping[str, Any]) -> list[Any]:
    """Give what a verdict says, whichever version of the table said it."""
    return [verdict.get("rows"), verdict.get("outputs"), verdict.get("errors")]
