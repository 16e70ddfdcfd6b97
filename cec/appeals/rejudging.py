"""Points of those who wait by the table that judges now: a preview of who moves, and the act (guide 5.2).

An appeal is judged by the facts with which it entered its queue; points that it was given beside the table stay. It is
done in short steps that claims pass by: nobody is held while he is judged, and only those of whom the table says
something else are written. Whom somebody has in hand at that moment is found in the next round. Those who came early
and those who came late are two halves, judged beside each other.
"""

import datetime as dt
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Row, text

from cec.appeals.judging_anew import Anew, Result
from cec.platform import clock, journal, live, work
from cec.platform.db import db
from cec.queues import prioritizing
from cec.queues.models import Queue
from cec.rulebook import files, tables
from cec.rulebook.trying import try_many

TABLE = "prioritization"
SUBJECT = f"rules:{TABLE}"
BATCH = 2_500
# Who came a little before it began may have been judged by the table of before.
MARGIN = dt.timedelta(minutes=1)
PAUSE = dt.timedelta(seconds=1)
# A preview judges about so many: of more that wait every second one, every third…, and tells that it is an estimate.
LOOKED_AT = 5_000
SHOWN = 10
_SOME = "a.id % :step = 0"
_OF_A_HALF = "a.id <= :until"
# Who was in somebody's hand when it was his turn, and who has come since it began.
_AGAIN = f"{_OF_A_HALF} AND (a.id = ANY(:only) OR a.enqueued_at >= :begun)"
_MIDDLE = text("SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY id) FROM appeal WHERE status = 'queued'")
LAST_ID = 2**31 - 1
# Nobody is waited for, and what has moved on meanwhile is not touched; gives who was written.
_WRITE = text(f"""
    WITH j AS MATERIALIZED (
        SELECT * FROM unnest(
            CAST(:ids AS int[]), CAST(:versions AS int[]), CAST(:points AS int[]), CAST(:said AS int[])
        ) AS j (id, version, points, said)),
    said AS MATERIALIZED (
        SELECT number, verdict
        FROM jsonb_array_elements(CAST(:verdicts AS jsonb)) WITH ORDINALITY AS v (verdict, number)),
    free AS MATERIALIZED (
        SELECT a.id, a.ctid FROM appeal a JOIN j ON j.id = a.id AND j.version = a.version
        WHERE a.id = ANY(CAST(:ids AS int[])) AND a.status = 'queued'
        ORDER BY a.id FOR NO KEY UPDATE OF a SKIP LOCKED)
    UPDATE appeal a
    SET points = j.points, rank_at = {prioritizing.PLACE.format(points="j.points")},
        verdicts = jsonb_set(a.verdicts, '{{prioritization}}', said.verdict)
    FROM j JOIN free USING (id) JOIN said ON said.number = j.said, queue q
    WHERE a.ctid = free.ctid AND q.id = a.queue_id
    RETURNING a.id""")  # noqa: S608 - our own words
_COUNT = text("""
    SELECT count(*) AS waiting, count(*) FILTER (WHERE facts IS NULL) AS unknown FROM appeal WHERE status = 'queued'""")


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
    anew = Anew(tables.judge_many(TABLE) if written is None else try_many(TABLE, written))
    queues = dict(iter(db.session.execute(db.select(Queue.id, Queue.name))))
    after = 0
    while rows := anew.find(_SOME, BATCH, after, step=seen.step):
        for row in rows:
            points = anew.judge(row).points
            if points != row.points:
                seen.note(Move(row.number, queues[row.queue_id], row.points, points))
        after = rows[-1].id
    return seen


def begin(*, by: str) -> None:
    """Let those who wait be judged anew."""
    begun = clock.now().isoformat()
    middle = db.session.scalar(_MIDDLE) or 0
    halves = [Round(by, begun, 0, middle), Round(by, begun, middle, LAST_ID)]
    journal.record("rules.rejudging_begun", SUBJECT, by=by, begun=begun, halves=len(halves))
    for half in halves:
        work.enqueue("appeals.rejudge", **vars(half))


