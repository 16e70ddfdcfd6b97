"""Further ways by which an appeal goes on.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_WAY = ("channel_account_id", "channel_account"), ("address_id", "address")


def upgrade() -> None:
    op.add_column("appeal", sa.Column("has_ways", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_table(
        "appeal_way",
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("appeal_id", "address_id", "channel_account_id")),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeal.id"], name="fk_appeal_way_appeal_id"),
        *(sa.ForeignKeyConstraint([name], [f"{table}.id"], name=f"fk_appeal_way_{name}") for name, table in _WAY),
        sa.PrimaryKeyConstraint("appeal_id", "address_id", "channel_account_id", name="pk_appeal_way"),
    )
    op.create_index("ix_appeal_way_address", "appeal_way", ["address_id", "channel_account_id", "appeal_id"])
    for name, table in _WAY:
        op.add_column("draft", sa.Column(name, sa.Integer(), nullable=True))
        op.create_foreign_key(f"fk_draft_{name}", "draft", table, [name], ["id"])


def downgrade() -> None:
    for name, _table in _WAY:
        op.drop_column("draft", name)
    op.drop_table("appeal_way")
    op.drop_column("appeal", "has_ways")
