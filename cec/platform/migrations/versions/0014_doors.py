"""Doors: kinds of events, receipts, order per address, files to fetch, what is usual in a channel; keys and events.

Revision ID: 0014
Revises: 0011
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0011"
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
TABLES = ("awaited_file", "channel_hour")


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
    op.create_index("ix_inbound_received", "inbound", ["received_at"], postgresql_using="brin")
    op.create_index(
        "ix_appeal_conversation",
        "appeal",
        ["channel_account_id", "conversation", "id"],
        postgresql_where=sa.text("conversation IS NOT NULL"),
    )
    _create_channel_tables()


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


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.drop_index("ix_inbound_received", "inbound")
    for table, columns in ADDED.items():
        for name, _ in columns:
            op.drop_column(table, name)
