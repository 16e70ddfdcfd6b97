"""Which queues a group serves, seen from the group; and when it can go (guide 5.10)."""

from collections.abc import Collection, Mapping

from cec.platform import journal
from cec.platform.db import db
from cec.platform.errors import Refusal
from cec.queues import editing
from cec.queues.lanes import group_skill
from cec.queues.models import Lane, Queue, queue_group
from cec.staff import groups
from cec.staff.models import OperatorGroup


class OnlyServer(Refusal):
    """Only this group serves “{queue}” at once: give level 1 there to another group first, or close the queue."""


class AppealsWaitForGroup(Refusal):
    """Appeals wait for this group: let them be served or transferred first."""


def levels_of(group: OperatorGroup) -> dict[int, int]:
    """Tell which queues a group serves, by number, and at which level."""
    wanted = db.select(queue_group.c.queue_id, queue_group.c.level).where(queue_group.c.group_id == group.id)
    return dict(iter(db.session.execute(wanted)))


def queues_by_group() -> dict[int, list[tuple[Queue, int]]]:
    """List the queues of every group with their levels, by name."""
    wanted = db.select(queue_group.c.group_id, Queue, queue_group.c.level).join(Queue).order_by(Queue.name)
    served: dict[int, list[tuple[Queue, int]]] = {}
    for group_id, queue, level in db.session.execute(wanted):
        served.setdefault(group_id, []).append((queue, level))
    return served


def set_levels(group: OperatorGroup, levels: Mapping[int, int], *, by: str) -> None:
    """Say which queues a group serves from now on, and at which level.

    :raises OnlyServer: when nobody would serve an open queue at once.
    """
    before = levels_of(group)
    touched = sorted(id_ for id_ in before.keys() | levels.keys() if before.get(id_) != levels.get(id_))
    queues = db.session.scalars(
        db.select(Queue).where(Queue.id.in_(touched)).order_by(Queue.id).with_for_update(key_share=True)
    )
    for queue in queues.all():
        _set_level(queue, group, levels.get(queue.id), by)


def _set_level(queue: Queue, group: OperatorGroup, level: int | None, by: str) -> None:
    was = editing.values(queue)["groups"]
    here = (queue_group.c.queue_id == queue.id) & (queue_group.c.group_id == group.id)
    db.session.execute(queue_group.delete().where(here))
    if level is not None:
        db.session.execute(queue_group.insert().values(queue_id=queue.id, group_id=group.id, level=level))
    db.session.expire(queue, ["groups"])
    if queue.is_active and 1 not in editing.levels_of(queue).values():
        raise OnlyServer(queue=queue.name)
    changed = {"groups": [was, editing.values(queue)["groups"]]}
    journal.record("queue.changed", f"queue:{queue.id}", by=by, code=queue.code, changed=changed)


def remove(group: OperatorGroup, *, waiting_lanes: Collection[int], by: str) -> None:
    """Remove a group: it serves nothing any more, and nobody is in it.

    :raises OnlyServer: when nobody would serve an open queue at once.
    :raises AppealsWaitForGroup: when appeals that are meant for the group wait in one of these lanes.
    """
    db.session.refresh(group, with_for_update=True)
    meant = db.exists().where(Lane.id.in_(waiting_lanes), Lane.skills.contains([group_skill(group.code)]))
    if db.session.scalar(db.select(meant)):
        raise AppealsWaitForGroup
    set_levels(group, {}, by=by)
    groups.remove(group, by=by)
