"""The webhook door, without its HTTP: verify, keep raw, answer; the worker understands it later (SPEC 1C).

What a provider sends is kept before anything is made of it, under the provider's own name of it: a repeat is one row.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from sqlalchemy import bindparam, select

from cec.channels import channel as channels
from cec.channels import receiving
from cec.channels.models import ChannelAccount
from cec.platform.db import db
from cec.platform.errors import NotFound, Refusal

# Of the headers of a request these are kept beside its body; signatures and tokens never are.
KEPT = ("content-type", "user-agent")


class UnknownAccount(NotFound):
    """There is no channel account “{code}”."""


class NotVerified(Refusal):
    """The signature is missing, wrong or too old: nothing was taken in."""

    status = HTTPStatus.UNAUTHORIZED


_BY_CODE = select(ChannelAccount).where(ChannelAccount.code == bindparam("code"), ChannelAccount.is_active)


def account(code: str) -> ChannelAccount:
    """Get the active account of a code.

    :raises UnknownAccount: when there is none.
    """
    found = db.session.scalars(_BY_CODE, {"code": code}).one_or_none() if code.isprintable() else None
    if found is None:
        raise UnknownAccount(code=code[:40])
    return found


def take(code: str, headers: Mapping[str, Any], body: bytes) -> int | None:
    """Verify a request and keep it; gives its number, None when it is a repeat.

    :raises UnknownAccount, NotVerified: and nothing is stored.
    """
    found = account(code)
    channel = channels.get(found.channel)
    if not channel.verify(found, headers, body):
        raise NotVerified
    kept = {name: str(headers[name])[:500] for name in KEPT if headers.get(name)}
    return receiving.receive(found, channel.event_id(headers, body), body, kept, is_small=True)
