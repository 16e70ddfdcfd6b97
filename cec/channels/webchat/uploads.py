"""Files that visitors of a web chat attach: they lie aside until their message comes, and go if none does."""

import datetime as dt
from collections.abc import Iterable

from cec.channels.webchat.writing import Kept, NotThatFile
from cec.platform import clock, storage

# So long somebody may write at the message that his file belongs to.
PATIENCE = dt.timedelta(hours=24)


def lay_aside(name: str, kind: str, content: bytes) -> Kept:
    """Lay a file aside for the message that it will come with."""
    return Kept(name, kind, len(content), storage.lay_aside(content, at=clock.now()))


def bring_in(files: Iterable[Kept]) -> None:
    """Keep the files of a message that has come.

    :raises NotThatFile: when one has lain too long.
    """
    if not all(storage.bring_in(file.sha256) for file in files):
        raise NotThatFile


def forget() -> int:
    """Delete the files whose message never came; gives how many."""
    return storage.forget_aside(before=clock.now() - PATIENCE)
