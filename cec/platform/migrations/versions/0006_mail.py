"""Mail at home: what came back and why, which addresses cannot receive, who keeps which mailbox.

Revision ID: 0006
Revises: 0005
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ADDED: dict[str, list[tuple[str, Any]]] = {
    "address": [("cannot_since", MOMENT), ("cannot_reason", sa.Text())],
    "message": [("about_id", sa.Integer())],
    "channel_account": [
        ("error_detail", sa.Text()),
        ("out_error", sa.Text()),
        ("looked_at", MOMENT),
        ("keeper", sa.Text()),
        ("kept_until", MOMENT),
    ],
}


def upgrade() -> None:
    for table, columns in ADDED.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind, nullable=True))
    op.add_column("address", sa.Column("can_receive", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.alter_column("address", "can_receive", server_default=None)
    op.add_column("message", sa.Column("undelivered", postgresql.JSONB(), nullable=False, server_default="{}"))
    op.alter_column("message", "undelivered", server_default=None)
    op.create_foreign_key("fk_message_about_id", "message", "message", ["about_id"], ["id"])


def downgrade() -> None:
    op.drop_column("message", "undelivered")
    op.drop_column("address", "can_receive")
    for table, columns in ADDED.items():
        for name, _ in columns:
            op.drop_column(table, name)
