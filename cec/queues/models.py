"""Tables of queues."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Interval, UniqueConstraint, text
from sqlalchemy import Table as Relation
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cec.channels.models import ChannelAccount
from cec.platform.db import Table, identity
from cec.staff.models import OperatorGroup

queue_group = Relation(
    "queue_group",
    Table.metadata,
    Column("queue_id", ForeignKey("queue.id"), primary_key=True),
    Column("group_id", ForeignKey("operator_group.id"), primary_key=True),
    # 1 serves at once; a higher one once the queue widens to it.
    Column("level", Integer, nullable=False, default=1),
)


class Strategy(StrEnum):
    """Which of several free operators gets an appeal (guide 3.1); a queue chooses one."""

    LONGEST_IDLE = "longest_idle"
    LEAST_LOADED = "least_loaded"
    ROUND_ROBIN = "round_robin"
    HIGHEST_SKILL = "highest_skill"
    # Offered to nobody: all see it, the first who takes it has it.
    BROADCAST = "broadcast"


class Calendar(Table):
    """When somebody works: hours of the week by the clock of a zone, and days that differ from it."""

    id: Mapped[int] = identity()
    name: Mapped[str] = mapped_column(unique=True)
    zone: Mapped[str] = mapped_column(default="Europe/Moscow")
    # Seven days from Monday on, each a list of ["09:00", "18:00"]; "24:00" is the end of a day.
    week: Mapped[list[Any]] = mapped_column(default=list)
    # Holidays and short days: {"2026-12-31": [["09:00", "15:00"]], "2027-01-01": []}.
    days: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Queue(Table):
    """A queue of appeals (очередь)."""

    id: Mapped[int] = identity()
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    is_default: Mapped[bool] = mapped_column(default=False)
    # Urgency across lanes = weight x (waited / target); a lower tier always goes first.
    tier: Mapped[int] = mapped_column(default=1)
    weight: Mapped[float] = mapped_column(default=1.0)
    target: Mapped[dt.timedelta] = mapped_column(Interval, default=dt.timedelta(minutes=10))
    ring: Mapped[dt.timedelta] = mapped_column(Interval, default=dt.timedelta(seconds=30))
    first_response: Mapped[dt.timedelta] = mapped_column(Interval, default=dt.timedelta(hours=8))
    next_response: Mapped[dt.timedelta] = mapped_column(Interval, default=dt.timedelta(hours=8))
    resolve_within: Mapped[dt.timedelta] = mapped_column(Interval, default=dt.timedelta(days=3))
    # How long the last operator of a client is preferred before anybody may take the appeal.
    sticky: Mapped[dt.timedelta] = mapped_column(Interval, default=dt.timedelta(seconds=60))
    wait_for_client: Mapped[dt.timedelta] = mapped_column(Interval, default=dt.timedelta(days=3))
    reopen_within: Mapped[dt.timedelta] = mapped_column(Interval, default=dt.timedelta(hours=24))
    topic_required: Mapped[bool] = mapped_column(default=True)
    signature: Mapped[str] = mapped_column(default="")
    # From whom answers come: a name, and one of our mailboxes; else the operator, and where the client wrote to.
    sender_name: Mapped[str] = mapped_column(default="")
    sender_account_id: Mapped[int | None] = mapped_column(ForeignKey("channel_account.id"))

    description: Mapped[str] = mapped_column(default="")
    # Clocks of the service level count its hours; none: round the clock.
    calendar_id: Mapped[int | None] = mapped_column(ForeignKey("calendar.id"))
    # Where appeals go that come outside these hours; none: they wait here.
    closed_queue_id: Mapped[int | None] = mapped_column(ForeignKey("queue.id"))
    strategy: Mapped[str] = mapped_column(default=Strategy.LONGEST_IDLE)
    auto_accept: Mapped[bool] = mapped_column(default=False)
    # Above the capacity of the operator who is preferred, by one unit at most.
    sticky_above: Mapped[bool] = mapped_column(default=False)
    # Steps by the share of the target that the head has waited: {"after": 0.5, "drop": "wishes"} |
    # {"after": 1.0, "level": 2}, which lets the groups of that level serve too.
    widening: Mapped[list[Any]] = mapped_column(default=list)
    # How many may wait here; further ones go to the overflow queue.
    longest: Mapped[int | None]
    overflow_queue_id: Mapped[int | None] = mapped_column(ForeignKey("queue.id"))
    # Units that an appeal of a channel takes here instead of the usual: {"email": 2}.
    channel_units: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # After so many minutes an appeal of a channel is idle in its operator's hands: {"webchat": 3}; none: never.
    idle_minutes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Service level: so many per cent answered within so long.
    service_goal: Mapped[int] = mapped_column(default=80)
    service_within: Mapped[dt.timedelta] = mapped_column(Interval, default=dt.timedelta(minutes=10))
    # A break is refused that would leave fewer active operators here; none: never.
    least_active: Mapped[int | None]

    groups: Mapped[list[OperatorGroup]] = relationship(secondary=queue_group)
    calendar: Mapped[Calendar | None] = relationship()
    sender_account: Mapped[ChannelAccount | None] = relationship()

    __table_args__ = (
        CheckConstraint("weight > 0 AND target > interval '0'", name="urgency"),
        # One queue takes what no other can.
        Index("uq_queue_default", "is_default", unique=True, postgresql_where=text("is_default")),
    )


class Lane(Table):
    """Appeals that the same operators can take: queue, channel and required skills."""

    id: Mapped[int] = identity()
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))
    channel: Mapped[str]
    # Required: "english", "english>=5", "group:CODE"; and wished for, dropped when the queue widens.
    skills: Mapped[list[Any]] = mapped_column(default=list)
    wishes: Mapped[list[Any]] = mapped_column(default=list)
    # How many units of an operator's capacity an appeal of this lane takes.
    units: Mapped[int] = mapped_column(default=1)
    # Takes an operator wholly: a call.
    exclusive: Mapped[bool] = mapped_column(default=False)

    queue: Mapped[Queue] = relationship()

    __table_args__ = (UniqueConstraint("queue_id", "channel", "skills", "wishes"),)
