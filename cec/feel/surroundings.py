"""What a text is compiled into: the names and types around it, and whether an error stops or is null."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from cec.feel.refusals import FeelError
from cec.feel.typing import Types


@dataclass(frozen=True)
class Surroundings:
    """What is known outside of a text."""

    # Names of the context that hold spaces or signs: only who knows them can tell them from operators.
    spaced: frozenset[str] = frozenset()
    # Names of the context that may be functions; they also hide functions of the standard.
    callables: frozenset[str] = frozenset()
    types: Types = field(default_factory=dict)
    # Strict: what cannot be worked out stops with an error. Else, as the standard has it, it is null and is noted.
    is_strict: bool = True


_notes: ContextVar[list[FeelError] | None] = ContextVar("notes", default=None)


@contextmanager
def noting() -> Iterator[list[FeelError]]:
    """Gather what could not be worked out and became null."""
    notes: list[FeelError] = []
    token = _notes.set(notes)
    try:
        yield notes
    finally:
        _notes.reset(token)


MOST_NOTES = 20


def note(why: FeelError) -> None:
    """Note an error that became null; a loop may meet the same one often."""
    notes = _notes.get()
    if notes is not None and len(notes) < MOST_NOTES:
        notes.append(why)
