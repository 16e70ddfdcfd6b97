"""Generic channels of the centre: opened by an administrator, with a secret that is shown once."""

from collections.abc import Mapping
from typing import Any

from cec.channels import accounts, quiet_hours
from cec.channels.api import adapting
from cec.channels.models import ChannelAccount
from cec.platform import journal, outside, signatures
from cec.platform.db import db
from cec.platform.errors import Invalid

CHANNEL = "api"
# What becomes of a message to a conversation whose appeal is closed: as its queue says, or it is refused with 409.
REOPEN, REFUSE = "reopen", "refuse"
LONGEST_NAME = 100
LONGEST_URL = 2000
MOST_A_MINUTE = 6000


class NameMissing(Invalid):
    """Give the channel a name: which program writes here."""

    field = "name"


class WrongUrl(Invalid):
    """Enter an address that begins with https:// or http://, or leave it empty."""

    field = "url"


class WrongPace(Invalid):
    """Enter a number from 1 to {most}, or leave it empty."""

    field = "per_minute"


def create(*, name: str, code: str, config: Mapping[str, Any], by: str) -> tuple[ChannelAccount, str]:
    """Open a channel; gives it and the secret with which its program signs."""
    accounts.check_code(code)
    account = ChannelAccount(channel=CHANNEL, code=code, address=code, cursor={}, is_active=True)
    _fill(account, name, config)
    secret = _give_secret(account)
    db.session.add(account)
    db.session.flush()
    journal.record("account.created", f"account:{account.id}", by=by, code=code)
    return account, secret


def change(account: ChannelAccount, *, name: str, config: Mapping[str, Any], is_active: bool, by: str) -> None:
    """Change a channel; one that is closed takes nothing in."""
    _fill(account, name, config)
    account.is_active = is_active
    account.out_error = account.out_after = None
    journal.record("account.changed", f"account:{account.id}", by=by)


def renew_secret(account: ChannelAccount, *, by: str) -> str:
    """Give a channel another secret; what is signed with the old one is refused from now on."""
    secret = _give_secret(account)
    journal.record("account.changed", f"account:{account.id}", by=by, secret=True)
    return secret


def _give_secret(account: ChannelAccount) -> str:
    secret = signatures.new_secret()
    accounts.keep_passwords(account, {adapting.SECRET: secret})
    return secret


def _fill(account: ChannelAccount, name: str, config: Mapping[str, Any]) -> None:
    name, url = name.strip(), str(config.get("url") or "").strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise NameMissing
    try:
        good = not url or (len(url) <= LONGEST_URL and bool(outside.split(url)))
    except outside.NotThere:
        good = False
    if not good:
        raise WrongUrl
    pace = str(config.get("per_minute") or "").strip()
    if pace and not (pace.isascii() and pace.isdigit() and 1 <= int(pace) <= MOST_A_MINUTE):
        raise WrongPace(most=MOST_A_MINUTE)
    kept = {"url": url, "closed": REFUSE if config.get("closed") == REFUSE else REOPEN}
    hosts = [host.strip() for host in str(config.get("files_from") or "").split(",") if host.strip()]
    quiet = quiet_hours.read(config)
    account.name = name
    account.config = {**kept, **quiet, "files_from": hosts, **({"per_minute": int(pace)} if pace else {})}
