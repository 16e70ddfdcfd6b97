"""Signatures of requests between programs: `t=1795683600,v1=HEX`, HMAC-SHA256 of "t.body" with a shared secret.

The moment is signed too, so that a request which somebody has overheard is worth nothing a few minutes later.
"""

import datetime as dt
import hashlib
import hmac
import secrets

from cec.platform import clock

HEADER = "x-cec-signature"
SKEW = dt.timedelta(minutes=5)
_LONGEST = 500
# What a request of a signed channel and an event of ours begin with is told apart by nobody: secrets are not shared.
SECRET_BYTES = 32


def new_secret() -> str:
    """Make a secret at random."""
    return secrets.token_urlsafe(SECRET_BYTES)


def sign(secret: str, body: bytes, *, at: dt.datetime | None = None) -> str:
    """Give the value of the header X-CEC-Signature for a body."""
    moment = str(int((at or clock.now()).timestamp()))
    return f"t={moment},v1={_mac(secret, moment, body)}"


def fits(secret: str, signature: str, body: bytes) -> bool:
    """Check a signature and its moment, five minutes either way; tells by time nothing of what is right in it."""
    parts = dict(part.strip().partition("=")[::2] for part in signature[:_LONGEST].split(","))
    moment, told = parts.get("t", ""), parts.get("v1", "")
    is_number = moment.isascii() and moment.isdigit() and len(moment) < 12  # noqa: PLR2004 - till the year 5138
    right = hmac.compare_digest(_mac(secret, moment, body), told.lower()) if told.isascii() else False
    return bool(secret) and is_number and right and abs(clock.now().timestamp() - int(moment)) <= SKEW.total_seconds()


def _mac(secret: str, moment: str, body: bytes) -> str:
    return hmac.new(secret.encode(), moment.encode("utf-8", "replace") + b"." + body, hashlib.sha256).hexdigest()
