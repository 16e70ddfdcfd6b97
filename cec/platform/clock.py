"""The only reader of the system clock."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

_shift = dt.timedelta()
_stopped_at: dt.datetime | None = None


def now() -> dt.datetime:
    """Tell the moment, aware and in UTC."""
    if _stopped_at is not None:
        return _stopped_at
    return dt.datetime.now(dt.UTC) + _shift  # noqa: TID251 - the one place


def shift(by: dt.timedelta) -> None:
    """Run ahead of the system clock: for rehearsals (setting CEC_CLOCK_SHIFT)."""
    global _shift  # noqa: PLW0603 - one clock per process
    _shift = by


@contextmanager
def stopped(at: dt.datetime) -> Iterator["Hands"]:
    """Stop the clock of this process; the story moves its hands."""
    global _stopped_at  # noqa: PLW0603
    before, _stopped_at = _stopped_at, at
    try:
        yield Hands()
    finally:
        _stopped_at = before


class Hands:
    """Moves a stopped clock."""

    def forward(self, by: dt.timedelta) -> dt.datetime:
        """Let time pass."""
        return self.to(now() + by)

    def to(self, moment: dt.datetime) -> dt.datetime:
        """Jump to a moment."""
        global _stopped_at  # noqa: PLW0603
        _stopped_at = moment
        return moment
