"""Bytes of files on disk, named by their sha-256; the same bytes are kept once.

What may never be needed lies aside, until it is brought in or has grown old.
"""

import datetime as dt
import hashlib
import os
import secrets
from pathlib import Path

from flask import current_app


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
    if not path(sha256).exists():
        _write(path(sha256), content)
    return sha256


def get(sha256: str) -> bytes:
    """Read the bytes of a file."""
    return path(sha256).read_bytes()


def lay_aside(content: bytes, *, at: dt.datetime) -> str:
    """Lay bytes aside at a moment and give their sha-256; whoever needs them brings them in before they are old."""
    sha256 = hashlib.sha256(content).hexdigest()
    target = _aside() / sha256
    if not target.exists():
        _write(target, content)
    os.utime(target, (at.timestamp(), at.timestamp()))
    return sha256


def bring_in(sha256: str) -> bool:
    """Keep what was laid aside; tells whether it is there."""
    kept, aside = path(sha256), _aside() / sha256
    if kept.exists():
        return True
    try:
        _write(kept, aside.read_bytes())
    except FileNotFoundError:
        return False
    return True


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


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fdatasync(file.fileno())
        part.replace(target)
    except OSError:
        # A full disk: what is half written must not fill it further.
        part.unlink(missing_ok=True)
        raise
