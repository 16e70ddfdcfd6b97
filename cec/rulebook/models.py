"""Tables of rules files."""

import datetime as dt
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from cec.platform.db import Table, created, identity, moment


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
    # Why it was published, in the words of whoever did.
    comment: Mapped[str] = mapped_column(default="")
    # Published for a moment that has not come yet.
    planned_at: Mapped[dt.datetime | None] = moment(optional=True)
    # Who chose that moment; kept when the checks say no, so that he is told.
    planned_by: Mapped[str | None]
    # The moment came, and the checks said no.
    refused_at: Mapped[dt.datetime | None] = moment(optional=True)
    # When it last began to judge.
    in_force_at: Mapped[dt.datetime | None] = moment(optional=True)

    __table_args__ = (
        UniqueConstraint("name", "version"),
        UniqueConstraint("name", "sha256"),
        Index("uq_rules_version_current", "name", unique=True, postgresql_where=sql("is_current")),
        Index("ix_rules_version_planned", "planned_at", "id", postgresql_where=sql("planned_at IS NOT NULL")),
    )


class RulesDraft(Table):
    """What a decision table is about to become: one draft per table, saved with every change."""

    name: Mapped[str] = mapped_column(primary_key=True)
    # The version that it began as.
    base_version: Mapped[int]
    # Columns, and rows in their order (rulebook.sheets).
    head: Mapped[dict[str, Any]]
    rows: Mapped[list[Any]]
    # Counts the changes: who has not seen the last one changes nothing.
    revision: Mapped[int]
    begun_at: Mapped[dt.datetime] = created()
    begun_by: Mapped[str]
    changed_at: Mapped[dt.datetime] = moment()
    changed_by: Mapped[str]


class RulesScenario(Table):
    """A case that a table has to judge as expected: it is run before every publishing."""

    id: Mapped[int] = identity()
    # Of the table.
    name: Mapped[str]
    # Of a shipped one: its name in the file; it is taken in once.
    key: Mapped[str | None]
    title: Mapped[str]
    # Facts by name; those not given are null.
    given: Mapped[dict[str, Any]]
    # Answers by name; those not named may be anything.
    expected: Mapped[dict[str, Any]]
    # In the list: the smallest first.
    place: Mapped[int]
    changed_at: Mapped[dt.datetime] = created()
    changed_by: Mapped[str]
    removed_at: Mapped[dt.datetime | None] = moment(optional=True)

    __table_args__ = (UniqueConstraint("name", "key"), Index("ix_rules_scenario_place", "name", "place", "id"))
