"""Who does not want to be written to first; first messages that go to him all the same, or wait for the morning.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opt_out",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("address_id", sa.Integer(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_opt_out"),
        sa.UniqueConstraint("client_id", name="uq_opt_out_client_id"),
        sa.UniqueConstraint("address_id", name="uq_opt_out_address_id"),
        *(
            sa.ForeignKeyConstraint([f"{table}_id"], [f"{table}.id"], name=f"fk_opt_out_{table}_id")
            for table in ("client", "address", "employee")
        ),
        sa.CheckConstraint("num_nonnulls(client_id, address_id) = 1", name=op.f("ck_opt_out_whose")),
    )
    op.add_column("first_message", sa.Column("is_service", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.alter_column("first_message", "is_service", server_default=None)
    op.add_column("first_message", sa.Column("held_from", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("first_message", "held_from")
    op.drop_column("first_message", "is_service")
    op.drop_table("opt_out")
