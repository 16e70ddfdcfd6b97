"""Tables of channels."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cec.platform.db import Table, created, identity, moment


class ChannelAccount(Table):
    """An account of ours in a channel: a mailbox, a bot, a community."""

    id: Mapped[int] = identity()
    channel: Mapped[str]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    # The address that clients write to: shop@example.org.
    address: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    # Servers, ports, user names; never a password.
    config: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Passwords and tokens, encrypted with the key of the installation.
    secrets: Mapped[bytes | None]
    # What the fetcher remembers: UIDVALIDITY and the last UID of a mailbox.
    cursor: Mapped[dict[str, Any]] = mapped_column(default=dict)
    last_in_at: Mapped[dt.datetime | None] = moment(optional=True)
    last_out_at: Mapped[dt.datetime | None] = moment(optional=True)
    # What is wrong with fetching, as an English sentence for gettext, and the server's own words.
    last_error: Mapped[str | None]
    error_detail: Mapped[str | None]
    # What is wrong with the outgoing server; a message that goes out makes it good again.
    out_error: Mapped[str | None]
    # When its server was last looked into without trouble.
    looked_at: Mapped[dt.datetime | None] = moment(optional=True)
    # Which node fetches it, until when: nobody else does meanwhile.
    keeper: Mapped[str | None]
    kept_until: Mapped[dt.datetime | None] = moment(optional=True)


class InboundState(StrEnum):
    """What became of something that came in."""

    NEW = "new"
    DONE = "done"
    QUARANTINED = "quarantined"
    # Somebody decided that nothing is to be made of it; it is kept all the same.
    DISCARDED = "discarded"


class Inbound(Table):
    """Something that came in, kept raw before anything is made of it; a repeated one is not kept twice."""

    id: Mapped[int] = identity()
    channel_account_id: Mapped[int] = mapped_column(ForeignKey("channel_account.id"))
    provider_event_id: Mapped[str]
    # sha-256 of the raw bytes in storage.
    raw: Mapped[str]
    size: Mapped[int]
    # What the door knows beside the bytes: the envelope of a mail, the headers of a request.
    envelope: Mapped[dict[str, Any]] = mapped_column(default=dict)
    received_at: Mapped[dt.datetime] = created()
    state: Mapped[str] = mapped_column(default=InboundState.NEW)
    # Why it is in quarantine, as an English sentence for gettext, and the technical detail.
    reason: Mapped[str | None]
    detail: Mapped[str | None]
    handled_at: Mapped[dt.datetime | None] = moment(optional=True)

    account: Mapped[ChannelAccount] = relationship()

    __table_args__ = (
        UniqueConstraint("channel_account_id", "provider_event_id"),
        Index("ix_inbound_new", "id", postgresql_where=text("state = 'new'")),
        Index("ix_inbound_quarantined", "id", postgresql_where=text("state = 'quarantined'")),
    )
