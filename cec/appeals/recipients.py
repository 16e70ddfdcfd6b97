"""Whom an answer goes to: the sender and everybody else of his last mail, unless the operator says otherwise."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from cec.appeals.models import Appeal
from cec.appeals.opening import Opened
from cec.appeals.reading import Said
from cec.channels import accounts
from cec.platform.db import rows
from cec.platform.errors import Invalid

LIMIT = 50
_NAMED = re.compile(r"[^<>]*<([^<>]*)>")
_BETWEEN = re.compile(r"[,;\n]")


class NotAnAddress(Invalid):
    """“{address}” is not an e-mail address: one looks like name@example.org."""

    def __init__(self, *, field: str, address: str) -> None:
        super().__init__(address=address)
        self.field = field


class NobodyToWriteTo(Invalid):
    """Write whom the answer goes to."""

    field = "to"


class TooManyRecipients(Invalid):
    """An answer goes to {limit} people at most: leave some out."""

    field = "to"


@dataclass(frozen=True)
class Recipients:
    """Whom an answer goes to, openly, with a copy, and unseen by the others."""

    to: list[str] = field(default_factory=list)
    cc: list[str] = field(default_factory=list)
    bcc: list[str] = field(default_factory=list)

    def facts(self) -> dict[str, Any]:
        """Give what is kept of them."""
        return asdict(self)


def of(facts: Mapping[str, Any]) -> Recipients:
    """Give the recipients that were kept."""
    return Recipients(**{name: list(facts.get(name, [])) for name in ("to", "cc", "bcc")})


def typed(fields: Mapping[str, str]) -> Recipients:
    """Read what was typed into the fields to, cc and bcc; nothing is refused yet."""
    return Recipients(**{name: list(_addresses(fields.get(name, ""))) for name in ("to", "cc", "bcc")})


def check(wanted: Recipients) -> Recipients:
    """Refuse what cannot be written to; everybody stays once.

    :raises Invalid: at the field that is wrong.
    """
    for name, addresses in wanted.facts().items():
        for address in addresses:
            if not accounts.is_address(address):
                raise NotAnAddress(field=name, address=address[:100])
    known: set[str] = set()
    once = {name: _unknown(addresses, known) for name, addresses in wanted.facts().items()}
    if not once["to"]:
        raise NobodyToWriteTo
    if len(known) > LIMIT:
        raise TooManyRecipients(limit=LIMIT)
    return Recipients(**once)


class Incoming(NamedTuple):
    """What an answer has to know of the message that it answers."""

    headers: dict[str, Any]
    provider_event_id: str | None


def reply_to_all(appeal: Appeal | Opened, last: Incoming | Said | None, *, to: str = "") -> Recipients:
    """Answer the sender of the client's last mail, with a copy to whom he wrote besides us.

    An answer to another address than his goes there alone.
    """
    headers = last.headers if last else {}
    if headers.get("auto") or (to and str(headers.get("from") or "").lower() != to.lower()):
        headers = {}
    to = to or headers.get("from") or appeal.address.value
    known = {to.lower(), appeal.account.address.lower()}
    others = _unknown([*headers.get("to", []), *headers.get("cc", [])], known)
    if others:
        known = {account.address.lower() for account in accounts.list_active("email")}
        others = _unknown(others, known)
    return Recipients([to], [address for address in others if accounts.is_address(address)][: LIMIT - 1])


def last_incoming(appeal: Appeal, channel: str) -> Incoming | None:
    """Read of the client's last message in a channel what an answer has to know."""
    found = rows(_LAST_INCOMING, appeal=appeal.id, channel=channel)
    return Incoming(*found[0]) if found else None


_LAST_INCOMING = """
    SELECT m.headers, m.provider_event_id FROM message m JOIN channel_account c ON c.id = m.channel_account_id
    WHERE m.appeal_id = %(appeal)s AND m.direction = 'in' AND m.about_id IS NULL AND c.channel = %(channel)s
    ORDER BY m.id DESC LIMIT 1"""


def _addresses(text: str) -> Iterable[str]:
    for part in _BETWEEN.split(text):
        named = _NAMED.fullmatch(part.strip())
        address = (named[1] if named else part).strip()
        if address:
            yield address


def _unknown(addresses: Iterable[str], known: set[str]) -> list[str]:
    """Keep the addresses that are not known yet; upper and lower case are the same."""
    fresh = []
    for address in addresses:
        if address.lower() not in known:
            known.add(address.lower())
            fresh.append(address)
    return fresh
