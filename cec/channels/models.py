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
    # Nothing goes out before: the provider said so, its server was away, or the account's limit is used up.
    out_after: Mapped[dt.datetime | None] = moment(optional=True)
    # Since when it is silent longer than usual; none while it is not.
    silent_since: Mapped[dt.datetime | None] = moment(optional=True)
    # The last probe: when it was sent, and when it had come through to the worker.
    probed_at: Mapped[dt.datetime | None] = moment(optional=True)
    probe_came_at: Mapped[dt.datetime | None] = moment(optional=True)


class InboundState(StrEnum):
    """What became of something that came in."""

    NEW = "new"
    DONE = "done"
    QUARANTINED = "quarantined"
    # Somebody decided that nothing is to be made of it; it is kept all the same.
    DISCARDED = "discarded"
    # Nothing that the centre has a use for; counted.
    IGNORED = "ignored"


class Inbound(Table):
    """Something that came in, kept raw before anything is made of it; a repeated one is not kept twice."""

    id: Mapped[int] = identity()
    channel_account_id: Mapped[int] = mapped_column(ForeignKey("channel_account.id"))
    provider_event_id: Mapped[str]
    # sha-256 of the raw bytes in storage; what is small lies here itself. Empty: its term is over, the row stays so
    # that the same thing is not taken in again.
    raw: Mapped[str]
    body: Mapped[bytes | None]
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
        # Those of one sender that wait for each other.
        Index(
            "ix_inbound_line",
            "channel_account_id",
            text("(envelope ->> 'line')"),
            "id",
            postgresql_where=text("state = 'new' AND envelope ? 'line'"),
        ),
        Index("ix_inbound_quarantined", "id", postgresql_where=text("state = 'quarantined'")),
        Index("ix_inbound_received", "received_at", postgresql_using="brin"),
        # What is still kept as it came; and whether a file on disk is still named.
        Index("ix_inbound_kept", "received_at", postgresql_where=text("raw <> ''")),
        Index("ix_inbound_raw", "raw", postgresql_where=text("raw <> '' AND body IS NULL")),
    )


class ChannelHour(Table):
    """How much came in at an account within one hour of the past: what is usual is learned from it."""

    channel_account_id: Mapped[int] = mapped_column(ForeignKey("channel_account.id"), primary_key=True)
    hour: Mapped[dt.datetime] = moment(primary_key=True)
    came: Mapped[int]


class Visitor(Table):
    """Somebody who has written in a web chat; his browser keeps a signed token with the key."""

    id: Mapped[int] = identity()
    channel_account_id: Mapped[int] = mapped_column(ForeignKey("channel_account.id"))
    key: Mapped[str]
    # Who is signed in at the site, if it vouches for him.
    person: Mapped[str | None]
    # What he told of himself, unproved.
    name: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str]
    # When he agreed to what the site asks him to.
    agreed_at: Mapped[dt.datetime | None] = moment(optional=True)
    # The page where he is.
    page: Mapped[str]
    title: Mapped[str]
    # A signature of his network address: tells the same one, but not which.
    came_from: Mapped[str]
    created_at: Mapped[dt.datetime] = created()
    # When his browser was heard of last; since when it is not any more.
    seen_at: Mapped[dt.datetime] = moment()
    left_at: Mapped[dt.datetime | None] = moment(optional=True)
    # When what he has sent would have come at the pace that he may keep up.
    paced_until: Mapped[dt.datetime] = moment()

    account: Mapped[ChannelAccount] = relationship()

    __table_args__ = (
        UniqueConstraint("channel_account_id", "key"),
        Index("ix_visitor_came_from", "came_from", "created_at"),
        Index("ix_visitor_here", "seen_at", postgresql_where=text("left_at IS NULL")),
    )

    @property
    def address(self) -> str:
        """Give his address, as the address book has it."""
        return f"{self.account.code}/user:{self.person}" if self.person else f"{self.account.code}/{self.key}"
