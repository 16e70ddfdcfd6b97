"""Up for taking: the appeals of a broadcast queue are offered to nobody, the first who takes one has it (guide 3.1)."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import text

from cec.appeals import lifecycle
from cec.appeals.models import Appeal, Status
from cec.distribution import capacity, returning
from cec.distribution.models import Capacity, OperatorLane
from cec.platform import clock, journal, live
from cec.platform.db import db
from cec.platform.errors import Refusal
from cec.queues.models import Strategy
from cec.staff.models import Employee
from cec.staff.readers import Person

# So many are shown, the first ones of all his lanes.
MOST = 20


class TakenAlready(Refusal):
    """{who} has taken this appeal already."""


class NotUpForTaking(Refusal):
    """This appeal is not up for taking any more."""


class NoRoom(Refusal):
    """You have no room for it: finish something first."""


class NotActive(Refusal):
    """Become active first: your status does not take appeals."""


class NotYourQueue(Refusal):
    """This queue is not one of yours."""


@dataclass(frozen=True)
class UpForTaking:
    """An appeal that an operator may take."""

    id: int
    channel: str
    queue: str
    name: str
    segment: str | None
    words: str
    since: dt.datetime


_LIST = text("""
    SELECT h.id, l.channel, q.name AS queue, coalesce(c.name, nullif(ad.display, ''), ad.value) AS name, c.segment,
           left(coalesce(m.fresh_text, m.text, h.subject), 200) AS words, h.enqueued_at AS since
    FROM operator_lane ol
    JOIN lane l ON l.id = ol.lane_id
    JOIN queue q ON q.id = l.queue_id AND q.strategy = 'broadcast'
    CROSS JOIN LATERAL (
        SELECT a.id, a.subject, a.rank_at, a.enqueued_at, a.address_id, a.client_id, a.last_message_id FROM appeal a
        WHERE a.lane_id = l.id AND a.status = 'queued' AND a.preferred_operator_id IS NULL
          AND a.rank_at <= CASE WHEN ol.share = 0 THEN 'infinity' ELSE :now - q.target * ol.share END
        ORDER BY a.rank_at, a.id LIMIT :most) h
    JOIN address ad ON ad.id = h.address_id
    LEFT JOIN client c ON c.id = h.client_id
    LEFT JOIN message m ON m.id = h.last_message_id
    WHERE ol.employee_id = :employee
    ORDER BY q.tier, urgency(q.weight, :now - h.rank_at, q.target) DESC, h.id LIMIT :most""")


def up_for_taking(employee: Person) -> list[UpForTaking]:
    """List what an operator may take, the most urgent first: one statement."""
    rows = db.session.execute(_LIST, {"employee": employee.id, "now": clock.now(), "most": MOST})
    return [UpForTaking(*row) for row in rows]


def take(appeal_id: int, *, by: Employee) -> Appeal:
    """Take an appeal of a broadcast queue into work; of two who take it at once one has it, the other is told who.

    :raises TakenAlready: says who was first.
    :raises NotUpForTaking: when it has gone elsewhere.
    :raises NotYourQueue: when he does not serve its lane, or not yet.
    :raises NotActive: when his status takes no appeals.
    :raises NoRoom: when it would be more than he can hold.
    """
    appeal = lifecycle.lock(appeal_id)
    _must_be_up(appeal, by)
    room, weight = db.session.get(Capacity, by.id), appeal.lane.units if appeal.lane else 1
    if room is None or not room.receiving:
        raise NotActive
    if not capacity.take(by.id, appeal.channel, weight):
        raise NoRoom
    appeal.operator_id = by.id
    returning.assign_at_once(appeal, by.id, weight, {"taken": True})
    lifecycle.move(appeal, Status.IN_WORK)
    journal.record("appeal.accepted", appeal.key, by=by.key, taken=True)
    return appeal


def _must_be_up(appeal: Appeal, by: Employee) -> None:
    if appeal.operator and appeal.status in {Status.OFFERED, Status.IN_WORK}:
        raise TakenAlready(who=appeal.operator.name)
    is_broadcast = appeal.queue is not None and appeal.queue.strategy == Strategy.BROADCAST
    kept = appeal.preferred_operator_id not in {None, by.id}
    if appeal.status != Status.QUEUED or not is_broadcast or kept or (appeal.lane and appeal.lane.exclusive):
        raise NotUpForTaking
    served = db.session.get(OperatorLane, (by.id, appeal.lane_id))
    if served is None or not appeal.queue or not appeal.rank_at:
        raise NotYourQueue
    if served.share and clock.now() - appeal.rank_at < appeal.queue.target * served.share:
        raise NotYourQueue


_WHO_SEES = text("""
    SELECT DISTINCT ol.employee_id FROM operator_lane ol
    JOIN capacity c ON c.employee_id = ol.employee_id AND c.receiving
    WHERE ol.lane_id = ANY (:lanes) ORDER BY 1""")


def tell(lanes: Iterable[int]) -> None:
    """Let the lists of those who may take from these lanes be drawn anew, once the transaction stands."""
    for employee_id in db.session.scalars(_WHO_SEES, {"lanes": list(lanes)}):
        live.announce("worklist", f"employee:{employee_id}")


@journal.on(
    "appeal.queued", "appeal.returned", "appeal.declined", "appeal.missed", "appeal.rerouted", "appeal.accepted"
)
def _changed(entry: journal.Entry) -> None:
    appeal = db.session.get(Appeal, int(entry.subject.partition(":")[2]))
    if appeal and appeal.lane_id and appeal.queue and appeal.queue.strategy == Strategy.BROADCAST:
        tell([appeal.lane_id])
