"""Passwords: argon2id, at least ten characters, none of those that everybody tries."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from cec.platform.errors import Invalid

SHORTEST = 10
LONGEST = 200
_COMMON = ("password", "qwerty", "йцукен", "пароль", "12345", "11111", "admin", "letmein")

# The least that OWASP asks of argon2id: 19 MiB, two passes.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Compared when the login is unknown, so that it takes the same time.
_NOBODY = _hasher.hash(secrets.token_urlsafe())


class TooShort(Invalid):
    """A password has at least 10 characters."""

    field = "new_password"


class TooLong(Invalid):
    """A password has at most 200 characters."""

    field = "new_password"


class TooSimple(Invalid):
    """This password is too easy to guess."""

    field = "new_password"


def hash_password(password: str) -> str:
    """Make the only form in which a password is kept."""
    return _hasher.hash(password)


def fits(password_hash: str | None, password: str) -> bool:
    """Tell whether a password is right; an unknown person's takes the same time."""
    try:
        return _hasher.verify(password_hash or _NOBODY, password[:LONGEST]) and password_hash is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def check(password: str, *, login: str) -> None:
    """Refuse a password that is short, or that guessing programs try first.

    :raises Invalid: with the sentence for the field.
    """
    if len(password) < SHORTEST:
        raise TooShort
    if len(password) > LONGEST:
        raise TooLong
    bare = password.casefold()
    simple = len(set(bare)) < SHORTEST // 2 or bare.startswith(_COMMON)
    if simple or login.casefold() in bare:
        raise TooSimple


def one_time() -> str:
    """Make a password to be told to a person once and changed at the first sign-in."""
    return "-".join(secrets.token_hex(3) for _ in range(3))
