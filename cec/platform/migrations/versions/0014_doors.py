"""Doors: kinds of events, receipts, order per address, files to fetch, what is usual in a channel; keys and events.

Revision ID: 0014
Revises: 0011
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ADDED: dict[str, list[tuple[str, Any]]] = {
    "channel_account": [
        ("out_after", MOMENT),
        ("silent_since", MOMENT),
        ("probed_at", MOMENT),
        ("probe_came_at", MOMENT),
    ],
    "inbound": [("body", sa.LargeBinary())],
    "appeal": [("conversation", sa.Text())],
    "message": [("delivered_at", MOMENT), ("read_at", MOMENT), ("address_id", sa.Integer())],
}
ON_THE_WAY = "state IN ('queued','sending')"
KEEP_ORDER = """
    UPDATE message m SET address_id = a.address_id FROM appeal a
    WHERE a.id = m.appeal_id AND m.state IN ('queued', 'sending')"""
TABLES = ("awaited_file", "channel_hour", "event", "event_cursor", "receiver", "api_answer", "api_use", "api_key")


def _id() -> "sa.Column[int]":
    return sa.Column("id", sa.Integer(), nullable=False)


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def _text(name: str, *, optional: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=optional)


def _number(name: str, *, optional: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=optional)


def _moment(name: str, *, optional: bool = False) -> "sa.Column[object]":
    return sa.Column(name, MOMENT, nullable=optional)


def upgrade() -> None:
    for table, columns in ADDED.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind, nullable=True))
    op.create_foreign_key("fk_message_address_id", "message", "address", ["address_id"], ["id"])
    # What is on its way keeps its order.
    op.execute(KEEP_ORDER)
    op.create_index("ix_message_line", "message", ["address_id", "id"], postgresql_where=sa.text(ON_THE_WAY))
    sending = sa.text("state = 'sending'")
    op.create_index("ix_message_sending", "message", ["channel_account_id"], postgresql_where=sending)
    op.create_index("ix_inbound_received", "inbound", ["received_at"], postgresql_using="brin")
    op.create_index(
        "ix_appeal_conversation",
        "appeal",
        ["channel_account_id", "conversation", "id"],
        postgresql_where=sa.text("conversation IS NOT NULL"),
    )
    _create_channel_tables()
    _create_keys()
    _create_events()


def _create_channel_tables() -> None:
    op.create_table(
        "awaited_file",
        _id(),
        _number("message_id"),
        _text("name"),
        _text("type"),
        _text("url"),
        _moment("due_at"),
        _number("attempts"),
        _to("awaited_file", "message_id", "message"),
        sa.PrimaryKeyConstraint("id", name="pk_awaited_file"),
    )
    op.create_index("ix_awaited_file_message_id", "awaited_file", ["message_id"])
    op.create_index("ix_awaited_file_due_at", "awaited_file", ["due_at"])
    op.create_table(
        "channel_hour",
        _number("channel_account_id"),
        _moment("hour"),
        _number("came"),
        _to("channel_hour", "channel_account_id", "channel_account"),
        sa.PrimaryKeyConstraint("channel_account_id", "hour", name="pk_channel_hour"),
    )


def _create_keys() -> None:
    op.create_table(
        "api_key",
        _id(),
        _text("name"),
        _text("beginning"),
        _text("token_sha256"),
        sa.Column("scopes", postgresql.JSONB(), nullable=False),
        _number("employee_id", optional=True),
        _number("channel_account_id", optional=True),
        _moment("created_at"),
        _moment("used_at", optional=True),
        _moment("revoked_at", optional=True),
        _to("api_key", "employee_id", "employee"),
        _to("api_key", "channel_account_id", "channel_account"),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
        sa.UniqueConstraint("token_sha256", name="uq_api_key_token_sha256"),
    )
    op.create_table(
        "api_use",
        _number("api_key_id"),
        _moment("second"),
        _number("used"),
        _to("api_use", "api_key_id", "api_key"),
        sa.PrimaryKeyConstraint("api_key_id", "second", name="pk_api_use"),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "api_answer",
        _number("api_key_id"),
        _text("name"),
        _text("request_sha256"),
        _number("status"),
        sa.Column("answer", postgresql.JSONB(), nullable=False),
        _moment("at"),
        _to("api_answer", "api_key_id", "api_key"),
        sa.PrimaryKeyConstraint("api_key_id", "name", name="pk_api_answer"),
    )


def _create_events() -> None:
    op.create_table(
        "receiver",
        _id(),
        _text("name"),
        _text("url"),
        sa.Column("events", postgresql.JSONB(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        _moment("gave_up_at", optional=True),
        _text("gave_up_because", optional=True),
        _number("misses"),
        _moment("rest_until", optional=True),
        sa.PrimaryKeyConstraint("id", name="pk_receiver"),
        sa.UniqueConstraint("name", name="uq_receiver_name"),
    )
    op.create_table(
        "event_cursor",
        _id(),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("begin", "end", "told")),
        sa.PrimaryKeyConstraint("id", name="pk_event_cursor"),
    )
    op.create_table(
        "event",
        _id(),
        _number("receiver_id"),
        _number("appeal_id"),
        _number("seq"),
        _text("kind"),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        _text("state"),
        *map(_moment, ("created_at", "begun_at", "due_at")),
        _number("attempts"),
        _moment("delivered_at", optional=True),
        _number("status", optional=True),
        _text("answer", optional=True),
        _to("event", "receiver_id", "receiver"),
        _to("event", "appeal_id", "appeal"),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
    )
    waiting = sa.text("state IN ('waiting','sending')")
    op.create_index("ix_event_due", "event", ["due_at", "id"], postgresql_where=waiting)
    op.create_index("ix_event_sending", "event", ["receiver_id"], postgresql_where=sa.text("state = 'sending'"))
    op.create_index("ix_event_line", "event", ["receiver_id", "appeal_id", "id"])
    op.create_index("ix_event_log", "event", ["receiver_id", "id"])
    op.create_index("ix_event_created", "event", ["created_at"], postgresql_using="brin")


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.drop_index("ix_message_sending", "message")
    op.drop_index("ix_inbound_received", "inbound")
    for table, columns in ADDED.items():
        for name, _ in columns:
            op.drop_column(table, name)
