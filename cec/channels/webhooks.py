"""The webhook door, without its HTTP: verify, keep raw, answer; the worker understands it later (SPEC 1C).

What a provider sends is kept before anything is made of it, under the provider's own name of it: a repeat is one row.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from sqlalchemy import bindparam, select

from cec.channels import channel as channels
from cec.channels import receiving
from cec.channels.models import ChannelAccount
from cec.platform.db import PLANNED_ONCE, db
from cec.platform.errors import NotFound, Refusal

# Of the headers of a request these are kept beside its body; signatures and tokens never are.
KEPT = ("content-type", "user-agent")


class UnknownAccount(NotFound):
    """There is no channel account “{code}”."""


class Unsettled(Refusal):
    """This is being kept by another request in this moment: send it again."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after = 1


class NotVerified(Refusal):
    """The signature is missing, wrong or too old: nothing was taken in."""

    status = HTTPStatus.UNAUTHORIZED


_BY_CODE = (
    select(ChannelAccount)
    .where(ChannelAccount.code == bindparam("code"), ChannelAccount.is_active)
    .execution_options(**PLANNED_ONCE)
)
# Accounts as they were read last; what is kept by one is kept only if it is still the same (receiving.receive_at_once).
_known: dict[str, ChannelAccount] = {}
MOST_KNOWN = 1000
TRIES = 5


def account(code: str) -> ChannelAccount:
    """Get the active account of a code.

    :raises UnknownAccount: when there is none.
    """
    found = db.session.scalars(_BY_CODE, {"code": code}).one_or_none() if code.isprintable() else None
    if found is None:
        raise UnknownAccount(code=code[:40])
    return found


def keep(
    code: str,
    prove: Callable[[ChannelAccount], None],
    name: str,
    body: bytes,
    envelope: Mapping[str, Any],
    line: str | None = None,
) -> tuple[ChannelAccount, int, bool]:
    """Keep a request that `prove` lets in, as fast as it goes; gives account, number, and whether it is new.

    What names a line is taken in after all that came before it in the same line.

    :raises UnknownAccount: and whatever `prove` raises; then nothing is stored.
    """
    for attempt in range(TRIES):
        found = _remembered(code, anew=attempt > 0)
        try:
            prove(found)
        except Refusal:
            # Whom what was remembered keeps out, what it is now may let in.
            if attempt:
                raise
            continue
        kept = receiving.receive_at_once(found, name, body, envelope, line)
        if kept is not None:
            return found, *kept
    raise Unsettled


def _remembered(code: str, *, anew: bool) -> ChannelAccount:
    known = None if anew else _known.get(code)
    if known is None:
        _known.pop(code, None)
        known = account(code)
        db.session.expunge(known)
        if len(_known) < MOST_KNOWN:
            _known[code] = known
    return known


def take(code: str, headers: Mapping[str, Any], body: bytes) -> int | None:
    """Verify a request and keep it; gives its number, None when it is a repeat.

    :raises UnknownAccount, NotVerified: and nothing is stored.
    """

    def prove(found: ChannelAccount) -> None:
        if not channels.get(found.channel).verify(found, headers, body):
            raise NotVerified

    known = _remembered(code, anew=False)
    kept = {name: str(headers[name])[:500] for name in KEPT if headers.get(name)}
    name = channels.get(known.channel).event_id(headers, body)
    _account, number, is_new = keep(code, prove, name, body, kept)
    return number if is_new else None
