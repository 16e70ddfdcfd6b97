"""Lanes: appeals that the same operators can take."""

from sqlalchemy.dialects.postgresql import insert

from cec.platform import journal
from cec.platform.db import db
from cec.queues.models import Lane, Queue

GROUP = "group:"


def group_skill(code: str) -> str:
    """Name the skill that only the members of a group have: how an appeal is meant for a group."""
    return GROUP + code


def open_lane(queue: Queue, channel: str, skills: list[str]) -> Lane:
    """Find the lane for a queue, a channel and required skills, or open it."""
    wanted = sorted(set(skills))
    same = db.select(Lane).where(Lane.queue_id == queue.id, Lane.channel == channel, Lane.skills == wanted)
    found: Lane | None = db.session.scalars(same).one_or_none()
    if found is not None:
        return found
    opening = insert(Lane).values(queue_id=queue.id, channel=channel, skills=wanted, units=1).on_conflict_do_nothing()
    opened = db.session.execute(opening.returning(Lane.id)).scalar()
    lane: Lane = db.session.scalars(same).one()
    if opened is not None:
        journal.record("lane.opened", f"lane:{lane.id}", by="system", queue=queue.code, channel=channel, skills=wanted)
    return lane
