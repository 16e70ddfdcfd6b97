"""An appeal enters a queue: which one, with how many points, at which place (guide 5.2)."""

import datetime as dt
from typing import Any

from sqlalchemy import text

from cec.appeals import facts, lifecycle, rule_errors
from cec.appeals.models import Appeal, Status
from cec.appeals.opening import Opened
from cec.platform import clock, journal, live
from cec.platform.db import db
from cec.platform.i18n import mark
from cec.queues import calendars, diverting, lanes, prioritizing
from cec.queues.diverting import Diversion
from cec.queues.models import Lane, Queue

PREFERRED_WITHIN = dt.timedelta(hours=24)
# "Never" for a timer that must have a date (CORE 3).
NEVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
OF_ACCOUNT = mark("The account it came in at has this queue")


def route(appeal: Appeal, routing: dict[str, Any]) -> None:
    """Choose the queue that the table `routing` names; the default queue takes what no row names.

    Outside its hours, and when as many wait there as may, another one takes its place.
    """
    skills = routing.get("skills") or []
    # What comes in at an account that has a queue of its own goes there.
    own = appeal.account.config.get("queue")
    queue, lane = lanes.find(own or routing.get("queue"), appeal.channel, skills)
    way = diverting.divert(queue, clock.now(), is_full)
    if way:
        queue = way[-1].into
        lane = lanes.open_lane(queue, appeal.channel, skills)
    _place(appeal, queue, lane)
    diverted = [_told(step) for step in way]
    verdict = {**routing["verdict"], **({"diverted": diverted} if diverted else {})}
    if own:
        verdict["rows"] = [{"row": None, "reason": OF_ACCOUNT, "outputs": {"queue": own}}]
    _note(appeal, "routing", verdict)
    for step in diverted:
        journal.note("appeal.diverted", appeal.key, by="system", **step)
    appeal.due_resolution = calendars.due(queue, clock.now(), queue.resolve_within)
    _prefer_the_last_operator(appeal)


def _told(step: Diversion) -> dict[str, Any]:
    """Put a step of the way into facts: closed, or how many could wait."""
    why = {"closed": True} if step.is_closed else {"longest": step.left.longest}
    return {"from": step.left.name, "into": step.into.name, **why}


def _place(appeal: Appeal, queue: Queue, lane: Lane) -> None:
    appeal.queue, appeal.queue_id = queue, queue.id
    appeal.lane_id = lane.id


# One index each; no more is read than the limit.
_WAITING = text("""
    SELECT count(*) FROM (
        (SELECT 1 FROM lane l JOIN appeal a ON a.lane_id = l.id AND a.status = 'queued'
         AND a.preferred_operator_id IS NULL WHERE l.queue_id = :queue LIMIT :most)
        UNION ALL
        (SELECT 1 FROM appeal a JOIN lane l ON l.id = a.lane_id AND l.queue_id = :queue
         WHERE a.status = 'queued' AND a.preferred_operator_id IS NOT NULL LIMIT :most)) waiting""")


def is_full(queue: Queue) -> bool:
    """Tell whether as many wait in a queue as may."""
    if queue.longest is None:
        return False
    waiting: int = db.session.scalar(_WAITING, {"queue": queue.id, "most": queue.longest}) or 0
    return waiting >= queue.longest


def _prefer_the_last_operator(appeal: Appeal) -> None:
    """Prefer who served this client last; an appeal he cannot have soon is released to everybody."""
    past = facts.past_of(appeal)
    if appeal.preferred_operator_id is None and past.closed_at and past.closed_at >= clock.now() - PREFERRED_WITHIN:
        appeal.preferred_operator_id = past.operator_id
    if appeal.preferred_operator_id and appeal.queue:
        appeal.preferred_until = clock.now() + appeal.queue.sticky


