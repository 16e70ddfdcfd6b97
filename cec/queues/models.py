"""Tables of queues."""

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Interval, UniqueConstraint
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
)


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

    groups: Mapped[list[OperatorGroup]] = relationship(secondary=queue_group)
    sender_account: Mapped[ChannelAccount | None] = relationship()

    __table_args__ = (CheckConstraint("weight > 0 AND target > interval '0'", name="urgency"),)


class Lane(Table):
    """Appeals that the same operators can take: queue, channel and required skills."""

    id: Mapped[int] = identity()
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))
    channel: Mapped[str]
    skills: Mapped[list[Any]] = mapped_column(default=list)
    # How many units of an operator's capacity an appeal of this lane takes.
    units: Mapped[int] = mapped_column(default=1)

    queue: Mapped[Queue] = relationship()

    __table_args__ = (UniqueConstraint("queue_id", "channel", "skills"),)
