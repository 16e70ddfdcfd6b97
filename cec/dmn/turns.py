"""Long work among others: where greenlets serve it gives way every few milliseconds; threads take turns by themselves.

A table of thousands of rows is checked in the process that also draws pages and tells offers.
"""

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
# Seconds at a stretch: a page that asks the database ten times still comes at once.
STRETCH, MOMENT = 0.002, 0.00001


def in_turns(items: Iterable[T]) -> Iterator[T]:
    """Go through some items and let others have their turn in between."""
    begun = time.perf_counter()
    for item in items:
        yield item
        if time.perf_counter() - begun > STRETCH:
            # Greenlets bring a sleep of their own; of no time at all it would not look who has been answered meanwhile.
            if time.sleep.__module__ != "time":
                time.sleep(MOMENT)
            begun = time.perf_counter()
