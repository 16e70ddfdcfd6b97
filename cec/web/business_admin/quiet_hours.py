"""Administrator: the fields of an account's quiet hours, in the forms of mailboxes and of generic channels."""

from typing import Any
from zoneinfo import available_timezones

from cec.channels import quiet_hours
from cec.channels.models import ChannelAccount
from cec.platform import i18n


def shown(account: ChannelAccount | None = None) -> dict[str, Any]:
    """Give what the fields show: the hours of an account, else the usual ones in the reader's zone."""
    kept = account.config.get(quiet_hours.KEPT) if account else None
    return {"zone": i18n.zone(), **quiet_hours.USUAL, **(kept or {}), "on": bool(kept), "zones": _zones()}


def _zones() -> list[str]:
    return sorted(available_timezones())
