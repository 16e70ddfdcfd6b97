"""Lighter claims: what appeals are searched by stands beside them.

Revision ID: 0019
Revises: 0017
"""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import op

import cec

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

WORDS = sa.text("to_tsvector('simple', lower(translate(subject, 'ёЁ', 'ее')))")
SIGNS: dict[str, Any] = {"postgresql_using": "gin", "postgresql_ops": {"number": "gin_trgm_ops"}}
FUNCTIONS = (
    "next_pair(timestamptz, int[])",
    "claim(int, timestamptz, jsonb)",
    "has_room(int, int, int, int, int, boolean, int)",
    "urgency(float8, interval, interval)",
)
KEEP_TITLE = """
    CREATE FUNCTION keep_title() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO appeal_title (appeal_id, number, subject) VALUES (NEW.id, NEW.number, NEW.subject)
        ON CONFLICT (appeal_id) DO UPDATE SET number = excluded.number, subject = excluded.subject;
        RETURN NULL;
    END $$;
    CREATE TRIGGER keep_title AFTER INSERT OR UPDATE OF number, subject ON appeal
    FOR EACH ROW EXECUTE FUNCTION keep_title()"""


def upgrade() -> None:
    _set_titles_apart()
    op.execute("DROP FUNCTION lately_refused(int, timestamptz)")
    _choose_by(Path(cec.__file__).parent / "distribution" / "choosing.sql")


def _set_titles_apart() -> None:
    op.create_table(
        "appeal_title",
        sa.Column("appeal_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appeal_id"], ["appeal.id"], name="fk_appeal_title_appeal_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("appeal_id", name="pk_appeal_title"),
    )  # fmt: skip
    op.execute("INSERT INTO appeal_title (appeal_id, number, subject) SELECT id, number, subject FROM appeal")
    op.create_index("ix_appeal_title_number_signs", "appeal_title", ["number"], **SIGNS)
    op.create_index("ix_appeal_title_subject_words", "appeal_title", [WORDS], postgresql_using="gin")
    op.execute(KEEP_TITLE)
    op.drop_index("ix_appeal_number_signs", "appeal")
    op.drop_index("ix_appeal_subject_words", "appeal")
    # Nobody asks by the moment of creation, nor for appeals without a client.
    op.drop_index("ix_appeal_created", "appeal")
    op.drop_index("ix_appeal_client_id", "appeal")
    op.create_index("ix_appeal_client", "appeal", ["client_id"], postgresql_where=sa.text("client_id IS NOT NULL"))


def _choose_by(text: Path) -> None:
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.execute(text.read_text())


def downgrade() -> None:
    _choose_by(Path(__file__).with_name("0010_choosing.sql"))
    op.create_index("ix_appeal_subject_words", "appeal", [WORDS], postgresql_using="gin")
    op.create_index("ix_appeal_number_signs", "appeal", ["number"], **SIGNS)
    op.drop_index("ix_appeal_client", "appeal")
    op.create_index("ix_appeal_client_id", "appeal", ["client_id"])
    op.create_index("ix_appeal_created", "appeal", ["created_at"])
    op.execute("DROP TRIGGER keep_title ON appeal")
    op.execute("DROP FUNCTION keep_title()")
    op.drop_table("appeal_title")
