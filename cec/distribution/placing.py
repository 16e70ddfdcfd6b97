"""How a client who waits stands, for automatic answers: his place in the lane, and about how long it will take.

What cannot be told honestly is not told: nothing of a queue from which anybody takes what he likes, no time outside its
hours or when too little was taken lately (guide 5.6).
"""

import datetime as dt

from sqlalchemy import text

from cec.appeals import auto_answering
from cec.appeals.auto_answering import Occasion
from cec.appeals.models import Appeal, Status
from cec.platform import clock, durations
from cec.platform.db import db
from cec.queues import calendars
from cec.queues.models import Strategy
from cec.replies import auto_replies

# The pace is that of the last so many that were taken within so long; of fewer nothing follows, nor for longer ahead.
LATELY, MOST, LEAST = dt.timedelta(hours=1), 20, 5
FARTHEST = dt.timedelta(hours=4)

_AHEAD = text("""
    SELECT count(*) FROM appeal WHERE lane_id = :lane AND status = 'queued' AND preferred_operator_id IS NULL
    AND (rank_at, id) < (:rank_at, :id)""")
# What came back to its owner did not come from the queue.
_TAKEN = text("""
    SELECT count(*), min(t.accepted_at) FROM (
        SELECT r.accepted_at FROM assignment r JOIN appeal a ON a.id = r.appeal_id AND a.lane_id = :lane
        WHERE r.offered_at > :since AND r.accepted_at IS NOT NULL AND r.queue_id = :queue AND NOT r.why ? 'owner'
        ORDER BY r.accepted_at DESC LIMIT :most) t""")


def find_ahead(appeal: Appeal) -> int | None:
    """Count how many go before an appeal in its lane; none if it does not wait in turn."""
    if appeal.status != Status.QUEUED or appeal.queue is None or appeal.queue.strategy == Strategy.BROADCAST:
        return None
    place = {"lane": appeal.lane_id, "rank_at": appeal.rank_at, "id": appeal.id}
    return int(db.session.scalar(_AHEAD, place) or 0)


def find_wait(appeal: Appeal) -> dt.timedelta | None:
    """Tell how long an appeal will wait at the pace at which its lane was served lately; none if that says nothing."""
    ahead, now = find_ahead(appeal), clock.now()
    if ahead is None or appeal.queue is None:
        return None
    if appeal.queue.calendar and not calendars.is_open(appeal.queue.calendar, now):
        return None
    asked = {"lane": appeal.lane_id, "queue": appeal.queue_id, "since": now - LATELY, "most": MOST}
    taken, first = db.session.execute(_TAKEN, asked).one()
    if taken < LEAST:
        return None
    expected: dt.timedelta = (now - first) / taken * (ahead + 1)
    return expected if expected <= FARTHEST else None


@auto_answering.tells(auto_replies.POSITION)
def say_position(occasion: Occasion) -> str:
    """Say the place of an appeal in its lane, the next one being 1."""
    ahead = find_ahead(occasion.appeal)
    return "" if ahead is None else str(ahead + 1)


@auto_answering.tells(auto_replies.WAIT)
def say_wait(occasion: Occasion) -> str:
    """Say about how long an appeal will wait."""
    expected = find_wait(occasion.appeal)
    return "" if expected is None else durations.about(expected)
