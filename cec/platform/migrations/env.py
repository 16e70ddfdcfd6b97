"""Alembic's environment: the application's database, one transaction for all steps."""

from alembic import context

from cec.platform.db import db


def run() -> None:
    """Run the steps over a connection of the application."""
    with context.config.attributes["engine"].connect() as connection:
        context.configure(connection=connection, target_metadata=db.metadata, include_object=_ours)
        with context.begin_transaction():
            # The tables of a large centre take as long as they take.
            connection.execute(db.text("SET LOCAL statement_timeout = 0"))
            context.run_migrations()


def _ours(_thing: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:  # noqa: FBT001
    """Partitions of the journal come and go by themselves."""
    return not (kind == "table" and name is not None and name.startswith("journal_"))


run()
