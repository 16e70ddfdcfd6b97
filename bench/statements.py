"""What is said to the database meanwhile; for figures and for tests that count."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from cec.platform.db import db


@contextmanager
def said() -> Iterator[list[str]]:
    """Note every statement."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, _values: Any, context: Any, _many: Any) -> None:
        # As it was written, also when the server has planned it before.
        statements.append(context.statement if context else statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
