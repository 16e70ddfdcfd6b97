"""The target of a queue changes: those who wait get new places, in short steps that claims pass by (guide 5.1)."""

from sqlalchemy import text

from cec.platform import journal, live, work
from cec.platform.db import db
from cec.queues import prioritizing

BATCH = 5_000
_PLACE = prioritizing.PLACE.format(points="a.points")
_AMISS = f"""
    a.queue_id = :queue AND a.status = 'queued' AND a.enqueued_at IS NOT NULL
    AND abs(extract(epoch FROM a.rank_at - ({_PLACE}))) > 0.001"""
_ANY = text(f"SELECT EXISTS (SELECT 1 FROM appeal a JOIN queue q ON q.id = a.queue_id WHERE {_AMISS})")  # noqa: S608
_STEP = text(f"""
    WITH amiss AS MATERIALIZED (
        SELECT a.id, {_PLACE} AS place FROM appeal a JOIN queue q ON q.id = a.queue_id
        WHERE {_AMISS} AND a.id > :after ORDER BY a.id LIMIT :batch FOR UPDATE OF a SKIP LOCKED),
    moved AS (
        UPDATE appeal a SET rank_at = amiss.place FROM amiss WHERE a.id = amiss.id RETURNING a.id)
    SELECT max(id) FROM moved""")  # noqa: S608 - our own words


@journal.on("queue.changed")
def _look(entry: journal.Entry) -> None:
    db.session.flush()
    queue_id = int(entry.subject.partition(":")[2])
    if db.session.scalar(_ANY, {"queue": queue_id, **prioritizing.OF_PLACE}):
        work.enqueue("appeals.rerank", queue_id=queue_id)


@work.handler("appeals.rerank")
def rerank(queue_id: int, after: int = 0) -> None:
    """Give so many of those who wait in a queue their new places, then leave the next ones to be done.

    What somebody has in hand at this moment is passed by and found in the next round.
    """
    facts = {"queue": queue_id, "after": after, "batch": BATCH, **prioritizing.OF_PLACE}
    last = db.session.scalar(_STEP, facts)
    if last is not None:
        work.enqueue("appeals.rerank", queue_id=queue_id, after=last)
    elif after:
        work.enqueue("appeals.rerank", queue_id=queue_id)
    live.wake("distribution")
