"""Accounts of channels: create and change a mailbox; passwords are kept encrypted and never shown again."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import bindparam, func, select

from cec.channels.models import ChannelAccount
from cec.platform import journal, keys
from cec.platform.db import PLANNED_ONCE, db
from cec.platform.errors import Invalid, InvalidFields, NotFound
from cec.platform.i18n import gettext, mark

# How mail is fetched, if it is not handed over: one of these.
INCOMING = ("imap", "pop3")
TLS = ("none", "starttls", "tls")
_ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@[^@\s<>,;:\"()\[\]\\]{1,253}")
_HOST = re.compile(r"[A-Za-z0-9А-Яа-яЁё.\-:_]{1,253}")
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,39}")
HOST_WRONG = mark("Enter the name of a server, for example mail.example.org.")
PORT_WRONG = mark("A port is a number from 1 to 65535.")
AUTHSERV_WRONG = mark("It is one word, as in the header Authentication-Results: mx.example.org; …")
_TOKEN_URL = re.compile(r"(?:https://[^\s/@]+|http://(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?)(?:/\S*)?")
TOKEN_URL_WRONG = mark("Enter an address that begins with https://, for example https://oauth2.googleapis.com/token.")
CLIENT_ID_MISSING = mark("Enter the client ID under which the centre is known to the provider.")
TLS_WRONG = mark("Choose none, starttls or tls.")
LONGEST_PORT = 65535


class WrongAddress(Invalid):
    """Enter an e-mail address, for example shop@example.org."""

    field = "address"


class AddressTaken(Invalid):
    """There is a mailbox with this address already."""

    field = "address"


class NameMissing(Invalid):
    """Give the mailbox a name."""

    field = "name"


class WrongCode(Invalid):
    """A code begins with a letter and has small Latin letters, digits, - and _ only."""

    field = "code"


class CodeTaken(Invalid):
    """There is an account with this code already."""

    field = "code"


def is_address(text: str) -> bool:
    """Tell whether a text looks like an e-mail address."""
    if not _ADDRESS.fullmatch(text) or not text.isprintable():
        return False
    try:
        text.rpartition("@")[2].encode("idna")
    except UnicodeError:
        return False
    return True


def check_code(code: str) -> None:
    """Refuse a code that cannot be written everywhere, or that an account has.

    :raises Invalid: at the field `code`.
    """
    if not _CODE.fullmatch(code):
        raise WrongCode
    if db.session.scalar(db.select(ChannelAccount.id).where(ChannelAccount.code == code)):
        raise CodeTaken


def create_email(
    *,
    name: str,
    code: str,
    address: str,
    config: Mapping[str, Any],
    by: str,
    passwords: Mapping[str, str] | None = None,
) -> ChannelAccount:
    """Add a mailbox. The config has "smtp", and "imap" or "pop3", with host, port, tls and user.

    "oauth" has token_url, client_id, scope; "authserv" whose checks of senders are believed. The passwords are {"smtp",
    "imap", "pop3", "oauth_secret", "refresh_token"}.
    """
    check_code(code)
    account = ChannelAccount(channel="email", code=code, cursor={}, is_active=True)
    _fill(account, name, address, config)
    keep_passwords(account, passwords or {})
    db.session.add(account)
    db.session.flush()
    journal.record("account.created", f"account:{account.id}", by=by, code=code)
    return account


def change_email(
    account: ChannelAccount,
    *,
    name: str,
    address: str,
    config: Mapping[str, Any],
    by: str,
    passwords: Mapping[str, str] | None = None,
) -> None:
    """Change a mailbox; a password that is not told stays. Another server or folder is read from its beginning."""
    before = [account.config.get(which) for which in INCOMING]
    _fill(account, name, address, config)
    if [account.config.get(which) for which in INCOMING] != before:
        account.cursor = {}
    keep_passwords(account, passwords or {})
    account.last_error = account.error_detail = account.out_error = account.out_after = None
    journal.record("account.changed", f"account:{account.id}", by=by)


def keep_passwords(account: ChannelAccount, passwords: Mapping[str, str]) -> None:
    """Encrypt the passwords that are told; the others stay as they are."""
    told = {which: password for which, password in passwords.items() if password}
    if told:
        account.secrets = keys.encrypt(orjson.dumps(passwords_of(account) | told).decode())


def passwords_of(account: ChannelAccount) -> dict[str, str]:
    """Decrypt the passwords of an account: {"smtp", "imap", "pop3", "oauth_secret", "refresh_token"}."""
    return dict(_decrypted(account.secrets)) if account.secrets else {}


@lru_cache(64)
def _decrypted(secrets: bytes) -> dict[str, str]:
    """Decrypt once what every request at a door is checked with."""
    return {str(which): str(password) for which, password in orjson.loads(keys.decrypt(secrets)).items()}


_BY_ADDRESS = (
    select(ChannelAccount)
    .where(
        ChannelAccount.channel == "email",
        ChannelAccount.is_active,
        func.lower(ChannelAccount.address) == bindparam("address"),
    )
    .order_by(ChannelAccount.id)
    .limit(1)
)


def find_email(address: str) -> ChannelAccount | None:
    """Find the active mailbox that an address belongs to; upper and lower case are the same."""
    return db.session.scalars(_BY_ADDRESS, {"address": address.strip().lower()}).one_or_none()


def list_active(channel: str) -> list[ChannelAccount]:
    """List the active accounts of a channel."""
    wanted = db.select(ChannelAccount).where(ChannelAccount.channel == channel, ChannelAccount.is_active)
    return list(db.session.scalars(wanted.order_by(ChannelAccount.id)))


def list_of(channel: str) -> list[ChannelAccount]:
    """List all accounts of a channel, by name."""
    wanted = db.select(ChannelAccount).where(ChannelAccount.channel == channel)
    return list(db.session.scalars(wanted.order_by(ChannelAccount.name, ChannelAccount.id)))


def list_all() -> list[ChannelAccount]:
    """List all accounts: those in use first, by channel and name."""
    wanted = db.select(ChannelAccount)
    order = (ChannelAccount.is_active.desc(), ChannelAccount.channel, ChannelAccount.name, ChannelAccount.id)
    return list(db.session.scalars(wanted.order_by(*order)))


def get(account_id: int) -> ChannelAccount:
    """Get an account.

    :raises NotFound: when there is none.
    """
    account = db.session.get(ChannelAccount, account_id, execution_options=PLANNED_ONCE)
    if account is None:
        raise NotFound
    return account


def check_servers(config: Mapping[str, Any]) -> None:
    """Refuse servers that cannot be reached as they are described; the fields are smtp_host, imap_port and so on.

    :raises InvalidFields: naming each wrong field.
    """
    errors: dict[str, str] = {}
    for which in ("smtp", *INCOMING):
        server = config.get(which)
        if server is not None:
            fields = "imap" if which in INCOMING else which
            errors |= {f"{fields}_{field}": gettext(sentence) for field, sentence in _wrong(server).items()}
    errors |= {field: gettext(sentence) for field, sentence in _wrong_oauth(config.get("oauth") or {}).items()}
    if config.get("authserv") and not _HOST.fullmatch(str(config["authserv"])):
        errors["authserv"] = gettext(AUTHSERV_WRONG)
    if errors:
        raise InvalidFields(errors)


def _wrong(server: Mapping[str, Any]) -> dict[str, str]:
    wrong = {}
    if not _HOST.fullmatch(str(server.get("host", ""))):
        wrong["host"] = HOST_WRONG
    port = server.get("port")
    if not isinstance(port, int) or not 1 <= port <= LONGEST_PORT:
        wrong["port"] = PORT_WRONG
    if server.get("tls", "none") not in TLS:
        wrong["tls"] = TLS_WRONG
    return wrong


def _wrong_oauth(asked: Mapping[str, Any]) -> dict[str, str]:
    wrong = {}
    if asked and not _TOKEN_URL.fullmatch(str(asked.get("token_url", ""))):
        wrong["oauth_token_url"] = TOKEN_URL_WRONG
    if asked and not asked.get("client_id"):
        wrong["oauth_client_id"] = CLIENT_ID_MISSING
    return wrong


def _fill(account: ChannelAccount, name: str, address: str, config: Mapping[str, Any]) -> None:
    name, address = name.strip(), address.strip()
    if not name:
        raise NameMissing
    if not is_address(address):
        raise WrongAddress
    other = db.select(ChannelAccount.id).where(
        ChannelAccount.channel == "email", db.func.lower(ChannelAccount.address) == address.lower()
    )
    with db.session.no_autoflush:
        taken = db.session.scalars(other).all()
    if set(taken) - {account.id}:
        raise AddressTaken
    check_servers(config)
    account.name, account.address, account.config = name, address, dict(config)
