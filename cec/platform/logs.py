"""Logging: one line per request, job and process run, with their ids; never texts or addresses of clients."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ids: ContextVar[dict[str, str]] = ContextVar("ids", default={})  # noqa: B039 - replaced, never changed


class _WithIds(logging.Formatter):
    """Appends the ids of what is being done: request=…, job=…, instance=…."""

    def format(self, record: logging.LogRecord) -> str:
        told = super().format(record)
        ids = " ".join(f"{name}={value}" for name, value in _ids.get().items())
        head, line, rest = told.partition("\n")
        return f"{head} {ids}{line}{rest}" if ids else told


@contextmanager
def about(**ids: object) -> Iterator[None]:
    """Put ids into every line that is logged meanwhile."""
    token = _ids.set(_ids.get() | {name: str(value) for name, value in ids.items()})
    try:
        yield
    finally:
        _ids.reset(token)


def set_up(level: str) -> None:
    """Log to standard error, lines that begin with moment and level."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_WithIds("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # They tell each tick.
    for chatty in ("apscheduler", "alembic", "mail.log"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
