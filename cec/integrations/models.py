"""Tables of integrations."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cec.channels.models import ChannelAccount
from cec.platform.db import Table, created, identity, moment
from cec.staff.models import Employee


class Scope(StrEnum):
    """What a key opens."""

    SEND_MESSAGES = "messages:write"
    READ_APPEALS = "appeals:read"
    READ_CLIENTS = "clients:read"
    # In the name of a person: take, reply, close.
    HANDLE_APPEALS = "appeals:write"


class ApiKey(Table):
    """A key of a program; only its digest is kept, so that nobody can read it here."""

    id: Mapped[int] = identity()
    name: Mapped[str]
    # What it begins with, so that people can tell it from others.
    beginning: Mapped[str]
    token_sha256: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[Any]]
    # In whose name it acts.
    employee_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    # Into which channel it may send; none: into all.
    channel_account_id: Mapped[int | None] = mapped_column(ForeignKey("channel_account.id"))
    created_at: Mapped[dt.datetime] = created()
    used_at: Mapped[dt.datetime | None] = moment(optional=True)
    revoked_at: Mapped[dt.datetime | None] = moment(optional=True)

    employee: Mapped[Employee | None] = relationship()
    account: Mapped[ChannelAccount | None] = relationship()


class ApiUse(Table):
    """How often a key was used within a second; forgotten with the server."""

    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_key.id"), primary_key=True)
    second: Mapped[dt.datetime] = moment(primary_key=True)
    used: Mapped[int]

    __table_args__ = ({"prefixes": ["UNLOGGED"]},)


class ApiAnswer(Table):
    """What an act was answered under the name that its asker gave it: a repeat is answered the same, and not done."""

    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_key.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    # Of the request: the same name for another one is a mistake of the asker.
    request_sha256: Mapped[str]
    status: Mapped[int]
    answer: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[dt.datetime] = created()


class Receiver(Table):
    """A program that is told of events at an address of its own (webhook)."""

    id: Mapped[int] = identity()
    name: Mapped[str] = mapped_column(unique=True)
    url: Mapped[str]
    # Of which events it wants to hear.
    events: Mapped[list[Any]]
    # What its events are signed with, encrypted.
    secret: Mapped[bytes]
    is_active: Mapped[bool] = mapped_column(default=True)
    # It hears nothing any more until a person says so: since when, and what it answered last.
    gave_up_at: Mapped[dt.datetime | None] = moment(optional=True)
    gave_up_because: Mapped[str | None]
    # It does not answer at all: how often in a row, and until when it is left alone.
    misses: Mapped[int] = mapped_column(default=0)
    rest_until: Mapped[dt.datetime | None] = moment(optional=True)

    @property
    def key(self) -> str:
        """Name it in the journal."""
        return f"receiver:{self.id}"


class EventState(StrEnum):
    """Where an event is on its way to a receiver."""

    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    # A day has passed: nobody tries any more unless a person says so.
    GIVEN_UP = "given_up"


class Event(Table):
    """An event on its way to one receiver; kept for two weeks as its log."""

    id: Mapped[int] = identity()
    receiver_id: Mapped[int] = mapped_column(ForeignKey("receiver.id"))
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeal.id"))
    # Counts the events of one appeal for one receiver, from 1.
    seq: Mapped[int]
    kind: Mapped[str]
    body: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default=EventState.WAITING)
    created_at: Mapped[dt.datetime] = created()
    # When the day of trying began: with the event, or with its replay.
    begun_at: Mapped[dt.datetime] = created()
    due_at: Mapped[dt.datetime] = moment()
    attempts: Mapped[int] = mapped_column(default=0)
    delivered_at: Mapped[dt.datetime | None] = moment(optional=True)
    # What was said last: the status, and the receiver's words or ours.
    status: Mapped[int | None]
    answer: Mapped[str | None]

    receiver: Mapped[Receiver] = relationship()

    __table_args__ = (
        Index("ix_event_due", "due_at", "id", postgresql_where=text("state IN ('waiting','sending')")),
        Index("ix_event_sending", "receiver_id", postgresql_where=text("state = 'sending'")),
        Index("ix_event_line", "receiver_id", "appeal_id", "id"),
        Index("ix_event_log", "receiver_id", "id"),
        Index("ix_event_created", "created_at", postgresql_using="brin"),
    )


class EventCursor(Table):
    """How far the journal is told to receivers: of the transactions from one to another, the facts up to a number.

    Within such a range all is committed and numbers are in the order of an appeal's story (see events).
    """

    id: Mapped[int] = identity()
    begin: Mapped[int] = mapped_column(BigInteger)
    end: Mapped[int] = mapped_column(BigInteger)
    told: Mapped[int] = mapped_column(BigInteger)
