"""Tables of notifications."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cec.appeals.models import Appeal
from cec.platform.db import Table, created, identity, moment
from cec.staff.models import Employee


class Kind(StrEnum):
    """Kinds of notifications (SPEC 2.2.7)."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    ANNOUNCEMENT = "announcement"


class Audience(StrEnum):
    """Whom an announcement is for."""

    EVERYBODY = "everybody"
    ROLE = "role"
    GROUP = "group"
    BRANCH = "branch"


class Announcement(Table):
    """What an administrator or a supervisor wants people to know for a while."""

    id: Mapped[int] = identity()
    title: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    # How loud it looks: info | warning.
    kind: Mapped[str] = mapped_column(default=Kind.INFO)
    audience: Mapped[str]
    # A role, or the number of a group or a branch; empty for everybody.
    audience_key: Mapped[str] = mapped_column(default="")
    must_acknowledge: Mapped[bool] = mapped_column(default=False)
    starts_at: Mapped[dt.datetime] = moment()
    ends_at: Mapped[dt.datetime] = moment()
    author_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    created_at: Mapped[dt.datetime] = created()
    withdrawn_at: Mapped[dt.datetime | None] = moment(optional=True)

    author: Mapped[Employee] = relationship()

    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="lasting"),
        Index("ix_announcement_ends", "ends_at", postgresql_where=sql("withdrawn_at IS NULL")),
    )

    @property
    def key(self) -> str:
        """Name this announcement in the journal."""
        return f"announcement:{self.id}"


class Notification(Table):
    """What one person is told; facts of the same key are counted in one row."""

    id: Mapped[int] = identity()
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    kind: Mapped[str]
    # What happened, by the names of notifications.words.
    what: Mapped[str]
    appeal_id: Mapped[int | None] = mapped_column(ForeignKey("appeal.id"))
    announcement_id: Mapped[int | None] = mapped_column(ForeignKey("announcement.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    key: Mapped[str]
    count: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[dt.datetime] = created()
    last_at: Mapped[dt.datetime] = created()
    # When it last rang: the same thing within half a minute only counts.
    rung_at: Mapped[dt.datetime] = created()
    read_at: Mapped[dt.datetime | None] = moment(optional=True)
    # Stays in the window until it is dealt with: an error, or what must be acknowledged.
    standing: Mapped[bool] = mapped_column(default=False)
    dealt_at: Mapped[dt.datetime | None] = moment(optional=True)

    employee: Mapped[Employee] = relationship()
    appeal: Mapped[Appeal | None] = relationship()
    announcement: Mapped[Announcement | None] = relationship()

    __table_args__ = (
        Index("ix_notification_list", "employee_id", "last_at", "id"),
        Index("ix_notification_key", "key", "employee_id"),
        Index("ix_notification_unread", "employee_id", postgresql_where=sql("read_at IS NULL")),
        Index("ix_notification_standing", "employee_id", postgresql_where=sql("standing AND dealt_at IS NULL")),
        Index("ix_notification_appeal", "appeal_id"),
        UniqueConstraint("announcement_id", "employee_id"),
    )

    @property
    def stamp(self) -> str:
        """Name this ringing: a browser shows and sounds each once."""
        return f"{self.id}-{self.rung_at.timestamp():.3f}"


class Focus(Table):
    """The appeal that a person is looking at, by what his window said last."""

    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), primary_key=True)
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeal.id"))
    seen_at: Mapped[dt.datetime] = moment()