def enqueue(appeal: Appeal, prioritization: dict[str, Any]) -> dict[str, str]:
    """Put an appeal into its queue with its points; tells when it escalates if nobody has answered by then."""
    queue, now = appeal.queue, clock.now()
    if queue is None:
        message = f"{appeal.key} has no queue"
        raise RuntimeError(message)
    appeal.points = int(prioritization.get("points") or 0)
    _note(appeal, "prioritization", prioritization["verdict"])
    # The first arrival counts for the place in the queue, also after a transfer (SPEC 3.7.2).
    again = {"again": True} if appeal.enqueued_at else {}
    appeal.enqueued_at = appeal.enqueued_at or now
    appeal.rank_at = _rank(appeal, appeal.enqueued_at, queue)
    lifecycle.move(appeal, Status.QUEUED)
    appeal.operator_id = None
    expect_answer(appeal, now)
    journal.record("appeal.queued", appeal.key, by="system", queue=queue.name, points=appeal.points, **again)
    live.wake("distribution")
    return {"escalate_at": (appeal.due_response or NEVER).isoformat()}


def _rank(appeal: Appeal, arrived_at: dt.datetime, queue: Queue) -> dt.datetime:
    """Give the place of an appeal; each escalation is worth a whole target."""
    return prioritizing.rank_at(arrived_at, appeal.points, queue.target) - queue.target * (appeal.escalation or 0)


def add_points(appeal: Appeal, points: int, reason: str) -> None:
    """Give a waiting appeal points beside those of the table; its place moves by what they are worth."""
    if appeal.queue is None or appeal.rank_at is None:
        return
    before = prioritizing.rank_at(appeal.rank_at, appeal.points, appeal.queue.target)
    after = prioritizing.rank_at(appeal.rank_at, appeal.points + points, appeal.queue.target)
    appeal.points, appeal.rank_at = appeal.points + points, appeal.rank_at + (after - before)
    verdict = appeal.verdicts.get("prioritization", {})
    rows = [*verdict.get("rows", []), {"row": None, "reason": reason, "outputs": {"points": points}}]
    appeal.verdicts = {**appeal.verdicts, "prioritization": {**verdict, "rows": rows}}


def expect_answer(appeal: Appeal, since: dt.datetime) -> None:
    """Set the moment by which the client should have an answer, if he waits for one and it is not set."""
    if appeal.due_response or not appeal.queue or not client_waits(appeal):
        return
    within = appeal.queue.next_response if appeal.first_reply_at else appeal.queue.first_response
    appeal.due_since, appeal.due_response = since, calendars.due(appeal.queue, since, within)


def client_waits(appeal: Appeal | Opened) -> bool:
    """Tell whether the last public word is the client's."""
    return appeal.last_client_message_id is not None and appeal.last_client_message_id == appeal.last_message_id


def move_over(appeal: Appeal, *, by: str) -> None:
    """Let an appeal wait in the default queue instead of its own, which is closed; its client's time counts on."""
    if appeal.queue is None or appeal.lane is None or appeal.enqueued_at is None:
        return
    left = appeal.queue
    wishes = (wish + lanes.WISH for wish in appeal.lane.wishes)
    queue, lane = lanes.find(None, appeal.channel, [*appeal.lane.skills, *wishes])
    _place(appeal, queue, lane)
    appeal.rank_at = _rank(appeal, appeal.enqueued_at, queue)
    lifecycle.touch(appeal)
    facts = {"from": left.name, "into": queue.name}
    journal.record("appeal.rerouted", appeal.key, by=by, **facts)
    live.wake("distribution")


def escalate(appeal: Appeal, measures: dict[str, Any]) -> None:
    """Nobody answered in time: move to the front as the table says, and tell; once, however often it fires."""
    if "verdict" in measures:
        _note(appeal, "escalation", measures["verdict"])
    targets, tell = int(measures.get("targets") or 0), bool(measures.get("tell"))
    if appeal.escalation or not (targets or tell):
        return
    appeal.escalation = targets
    if appeal.rank_at and appeal.queue:
        appeal.rank_at -= appeal.queue.target * targets
    lifecycle.touch(appeal)
    journal.record("appeal.escalated", appeal.key, by="timer", level=targets, tell=tell)
    live.wake("distribution")


def _note(appeal: Appeal, table: str, verdict: dict[str, Any]) -> None:
    """Keep with the appeal which version and rows spoke; raise to the administrator what could not be worked out."""
    appeal.verdicts = {**appeal.verdicts, table: verdict}
    rule_errors.raise_(table, verdict, appeal)
