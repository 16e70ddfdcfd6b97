"""Reading a form of many fields: what is wrong is collected, so that a person sees all of it at once."""

import datetime as dt
from collections.abc import Callable, Collection
from typing import TypeVar

from flask import request

from cec.platform import clock, durations, i18n
from cec.platform.errors import Invalid, InvalidFields

T = TypeVar("T")


class NumberUnfit(Invalid):
    """Write a whole number from {low} to {high}."""


class ChoiceUnfit(Invalid):
    """Choose from the list."""


class MomentUnclear(Invalid):
    """Write a day and a time."""


class Filled:
    """The form of a request; `done` refuses it if any field was unfit."""

    def __init__(self) -> None:
        self.errors: dict[str, str] = {}

    def text(self, name: str) -> str:
        """Read a text."""
        return request.form.get(name, "").strip()

    def tick(self, name: str) -> bool:
        """Tell whether a box is ticked."""
        return name in request.form

    def read(self, name: str, reader: Callable[[str], T], default: T, *, at: str = "") -> T:
        """Read a field in its own way; what is wrong with it is kept for its place."""
        try:
            return reader(self.text(name))
        except Invalid as refusal:
            self.errors.setdefault(at or name, refusal.sentence())
            return default

    def number(self, name: str, low: int, high: int) -> int:
        """Read a whole number."""
        return self.read(name, lambda text: whole(text, low, high), low)

    def maybe_number(self, name: str, low: int, high: int) -> int | None:
        """Read a whole number that may be left out."""
        return self.number(name, low, high) if self.text(name) else None

    def duration(self, name: str) -> dt.timedelta:
        """Read a duration: 10 min."""
        return self.read(name, durations.read, dt.timedelta(seconds=1))

    def moment(self, name: str) -> dt.datetime:
        """Read a day and a time of the reader's zone."""
        return self.read(name, moment, clock.now())

    def one_of(self, name: str, known: Collection[str]) -> str:
        """Read a choice."""
        value = self.text(name)
        if value not in known:
            self.errors.setdefault(name, ChoiceUnfit().sentence())
        return value

    def maybe_id(self, name: str, known: Collection[int]) -> int | None:
        """Read a choice that may be left open."""
        value = self.one_of(name, {"", *map(str, known)})
        return int(value) if value.isdecimal() else None

    def ids(self, name: str) -> set[int]:
        """Read the numbers that are ticked."""
        return {int(value) for value in request.form.getlist(name) if value.isascii() and value.isdecimal()}

    def done(self) -> None:
        """Refuse the form if a field was unfit.

        :raises InvalidFields: with a sentence for each of them.
        """
        if self.errors:
            raise InvalidFields(self.errors)


def whole(text: str, low: int, high: int) -> int:
    """Read a whole number within bounds.

    :raises NumberUnfit: when it is none.
    """
    fits = text.isascii() and text.isdecimal() and len(text) < 10  # noqa: PLR2004 - numbers of this size
    if not fits or not low <= int(text) <= high:
        raise NumberUnfit(low=low, high=high)
    return int(text)


def moment(text: str) -> dt.datetime:
    """Read a day and a time of the reader's zone.

    :raises MomentUnclear: when it is none.
    """
    try:
        return i18n.from_local(text)
    except (ValueError, OverflowError):
        raise MomentUnclear from None
