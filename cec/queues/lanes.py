"""Lanes: appeals that the same operators can take.

What the table `routing` says about skills is written so: "english" (somebody who has the skill), "english>=5" (at this
level or above), "group:CODE" (members of this group only); with a question mark behind it, "english?" or "english>=5?",
it is a wish: whoever fulfils it is preferred, and the queue says from when on anybody else may take the appeal.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import and_, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from cec.platform import journal
from cec.platform.db import db
from cec.queues.models import Lane, Queue

GROUP = "group:"
WISH = "?"
_LEVEL = re.compile(r"(.+?)\s*>=\s*(\d{1,2})")
# Channels that take an operator wholly.
EXCLUSIVE = frozenset({"voice"})
# What an appeal takes of an operator's capacity, unless its queue says otherwise.
UNITS = 1


class Needs(NamedTuple):
    """What a lane asks of operators: sorted, each once."""

    skills: list[str]
    wishes: list[str]


def group_skill(code: str) -> str:
    """Name the skill that only the members of a group have: how an appeal is meant for a group."""
    return GROUP + code


def split(skills: Iterable[str]) -> Needs:
    """Tell what is required from what is wished for; what is both is required."""
    written = {" ".join(str(skill).split()) for skill in skills} - {""}
    wishes = {_plain(skill.rstrip(WISH)) for skill in written if skill.endswith(WISH)}
    required = {_plain(skill) for skill in written if not skill.endswith(WISH)}
    return Needs(sorted(required), sorted(wishes - required - {""}))


def _plain(skill: str) -> str:
    skill = skill.strip()
    found = _LEVEL.fullmatch(skill)
    return f"{found[1]}>={int(found[2])}" if found else skill


def units_of(queue: Queue, channel: str) -> int:
    """Tell how many units an appeal of a channel takes in a queue."""
    return int((queue.channel_units or {}).get(channel, UNITS))


# The queue of the code, else the default one, else any that is open; and its lane, if it has been opened.
_PLACE = (
    select(Queue, Lane)
    .outerjoin(
        Lane,
        and_(
            Lane.queue_id == Queue.id,
            Lane.channel == bindparam("channel"),
            Lane.skills == bindparam("skills"),
            Lane.wishes == bindparam("wishes"),
        ),
    )
    .where(Queue.is_active)
    .order_by((Queue.code == bindparam("code")).is_(True).desc(), Queue.is_default.desc(), Queue.id)
    .limit(1)
)


def find(code: str | None, channel: str, skills: Iterable[str]) -> tuple[Queue, Lane]:
    """Give the open queue of that code, and its lane; the default queue takes what no other can."""
    needs = split(skills)
    with db.session.no_autoflush:
        queue, lane = db.session.execute(_PLACE, {"code": code, "channel": channel, **needs._asdict()}).one()
    return queue, lane or open_lane(queue, channel, skills)


def open_lane(queue: Queue, channel: str, skills: Iterable[str]) -> Lane:
    """Find the lane for a queue, a channel and what is asked of operators, or open it."""
    needs = split(skills)
    same = db.select(Lane).where(
        Lane.queue_id == queue.id, Lane.channel == channel, Lane.skills == needs.skills, Lane.wishes == needs.wishes
    )
    with db.session.no_autoflush:
        found: Lane | None = db.session.scalars(same).one_or_none()
    if found is not None:
        return found
    row = {"queue_id": queue.id, "channel": channel, "units": units_of(queue, channel), **needs._asdict()}
    opening = insert(Lane).values(**row, exclusive=channel in EXCLUSIVE).on_conflict_do_nothing()
    opened = db.session.execute(opening.returning(Lane.id)).scalar()
    lane: Lane = db.session.scalars(same).one()
    if opened is not None:
        skills = [*needs.skills, *(wish + WISH for wish in needs.wishes)]
        journal.record("lane.opened", f"lane:{lane.id}", by="system", queue=queue.code, channel=channel, skills=skills)
    return lane


@journal.on("queue.changed")
def _weigh_anew(entry: journal.Entry) -> None:
    """Let the lanes of a queue take the units that it says now; what is held already keeps its own."""
    db.session.flush()
    queue = db.session.get_one(Queue, int(entry.subject.partition(":")[2]))
    for lane in db.session.scalars(db.select(Lane).where(Lane.queue_id == queue.id).order_by(Lane.id)):
        lane.units = units_of(queue, lane.channel)
    db.session.flush()
