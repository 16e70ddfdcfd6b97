"""Tables of reply templates."""

import datetime as dt

from sqlalchemy import ForeignKey, Index, Interval
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cec.platform.db import Table, created, identity, moment
from cec.queues.models import Calendar, Queue
from cec.staff.models import Employee

_SAID = "lower(translate(name || ' ' || tags || ' ' || text, 'ёЁ', 'ее'))"
# Words in every form that they take in Russian or English, and as they begin.
WORDS = f"(to_tsvector('russian', {_SAID}) || to_tsvector('simple', {_SAID}))"


class ReplyCatalogue(Table):
    """A catalogue of templates in a tree: shared, or one person's own."""

    id: Mapped[int] = identity()
    name: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("reply_catalogue.id"))
    # Whose it is; none: everybody's.
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    # For appeals of which queue; none: of every one. What lies in a catalogue of a queue is of that queue too.
    queue_id: Mapped[int | None] = mapped_column(ForeignKey("queue.id"))
    removed_at: Mapped[dt.datetime | None] = moment(optional=True)

    parent: Mapped["ReplyCatalogue | None"] = relationship(remote_side=[id])
    queue: Mapped[Queue | None] = relationship()

    __table_args__ = (
        Index(
            "uq_reply_catalogue_name",
            "owner_id",
            "parent_id",
            sql("lower(name)"),
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=sql("removed_at IS NULL"),
        ),
    )


class ReplyTemplate(Table):
    """A template of an answer (шаблон ответа): plain words with placeholders."""

    id: Mapped[int] = identity()
    catalogue_id: Mapped[int | None] = mapped_column(ForeignKey("reply_catalogue.id"), index=True)
    name: Mapped[str]
    text: Mapped[str]
    # Words by which it is found too, with commas between them.
    tags: Mapped[str] = mapped_column(default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    changed_at: Mapped[dt.datetime] = created()
    # What was used stays counted.
    removed_at: Mapped[dt.datetime | None] = moment(optional=True)

    catalogue: Mapped[ReplyCatalogue | None] = relationship()
    owner: Mapped[Employee | None] = relationship()

    __table_args__ = (
        Index(
            "uq_reply_template_name",
            "owner_id",
            "catalogue_id",
            sql("lower(name)"),
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=sql("removed_at IS NULL"),
        ),
        Index("ix_reply_template_words", sql(WORDS), postgresql_using="gin"),
    )

    @property
    def key(self) -> str:
        """Name this template in the journal."""
        return f"reply_template:{self.id}"


class ReplyFavourite(Table):
    """A template that a person has starred."""

    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"), primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("reply_template.id"), primary_key=True, index=True)


class ReplyUse(Table):
    """An answer that was written with a template (5.5): where, about what, and whether the words were changed."""

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("reply_template.id"), primary_key=True)
    employee_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeal.id"))
    queue_id: Mapped[int | None] = mapped_column(ForeignKey("queue.id"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    at: Mapped[dt.datetime] = created()
    is_edited: Mapped[bool]

    __table_args__ = (
        Index("ix_reply_use_alike", "queue_id", "topic_id", "at"),
        Index("ix_reply_use_here", "queue_id", "at"),
        Index("ix_reply_use_at", "at"),
        Index("ix_reply_use_own", "employee_id", "template_id", "at"),
        Index("ix_reply_use_template", "template_id", "at"),
    )


class AutoReply(Table):
    """An answer that the centre gives by itself (шаблон автоответа): when, where, in which words."""

    id: Mapped[int] = identity()
    name: Mapped[str]
    # What it answers to: auto_replies.Event.
    event: Mapped[str]
    # In which channel, and for appeals of which queue; empty and none: in all.
    channel: Mapped[str] = mapped_column(default="")
    queue_id: Mapped[int | None] = mapped_column(ForeignKey("queue.id"))
    # For clients of which segment; empty: for all.
    segment: Mapped[str] = mapped_column(default="")
    # For clients who speak this language: ru or en; empty: for all.
    language: Mapped[str] = mapped_column(default="")
    # Outside whose hours, if it is about hours; none: those of the appeal's queue.
    calendar_id: Mapped[int | None] = mapped_column(ForeignKey("calendar.id"))
    # How long after the event.
    delay: Mapped[dt.timedelta] = mapped_column(Interval, default=dt.timedelta())
    # Of a wait: after how long, how often then, so many times in all.
    after: Mapped[dt.timedelta | None] = mapped_column(Interval)
    repeat: Mapped[dt.timedelta | None] = mapped_column(Interval)
    times: Mapped[int] = mapped_column(default=1)
    # Of works: from when until when they go on; none: from always, without an end.
    begins_at: Mapped[dt.datetime | None] = moment(optional=True)
    ends_at: Mapped[dt.datetime | None] = moment(optional=True)
    # How often a client may get it within 24 hours.
    most_a_day: Mapped[int] = mapped_column(default=5)
    text: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)

    queue: Mapped[Queue | None] = relationship()
    calendar: Mapped[Calendar | None] = relationship()

    @property
    def key(self) -> str:
        """Name it in the journal."""
        return f"auto_reply:{self.id}"
