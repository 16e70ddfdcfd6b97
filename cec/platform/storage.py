"""Bytes of files on disk, named by their sha-256; the same bytes are kept once.

Whoever keeps bytes that are there already touches their file: what was touched lately is never removed, since the row
that names it may not be committed yet. What may never be needed lies aside, until it is brought in or has grown old.
"""

import datetime as dt
import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import current_app

from cec.platform import clock


def folder() -> Path:
    """Tell where files lie."""
    return Path(current_app.config["CEC_FILES"])


def largest() -> int:
    """Tell how many bytes one thing from outside may have (CEC_MAX_MEGABYTES)."""
    return int(current_app.config["MAX_CONTENT_LENGTH"])


def path(sha256: str) -> Path:
    """Tell where the bytes of a file lie."""
    return folder() / sha256[:2] / sha256


def put(content: bytes) -> str:
    """Keep bytes and give their sha-256; written whole or not at all, before the transaction that mentions them."""
    sha256 = hashlib.sha256(content).hexdigest()
    target = path(sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    # Nobody removes it between the look and the touch.
    with _held(target.parent, fcntl.LOCK_SH):
        if not _touch(target):
            _write(target, content)
    return sha256


def _touch(target: Path) -> bool:
    now = clock.now().timestamp()
    try:
        os.utime(target, (now, now))
    except FileNotFoundError:
        return False
    return True


def _write(target: Path, content: bytes) -> None:
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fdatasync(file.fileno())
        _touch(part)
        part.replace(target)
    except OSError:
        # A full disk: what is half written must not fill it further.
        part.unlink(missing_ok=True)
        raise


def get(sha256: str) -> bytes:
    """Read the bytes of a file."""
    return path(sha256).read_bytes()


def lay_aside(content: bytes, *, at: dt.datetime) -> str:
    """Lay bytes aside at a moment and give their sha-256; whoever needs them brings them in before they are old."""
    sha256 = hashlib.sha256(content).hexdigest()
    target = _aside() / sha256
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        _write(target, content)
    os.utime(target, (at.timestamp(), at.timestamp()))
    return sha256


def bring_in(sha256: str) -> bool:
    """Keep what was laid aside; tells whether it is there."""
    try:
        put((_aside() / sha256).read_bytes())
    except FileNotFoundError:
        return _is_kept(path(sha256))
    return True


def _is_kept(target: Path) -> bool:
    """Touch a file that is kept already, so that nobody removes it now."""
    if not target.parent.exists():
        return False
    with _held(target.parent, fcntl.LOCK_SH):
        return _touch(target)


def forget_aside(*, before: dt.datetime) -> int:
    """Delete what was laid aside before a moment; gives how many files."""
    if not _aside().is_dir():
        return 0
    old = [each for each in _aside().iterdir() if each.stat().st_mtime < before.timestamp()]
    for each in old:
        each.unlink(missing_ok=True)
    return len(old)


def _aside() -> Path:
    return folder() / "aside"


def discard(sha256: str, *, untouched_since: dt.datetime) -> bool:
    """Remove the bytes of a file that no row names, if nobody has kept the same since; tells whether they went."""
    target = path(sha256)
    if not target.parent.exists():
        return False
    with _held(target.parent, fcntl.LOCK_EX):
        if not target.exists() or target.stat().st_mtime >= untouched_since.timestamp():
            return False
        target.unlink()
    return True


def untouched(shelf: str, *, since: dt.datetime) -> list[str]:
    """List the files of a shelf (the first two signs of their names) that nobody has touched since a moment."""
    place, before = folder() / shelf, since.timestamp()
    if not place.exists():
        return []
    with os.scandir(place) as found:
        return sorted(file.name for file in found if len(file.name) == _NAME and file.stat().st_mtime < before)


_NAME = 64


@contextmanager
def _held(place: Path, how: int) -> Iterator[None]:
    """Hold a shelf with others, or alone."""
    handle = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(handle, how)
        yield
    finally:
        os.close(handle)
