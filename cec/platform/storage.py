"""Bytes of files on disk, named by their sha-256; the same bytes are kept once."""

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
    target = path(sha256)
    if target.exists():
        return sha256
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{sha256}.{secrets.token_hex(4)}")
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
    return sha256


def get(sha256: str) -> bytes:
    """Read the bytes of a file."""
    return path(sha256).read_bytes()
