"""Lanes: appeals that the same operators can take."""

from sqlalchemy import and_, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from cec.platform import journal
from cec.platform.db import db
from cec.queues.models import Lane, Queue

GROUP = "group:"


def group_skill(code: str) -> str:
    """Name the skill that only the members of a group have: how an appeal is meant for a group."""
    return GROUP + code


# The queue of the code, else the default one, else any that is open; and its lane, if it has been opened.
_PLACE = (
    select(Queue, Lane)
    .outerjoin(
        Lane,
        and_(Lane.queue_id == Queue.id, Lane.channel == bindparam("channel"), Lane.skills == bindparam("skills")),
    )
    .where(Queue.is_active)
    .order_by((Queue.code == bindparam("code")).is_(True).desc(), Queue.is_default.desc(), Queue.id)
    .limit(1)
)


def find(code: str | None, channel: str, skills: list[str]) -> tuple[Queue, Lane]:
    """Give the open queue of that code, and its lane; the default queue takes what no other can."""
    with db.session.no_autoflush:
        queue, lane = db.session.execute(
            _PLACE, {"code": code, "channel": channel, "skills": sorted(set(skills))}
        ).one()
    return queue, lane or open_lane(queue, channel, skills)


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