@dataclass
class Round:
    """How far the judging of one half has come: what a piece of its work is told."""

    by: str
    begun: str
    # The half: after which appeal it begins and with which it ends.
    above: int
    until: int
    # How far it has come.
    after: int = 0
    # Whom to look at besides those who came since it began; none: everybody, in the first round.
    only: list[int] | None = None
    # Who was in somebody's hand when he was to be written; and how many have moved in all rounds.
    missed: list[int] = field(default_factory=list)
    moved: int = 0

    def look(self, anew: Anew) -> Sequence[Row[Any]]:
        """Read the next of those whom this round looks at."""
        if self.only is None:
            return anew.find(_OF_A_HALF, BATCH, max(self.above, self.after), until=self.until)
        since = dt.datetime.fromisoformat(self.begun) - MARGIN
        told = {"until": self.until, "only": self.only, "begun": since}
        return anew.find(_AGAIN, BATCH, max(self.above, self.after), **told)


@work.handler("appeals.rejudge")
def rejudge(**told: Any) -> None:
    """Judge so many of a half, then leave the next ones to be done; its last round tells how many moved."""
    here = Round(**told)
    anew = _by_the_table_of_now()
    seen = here.look(anew)
    if seen:
        _write(_changed(anew, seen), here)
        here.after = seen[-1].id
        work.enqueue("appeals.rejudge", **vars(here))
        live.wake("distribution")
    elif here.only is None or here.missed:
        pause = PAUSE if here.only is not None else dt.timedelta()
        here.only, here.after, here.missed = here.missed, 0, []
        work.enqueue("appeals.rejudge", at=clock.now() + pause, **vars(here))
    else:
        journal.record("rules.rejudged", SUBJECT, by=here.by, begun=here.begun, moved=here.moved)


_kept = threading.local()


def _by_the_table_of_now() -> Anew:
    """Give who judges by the table that judges now; the cases of one piece of the work are known to the next one."""
    stamp = files.current_stamp(TABLE)
    anew: Anew | None = getattr(_kept, "anew", None)
    if anew is None or _kept.stamp != stamp or not anew.is_worth_keeping:
        anew = Anew(tables.judge_many(TABLE))
        _kept.stamp, _kept.anew = stamp, anew
    return anew


@dataclass(frozen=True)
class Last:
    """Who let those who wait be judged anew, and when that began or was over."""

    by: str
    at: dt.datetime
    # None while it goes on.
    moved: int | None


def last() -> Last | None:
    """Tell of the last time that those who wait were judged anew."""
    found = journal.history(SUBJECT, names=["rules.rejudging_begun"], limit=1)
    if not found:
        return None
    begun = found[0]
    # One that was begun before may end after it.
    told = journal.history(SUBJECT, names=["rules.rejudged"])
    over = [half for half in told if half.facts.get("begun") == begun.facts.get("begun")]
    if len(over) < begun.facts.get("halves", 1):
        return Last(begun.by, begun.at, None)
    return Last(begun.by, over[-1].at, sum(half.facts["moved"] for half in over))


def _changed(anew: Anew, seen: Sequence[Row[Any]]) -> list[tuple[Row[Any], Result]]:
    """Find those of whom the table says something else than before."""
    judged = [(row, anew.judge(row)) for row in seen]
    return [(row, result) for row, result in judged if result.is_other or result.points != row.points]


def _write(changed: list[tuple[Row[Any], Result]], here: Round) -> None:
    """Write them, all in one statement; each verdict goes over once."""
    if not changed:
        return
    said = {id(result): result for _row, result in changed}
    numbers = {key: number for number, key in enumerate(said, 1)}
    told = {
        "ids": [row.id for row, _result in changed],
        "versions": [row.version for row, _result in changed],
        "points": [result.points for _row, result in changed],
        "said": [numbers[id(result)] for _row, result in changed],
        "verdicts": orjson.dumps([result.kept for result in said.values()]).decode(),
    }
    written = set(db.session.scalars(_WRITE, {**told, **prioritizing.OF_PLACE}))
    here.moved += sum(row.id in written and row.points != result.points for row, result in changed)
    here.missed += [row.id for row, _result in changed if row.id not in written]
