"""Operator: moments that are often chosen, beside a field for any other (guide 3.2.6, 3.7.2)."""

import datetime as dt
from dataclasses import dataclass

from cec.platform import clock, i18n
from cec.platform.i18n import gettext as _

NINE = dt.time(9)


@dataclass(frozen=True)
class Preset:
    """A moment that is often chosen."""

    label: str
    value: str


def presets() -> list[Preset]:
    """List them as a field takes them, in the reader's zone."""
    here = i18n.local(clock.now())
    nine = dt.datetime.combine(here.date() + dt.timedelta(days=1), NINE, here.tzinfo)
    moments = [
        (_("15 minutes"), here + dt.timedelta(minutes=15)),
        (_("1 hour"), here + dt.timedelta(hours=1)),
        (_("Tomorrow, 9:00"), nine),
        (_("In 3 days"), nine + dt.timedelta(days=2)),
    ]
    return [Preset(label, f"{moment:%Y-%m-%dT%H:%M}") for label, moment in moments]
