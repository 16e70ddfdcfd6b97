"""Tables of keeping and forgetting."""

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cec.platform.db import Table, created, identity, moment
from cec.staff.models import Employee


class RetentionTerm(Table):
    """How long one kind of data is kept, and what was removed of it; without a row the shipped term holds."""

    # By the names of retention.kinds.
    kind: Mapped[str] = mapped_column(primary_key=True)
    days: Mapped[int]
    # When it was last looked through, when something last went, and how much went on that day.
    looked_at: Mapped[dt.datetime | None] = moment(optional=True)
    removed_at: Mapped[dt.datetime | None] = moment(optional=True)
    removed: Mapped[int] = mapped_column(default=0)

    __table_args__ = (CheckConstraint("days > 0", name="days"),)


class Forgetting(Table):
    """The sign that a client was forgotten: by whom, when, on what ground, how much it was; nothing of the client."""

    id: Mapped[int] = identity()
    at: Mapped[dt.datetime] = created()
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    # The emptied card; none for somebody who had no card, only addresses.
    client_id: Mapped[int | None] = mapped_column(ForeignKey("client.id"))
    # On what ground, by the names of retention.grounds, and the number of the paper that asks for it.
    ground: Mapped[str]
    paper: Mapped[str] = mapped_column(default="")
    # Who confirmed it; none for what was forgotten before that took two.
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    # What it reached: {"appeals": 3, "messages": 12, ...}; and the numbers of the emptied addresses.
    reached: Mapped[dict[str, Any]]
    address_ids: Mapped[list[Any]]

    employee: Mapped[Employee] = relationship(foreign_keys=employee_id)
    confirmed_by: Mapped[Employee | None] = relationship(foreign_keys=confirmed_by_id)

    __table_args__ = (Index("ix_forgetting_at", "at"),)


class ForgettingRequest(Table):
    """Somebody asks to forget a client, or the owner of an address; it waits for the word of a supervisor."""

    id: Mapped[int] = identity()
    at: Mapped[dt.datetime] = created()
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    client_id: Mapped[int | None] = mapped_column(ForeignKey("client.id"), unique=True)
    address_id: Mapped[int | None] = mapped_column(ForeignKey("address.id"), unique=True)
    ground: Mapped[str]
    paper: Mapped[str]

    employee: Mapped[Employee] = relationship()

    __table_args__ = (CheckConstraint("num_nonnulls(client_id, address_id) = 1", name="whom"),)
