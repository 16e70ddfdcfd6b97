"""Files on disk that no row names any more: removed after the commit that unnamed them, never before.

A row may name the bytes again at any moment: whoever keeps them touches the file, and what was touched within GRACE
stays. What a crash left behind, and what was uploaded and never sent, is found by going through the shelves.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import partial

from sqlalchemy import text

from cec.platform import clock, storage, work
from cec.platform.db import after_commit, db, unit_of_work

# How long a file is left alone after somebody has kept the same bytes.
GRACE = dt.timedelta(minutes=15)
# How long a file may wait for the row that names it: an upload for its message, a sheet for the yes of a person.
UNNAMED = dt.timedelta(days=1)
SHELVES = 256
BATCH = 500

# A message of the web chat names its files in its words until it is taken in, or out of quarantine.
_NAMED = text("""
    SELECT sha256 FROM attachment WHERE sha256 = ANY(:files)
    UNION SELECT raw FROM inbound WHERE raw = ANY(:files) AND raw <> '' AND body IS NULL
    UNION SELECT each.name FROM unnest(CAST(:files AS text[])) AS each (name), inbound i
          WHERE i.state IN ('new', 'quarantined', 'discarded') AND i.body IS NOT NULL
            AND position(convert_to(each.name, 'UTF8') IN i.body) > 0""")


def leave(files: Iterable[str]) -> None:
    """Let the bytes of files go once this transaction stands, if no other row names them."""
    names, now = sorted(set(files) - {""}), clock.now()
    for start in range(0, len(names), BATCH):
        # A moment later than the grace: whoever keeps the same bytes just now is to be seen.
        work.enqueue("retention.discard", at=now + GRACE + dt.timedelta(seconds=1), files=names[start : start + BATCH])


@work.handler("retention.discard")
def discard(files: Sequence[str]) -> None:
    """Remove files that nothing names, once this transaction stands."""
    since = clock.now() - GRACE
    for name in unnamed(files):
        after_commit(partial(storage.discard, name, untouched_since=since))


def unnamed(files: Sequence[str]) -> list[str]:
    """Tell which of some files no row names."""
    named = set(db.session.scalars(_NAMED, {"files": list(files)})) if files else set()
    return sorted(set(files) - named)


def tidy(shelf: int) -> int:
    """Remove what lies on a shelf unnamed for a day; gives how many files."""
    since = clock.now() - UNNAMED
    found = storage.untouched(f"{shelf:02x}", since=since)
    gone = 0
    for start in range(0, len(found), BATCH):
        with unit_of_work():
            lost = unnamed(found[start : start + BATCH])
        gone += sum(storage.discard(name, untouched_since=since) for name in lost)
    return gone


def tidy_next() -> int:
    """Tidy the shelf whose turn this minute is: all of them within four and a half hours."""
    return tidy(int(clock.now().timestamp() // 60) % SHELVES)
