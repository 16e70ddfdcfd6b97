"""How a person wants to be told: sounds, volume, quiet hours, the browser; and whether keys act (guide 2.2.7)."""

import datetime as dt
from dataclasses import asdict, dataclass, field
from typing import Any

from cec.platform import clock, i18n
from cec.platform.errors import Invalid
from cec.platform.i18n import mark
from cec.staff.models import Employee
from cec.staff.readers import Person

# What may sound, and what it is called.
SOUNDS = {
    "offer": mark("New offer"),
    "message": mark("The client wrote"),
    "info": mark("News"),
    "warning": mark("Warnings"),
    "error": mark("Errors"),
    "announcement": mark("Announcements"),
}
LOUDEST = 100


class WrongTime(Invalid):
    """Write both times of the quiet hours as hours and minutes, or none."""

    field = "quiet_from"


class WrongVolume(Invalid):
    """Choose a volume from 0 to 100."""

    field = "volume"


@dataclass(frozen=True)
class Preferences:
    """What is kept of it."""

    sounds: list[str] = field(default_factory=lambda: [sound for sound in SOUNDS if sound != "info"])
    volume: int = 50
    # Times of the person's own clock; empty when there are none.
    quiet_from: str = ""
    quiet_to: str = ""
    browser: bool = False
    keys: bool = True

    @property
    def is_quiet(self) -> bool:
        """Tell whether these are the quiet hours, which may go over midnight."""
        if not self.quiet_from:
            return False
        now = i18n.local(clock.now()).time()
        begins, ends = dt.time.fromisoformat(self.quiet_from), dt.time.fromisoformat(self.quiet_to)
        return begins <= now < ends if begins <= ends else now >= begins or now < ends


def of(employee: Person) -> Preferences:
    """Read a person's preferences; what he never chose is as usual."""
    return Preferences(**employee.preferences.get("notices", {}))


def keep(employee: Employee, wanted: Preferences) -> None:
    """Keep a person's preferences.

    :raises Invalid: when a value cannot be.
    """
    if not 0 <= wanted.volume <= LOUDEST:
        raise WrongVolume
    if not (_is_time(wanted.quiet_from) and _is_time(wanted.quiet_to)) and (wanted.quiet_from or wanted.quiet_to):
        raise WrongTime
    known: dict[str, Any] = asdict(wanted) | {"sounds": [sound for sound in SOUNDS if sound in wanted.sounds]}
    employee.preferences = {**employee.preferences, "notices": known}


def _is_time(text: str) -> bool:
    try:
        dt.time.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("09:00")
