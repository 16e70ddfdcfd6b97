"""Tables of rules files."""

import datetime as dt

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from cec.platform.db import Table, created, identity


class RulesVersion(Table):
    """An immutable version of a decision table; it is its sha-256, numbered by the database."""

    id: Mapped[int] = identity()
    name: Mapped[str]
    version: Mapped[int]
    sha256: Mapped[str]
    # The DMN text.
    text: Mapped[str]
    # shipped | published.
    origin: Mapped[str]
    is_current: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[dt.datetime] = created()
    created_by: Mapped[str]

    __table_args__ = (
        UniqueConstraint("name", "version"),
        UniqueConstraint("name", "sha256"),
        Index("uq_rules_version_current", "name", unique=True, postgresql_where=sql("is_current")),
    )
