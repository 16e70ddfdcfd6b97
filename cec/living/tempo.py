"""How lively the demo is: chosen on the page, kept in the data folder, where the living centre looks every second.

Files and no table: what is here concerns no contact centre, and goes with the demo.
"""

from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

# The child process that lives; its mark is there as long as the parent keeps it.
CHILD = "living"


class Tempo(StrEnum):
    """How much goes on."""

    OFF = "off"
    CALM = "calm"
    DAY = "day"
    RUSH = "rush"


class Beat(NamedTuple):
    """What a tempo means."""

    # Seconds between two clients who begin to write, on the average.
    between: float
    # How many times quicker than at leisure people read, think and type.
    haste: float


BEATS = {Tempo.CALM: Beat(60, 0.7), Tempo.DAY: Beat(20, 1.0), Tempo.RUSH: Beat(6, 2.5)}


def lives(data: Path) -> bool:
    """Tell whether the centre of this folder has people who live in it."""
    return (data / "run" / f"{CHILD}.pid").exists()


def chosen(data: Path) -> Tempo:
    """Tell which tempo was chosen last; the one of a day as long as nobody chose."""
    try:
        return Tempo((data / "tempo").read_text().strip())
    except (FileNotFoundError, ValueError):
        return Tempo.DAY


def choose(data: Path, tempo: Tempo) -> None:
    """Choose a tempo."""
    part = data / "tempo.part"
    part.write_text(tempo)
    part.replace(data / "tempo")


def ask_anew(data: Path) -> None:
    """Ask the parent process to begin the demo anew."""
    _anew(data).touch()


def begins_anew(data: Path) -> bool:
    """Tell whether somebody has asked for that and it is not done yet."""
    return _anew(data).exists()


def begun_anew(data: Path) -> None:
    """Note that it is done."""
    _anew(data).unlink(missing_ok=True)


def _anew(data: Path) -> Path:
    return data / "run" / "anew"
