"""Tables of processes."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cec.platform.db import Table, created, identity, moment


class ProcessVersion(Table):
    """An immutable version of a diagram with the diagrams it calls and its forms; it is its sha-256."""

    id: Mapped[int] = identity()
    process: Mapped[str]
    version: Mapped[int]
    sha256: Mapped[str] = mapped_column(unique=True)
    # {"appeal_handling.bpmn": xml, "appeal_transfer.bpmn": xml, "forms/close_appeal.json": text}.
    files: Mapped[dict[str, Any]]
    # shipped | published.
    origin: Mapped[str]
    is_current: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[dt.datetime] = created()
    created_by: Mapped[str]

    __table_args__ = (
        UniqueConstraint("process", "version"),
        Index("uq_process_version_current", "process", unique=True, postgresql_where=text("is_current")),
    )


class ProcessInstance(Table):
    """A running process; its state is rows without the diagram."""

    id: Mapped[int] = identity()
    process_version_id: Mapped[int] = mapped_column(ForeignKey("process_version.id"))
    process: Mapped[str]
    # What it is about: appeal:42. At most one running instance of a process per subject.
    subject: Mapped[str]
    state: Mapped[bytes]
    started_at: Mapped[dt.datetime] = created()
    ended_at: Mapped[dt.datetime | None] = moment(optional=True)

    version: Mapped[ProcessVersion] = relationship()

    __table_args__ = (
        Index(
            "uq_process_instance_running", "subject", "process", unique=True, postgresql_where=text("ended_at IS NULL")
        ),
        Index("ix_process_instance_subject", "subject"),
    )


class UserTask(Table):
    """A task that waits for a person; assignment, drafts and queue position live in SQL, not in the engine."""

    id: Mapped[int] = identity()
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"))
    token: Mapped[uuid.UUID]
    # The id of the element in its diagram, and the diagram.
    element: Mapped[str]
    process: Mapped[str]
    subject: Mapped[str]
    # Declared in the diagram: where the appeal is while this is open, and who gets it
    # (distribution | owner | group:CODE).
    place: Mapped[str]
    assignment: Mapped[str]
    opened_at: Mapped[dt.datetime] = created()
    closed_at: Mapped[dt.datetime | None] = moment(optional=True)
    outcome: Mapped[str | None]
    closed_by: Mapped[str | None]

    instance: Mapped[ProcessInstance] = relationship()

    __table_args__ = (
        Index("uq_user_task_open", "instance_id", "token", unique=True, postgresql_where=text("closed_at IS NULL")),
        Index("ix_user_task_subject", "subject", "id"),
    )


class Wait(Table):
    """Something that an instance waits for: a moment or a message."""

    id: Mapped[int] = identity()
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"))
    token: Mapped[uuid.UUID]
    element: Mapped[str]
    process: Mapped[str]
    place: Mapped[str | None]
    # timer | message.
    kind: Mapped[str]
    name: Mapped[str]
    due_at: Mapped[dt.datetime | None] = moment(optional=True)

    __table_args__ = (
        Index("ix_wait_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        Index("ix_wait_instance", "instance_id"),
    )


class ProcessMessage(Table):
    """A message from one process to another, kept until somebody waits for it."""

    id: Mapped[int] = identity()
    subject: Mapped[str]
    name: Mapped[str]
    payload: Mapped[dict[str, Any]]
    sent_at: Mapped[dt.datetime] = created()

    __table_args__ = (Index("ix_process_message_subject", "subject", "name", "id"),)


class Incident(Table):
    """A process that stumbled: the step was rolled back whole and waits for a person to retry it."""

    id: Mapped[int] = identity()
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("process_instance.id"))
    subject: Mapped[str]
    # What was tried: {"act": "wake"} or {"act": "complete", "task": 7, "outcome": "close", …}.
    step: Mapped[dict[str, Any]]
    error: Mapped[str]
    happened_at: Mapped[dt.datetime] = created()
    settled_at: Mapped[dt.datetime | None] = moment(optional=True)
    settled_by: Mapped[str | None]

    __table_args__ = (Index("ix_incident_open", "instance_id", postgresql_where=text("settled_at IS NULL")),)
