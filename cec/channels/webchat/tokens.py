"""Who a visitor is: a signed token that his browser keeps, and the word of the site about whom it has signed in.

A token is `key.person.signature`: the key is drawn at random, the person is whom the site vouches for, or nobody. Both
are good for one chat only. Nothing is stored for a visitor who has not written.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from http import HTTPStatus
from typing import NamedTuple

from cec.channels import accounts
from cec.channels.models import ChannelAccount
from cec.channels.webchat.founding import SECRET
from cec.platform import keys
from cec.platform.errors import NotAllowed

LONGEST_PERSON = 200
_KEY = re.compile(r"[0-9a-f]{32}")


class NotThatVisitor(NotAllowed):
    """This chat does not know you any more: reload the page."""

    status = HTTPStatus.UNAUTHORIZED


class NotVouchedFor(NotAllowed):
    """The site’s signature of who you are is wrong."""


class Guest(NamedTuple):
    """A visitor as his token names him."""

    code: str
    key: str
    # The site's own name of who is signed in there; empty: nobody is, or the site does not say.
    person: str

    @property
    def address(self) -> str:
        """Give his address: of a person the same on each of his devices."""
        return f"{self.code}/user:{self.person}" if self.person else f"{self.code}/{self.key}"

    @property
    def token(self) -> str:
        """Give the token that his browser keeps."""
        return f"{self.key}.{_packed(self.person)}.{_signature(self)}"


def welcome(account: ChannelAccount, person: str = "", signature: str = "") -> Guest:
    """Make a visitor; if the site names a person, its signature must be right.

    :raises NotVouchedFor: when it is not, or the chat has no secret.
    """
    if person:
        _must_be_vouched_for(account, person, signature)
    return Guest(account.code, secrets.token_hex(16), person)


def read(account: ChannelAccount, token: str) -> Guest:
    """Read a token.

    :raises NotThatVisitor: when it is not one of ours for this chat.
    """
    key, _, rest = token.partition(".")
    packed, _, signature = rest.partition(".")
    guest = Guest(account.code, key, _unpacked(packed))
    if not _KEY.fullmatch(key) or not signature.isascii() or not keys.is_signed(_signed(guest), signature):
        raise NotThatVisitor
    return guest


def _must_be_vouched_for(account: ChannelAccount, person: str, signature: str) -> None:
    secret = accounts.passwords_of(account).get(SECRET, "")
    right = hmac.new(secret.encode(), person.encode(), hashlib.sha256).hexdigest()
    same = hmac.compare_digest(right.encode(), signature.strip().lower().encode())
    if not secret or not same or len(person) > LONGEST_PERSON or not person.isprintable():
        raise NotVouchedFor


def _signed(guest: Guest) -> str:
    return f"webchat visitor {guest.code} {guest.key} {guest.person}"


def _signature(guest: Guest) -> str:
    return keys.sign(_signed(guest))


def _packed(person: str) -> str:
    return base64.urlsafe_b64encode(person.encode()).decode().rstrip("=")


def _unpacked(packed: str) -> str:
    try:
        return base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode()
    except (binascii.Error, ValueError):
        raise NotThatVisitor from None
