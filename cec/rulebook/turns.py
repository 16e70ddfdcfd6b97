"""Long work among others: every few milliseconds it gives way, to threads and to greenlets alike.

A table of thousands of rows is checked in the process that also draws pages and tells offers.
"""

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
# Seconds at a stretch: hardly longer than a thread has anyway.
STRETCH = 0.01


def in_turns(items: Iterable[T]) -> Iterator[T]:
    """Go through some items and let others have their turn in between."""
    begun = time.perf_counter()
    for item in items:
        yield item
        if time.perf_counter() - begun > STRETCH:
            # Looked up anew each time: where greenlets serve, it is theirs.
            time.sleep(0)
            begun = time.perf_counter()
