"""Tables of clients."""

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cec.platform import names
from cec.platform.db import Table, created, identity, moment, signs_index, words_index


class Client(Table):
    """A person who turns to us."""

    id: Mapped[int] = identity()
    name: Mapped[str]
    segment: Mapped[str | None]
    # In which language he speaks with us, if he has said so: ru or en.
    language: Mapped[str | None]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[dt.datetime] = created()
    # When it was emptied because the person asked to be forgotten.
    forgotten_at: Mapped[dt.datetime | None] = moment(optional=True)

    addresses: Mapped[list["Address"]] = relationship(back_populates="client", order_by="Address.id")

    __table_args__ = (
        CheckConstraint("language IN ('ru','en')", name="language"),
        words_index("ix_client_name_words", "name"),
        Index("ix_client_segment", "segment", postgresql_where=text("segment IS NOT NULL")),
    )

    @property
    def initials(self) -> str:
        """Give two letters for the face."""
        return names.initials(self.name)


class Address(Table):
    """An identity of a client in a channel (адрес); the normalised value is unique per type."""

    id: Mapped[int] = identity()
    client_id: Mapped[int | None] = mapped_column(ForeignKey("client.id"), index=True)
    type: Mapped[str]
    value: Mapped[str]
    normalised: Mapped[str]
    # The name that came with the last message.
    display: Mapped[str] = mapped_column(default="")
    last_in_at: Mapped[dt.datetime | None] = moment(optional=True)
    # Whether what we send arrives; since when not, and what the last server said. A letter from it makes it good again.
    can_receive: Mapped[bool] = mapped_column(default=True)
    cannot_since: Mapped[dt.datetime | None] = moment(optional=True)
    cannot_reason: Mapped[str | None]

    client: Mapped[Client | None] = relationship(back_populates="addresses")

    __table_args__ = (
        UniqueConstraint("type", "normalised"),
        signs_index("ix_address_value_signs", "value"),
        words_index("ix_address_display_words", "display"),
    )


class OptOut(Table):
    """A client does not want to be written to first; without a card, the owner of an address."""

    id: Mapped[int] = identity()
    client_id: Mapped[int | None] = mapped_column(ForeignKey("client.id"), unique=True)
    address_id: Mapped[int | None] = mapped_column(ForeignKey("address.id"), unique=True)
    since: Mapped[dt.datetime] = moment()
    # Who noted it; none: he said so himself, by a message.
    employee_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))

    __table_args__ = (CheckConstraint("num_nonnulls(client_id, address_id) = 1", name="whose"),)
