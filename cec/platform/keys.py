"""The secret of this installation: encrypts what must be readable again, signs what must not be forged.

Made at random on the first start and kept in the data folder; without it, stored passwords of mailboxes are lost.
"""

import base64
import contextlib
import hashlib
import hmac
import os
import secrets
from functools import cache
from pathlib import Path

from cryptography.fernet import Fernet
from flask import current_app


def make(data: Path) -> Path:
    """Keep a random key in the data folder unless there is one, readable by its owner only."""
    path = data / "key"
    if path.exists():
        return path
    data.mkdir(parents=True, exist_ok=True)
    part = data / f"key.{secrets.token_hex(4)}"
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(Fernet.generate_key())
        out.flush()
        os.fsync(out.fileno())
    # Of two processes that start at once one key wins, whole.
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(part)
    part.unlink()
    return path


def encrypt(text: str) -> bytes:
    """Encrypt a text so that only this installation reads it."""
    return Fernet(_key()).encrypt(text.encode())


def decrypt(secret: bytes) -> str:
    """Read what was encrypted."""
    return Fernet(_key()).decrypt(secret).decode()


def sign(text: str) -> str:
    """Give a short signature of a text, fit for addresses: 20 url-safe characters without case, 100 bits."""
    mac = hmac.new(_purpose("sign"), text.encode(), hashlib.sha256).digest()
    return base64.b32encode(mac).decode().lower()[:20]


def is_signed(text: str, signature: str) -> bool:
    """Check a signature without telling by time how much of it is right."""
    return hmac.compare_digest(sign(text), signature)


def secret(purpose: str) -> bytes:
    """Give a secret of 32 bytes for one purpose, for libraries that sign by themselves."""
    return _purpose(f"secret {purpose}")


def _purpose(name: str) -> bytes:
    return hmac.new(_key(), name.encode(), hashlib.sha256).digest()


def _key() -> bytes:
    return _read(str(current_app.config["CEC"].data))


@cache
def _read(data: str) -> bytes:
    return make(Path(data)).read_bytes()
