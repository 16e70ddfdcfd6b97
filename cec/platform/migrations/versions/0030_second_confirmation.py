"""A client is forgotten when a second person has confirmed it.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forgetting_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("address_id", sa.Integer(), nullable=True),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("paper", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_forgetting_request"),
        sa.UniqueConstraint("client_id", name="uq_forgetting_request_client_id"),
        sa.UniqueConstraint("address_id", name="uq_forgetting_request_address_id"),
        *(
            sa.ForeignKeyConstraint([f"{table}_id"], [f"{table}.id"], name=f"fk_forgetting_request_{table}_id")
            for table in ("client", "address", "employee")
        ),
        sa.CheckConstraint("num_nonnulls(client_id, address_id) = 1", name=op.f("ck_forgetting_request_whom")),
    )
    op.add_column("forgetting", sa.Column("confirmed_by_id", sa.Integer(), nullable=True))
    op.create_foreign_key("fk_forgetting_confirmed_by_id", "forgetting", "employee", ["confirmed_by_id"], ["id"])


def downgrade() -> None:
    op.drop_column("forgetting", "confirmed_by_id")
    op.drop_table("forgetting_request")
