"""Orphans: open appeals whose status and place in the diagram disagree (CORE 1); each becomes an incident once."""

import datetime as dt

from cec.appeals import lifecycle, queries
from cec.appeals.models import Status
from cec.platform import clock
from cec.workflow import incidents

# A change in progress is no orphan.
SETTLED = dt.timedelta(minutes=1)


def look() -> int:
    """Open an incident for every orphan; gives how many there are."""
    orphans = [
        row
        for row in queries.open_with_places(clock.now() - SETTLED)
        if lifecycle.PLACES.get(Status(row.status)) not in row.places.split(",")
    ]
    for row in orphans:
        incidents.report(
            f"appeal:{row.id}",
            step={"act": "watchdog"},
            error=f"appeal {row.number} is {row.status}, its process is at: {row.places or 'nowhere'}",
        )
    return len(orphans)
