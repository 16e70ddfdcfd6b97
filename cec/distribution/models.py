"""Tables of distribution."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from cec.platform.db import Table, created, identity, moment


class OperatorLane(Table):
    """A lane that an operator serves; materialised from groups and queues."""

    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), primary_key=True)
    lane_id: Mapped[int] = mapped_column(ForeignKey("lane.id"), primary_key=True, index=True)
    # How well his skills fit: the levels of what the lane requires and wishes, added up.
    level: Mapped[int] = mapped_column(default=0)
    # He may take from it once the head has waited this share of the target (widening); 0: at once.
    share: Mapped[float] = mapped_column(default=0.0)


class TemporaryChange(Table):
    """What a supervisor changed about an operator for a while (guide 4.3): a queue more or less, another capacity."""

    id: Mapped[int] = identity()
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), index=True)
    # queue_added | queue_removed | units
    kind: Mapped[str]
    queue_id: Mapped[int | None] = mapped_column(ForeignKey("queue.id"))
    units: Mapped[int | None]
    until: Mapped[dt.datetime] = moment(index=True)
    made_by: Mapped[str]
    made_at: Mapped[dt.datetime] = created()

    __table_args__ = (CheckConstraint("(kind = 'units') = (queue_id IS NULL AND units IS NOT NULL)", name="what"),)


class Capacity(Table):
    """How much an operator can hold and holds, in weighted units; the row that serialises his claims."""

    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), primary_key=True)
    cap: Mapped[int] = mapped_column(default=5)
    # Allowed above the cap: the sticky +1, a right, a lowered cap; falls with each release.
    over: Mapped[int] = mapped_column(default=0)
    load: Mapped[int] = mapped_column(default=0)
    # Since when he has had room: his last release, or the beginning of receiving. Who is idle longest has waited since
    # the later one of this and his last offer.
    idle_since: Mapped[dt.datetime] = moment()
    last_offer_at: Mapped[dt.datetime | None] = moment(optional=True)
    auto_accept: Mapped[bool] = mapped_column(default=False)
    # What he holds takes him wholly (a call): nothing comes beside it.
    exclusive: Mapped[bool] = mapped_column(default=False)
    receiving: Mapped[bool] = mapped_column(default=False)
    # Offers missed in a row; two set «Не принимаю».
    misses: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        CheckConstraint("load BETWEEN 0 AND cap + over", name="load"),
        Index("ix_capacity_free", "idle_since", postgresql_where=text("receiving AND load < cap")),
        {"postgresql_with": {"fillfactor": 50}},
    )


class ChannelCapacity(Table):
    """How much of one channel an operator can hold and holds."""

    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    cap: Mapped[int]
    over: Mapped[int] = mapped_column(default=0)
    load: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        CheckConstraint("load BETWEEN 0 AND cap + over", name="load"),
        {"postgresql_with": {"fillfactor": 50}},
    )


class IdleSpell(Table):
    """A time in which an appeal lay idle in an operator's hands: since when, what was done about it (guide 3.9)."""

    id: Mapped[int] = identity()
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeal.id"))
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))
    since: Mapped[dt.datetime] = moment()
    # 1: he was warned, 2: his supervisors were told, 3: the appeal went back; and when that was done.
    level: Mapped[int]
    told_at: Mapped[dt.datetime] = moment()
    ended_at: Mapped[dt.datetime | None] = moment(optional=True)

    __table_args__ = (
        Index("uq_idle_spell_open", "appeal_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_idle_spell_employee", "employee_id", "since"),
        CheckConstraint("level BETWEEN 1 AND 3", name="level"),
    )


class AssignmentState(StrEnum):
    """Where an assignment is."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    RELEASED = "released"


class Assignment(Table):
    """One stretch of one operator's ownership of an appeal (the segment of SPEC 0.1.3)."""

    id: Mapped[int] = identity()
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeal.id"), index=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))
    channel: Mapped[str]
    state: Mapped[str]
    weight: Mapped[int] = mapped_column(default=1)
    offered_at: Mapped[dt.datetime] = moment()
    ring_until: Mapped[dt.datetime | None] = moment(optional=True)
    accepted_at: Mapped[dt.datetime | None] = moment(optional=True)
    released_at: Mapped[dt.datetime | None] = moment(optional=True)
    # In work: closed | transferred | postponed | waiting | spam | returned; an offer: missed | declined | withdrawn;
    # both: returned_offline; in work, because its operator did nothing with it: returned_idle.
    release_kind: Mapped[str | None]
    # When the operator was told that it went back because his link was lost.
    told_at: Mapped[dt.datetime | None] = moment(optional=True)
    # Why this operator and this appeal: urgency, lane, points, sticky, runner-up.
    why: Mapped[dict[str, Any]] = mapped_column(default=dict)

    __table_args__ = (
        Index("uq_assignment_open", "appeal_id", unique=True, postgresql_where=text("released_at IS NULL")),
        Index("ix_assignment_ringing", "ring_until", postgresql_where=text("state = 'offered'")),
        # One offer rings at a time: what a person cannot see he would miss.
        Index("uq_assignment_ringing", "employee_id", unique=True, postgresql_where=text("state = 'offered'")),
        Index("ix_assignment_employee", "employee_id", "offered_at"),
        Index("ix_assignment_offered", "offered_at", postgresql_using="brin"),
        # What an operator has just declined, missed or let lie is not offered to him again at once.
        Index(
            "ix_assignment_refused",
            "employee_id",
            "released_at",
            postgresql_where=text("release_kind IN ('declined', 'missed', 'returned_idle')"),
        ),
        Index(
            "ix_assignment_untold",
            "employee_id",
            postgresql_where=text("release_kind = 'returned_offline' AND told_at IS NULL"),
        ),
    )
