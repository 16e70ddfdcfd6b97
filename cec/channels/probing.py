"""Probes: once an hour each account that can is sent something of our own, which must come through to the worker.

A probe takes the way of a real request - its channel's signature is verified, it is kept raw and parsed by the worker -
and ends there: it becomes no message, no appeal and no figure.
"""

import datetime as dt
import secrets

from cec.channels import channel as channels
from cec.channels import receiving
from cec.channels.models import ChannelAccount, Inbound
from cec.platform import clock
from cec.platform.db import db, unit_of_work

# Known by what no request can bring: the door keeps only a few headers under their own names.
MARK = "cec.probe"
LATE = dt.timedelta(minutes=5)


def probe_all() -> int:
    """Send every active account a probe; gives how many were sent."""
    with unit_of_work():
        wanted = db.select(ChannelAccount).where(ChannelAccount.is_active).order_by(ChannelAccount.id)
        return sum(_probe(account) for account in db.session.scalars(wanted))


def _probe(account: ChannelAccount) -> bool:
    channel = channels.get(account.channel)
    made = channel.probe(account, f"probe-{secrets.token_hex(8)}")
    if made is None:
        return False
    headers, body = made
    account.probed_at = clock.now()
    if channel.verify(account, headers, body):
        receiving.receive(account, channel.event_id(headers, body), body, {MARK: True}, is_small=True, is_real=False)
    return True


def is_probe(inbound: Inbound) -> bool:
    """Tell whether something that came in is one of our own probes."""
    return bool(inbound.envelope.get(MARK))


def came_through(inbound: Inbound) -> None:
    """Note that a probe has come through to the worker and could be understood; nothing of it stays."""
    inbound.account.probe_came_at = clock.now()
    db.session.delete(inbound)


def sent(account_id: int) -> None:
    """Note that a probe is on its way."""
    _note(account_id, probed_at=clock.now())


def came_back(account_id: int) -> None:
    """Note that a probe has come back the way that messages come."""
    _note(account_id, probe_came_at=clock.now())


def _note(account_id: int, **values: dt.datetime) -> None:
    db.session.execute(db.update(ChannelAccount).where(ChannelAccount.id == account_id).values(**values))


def is_lost(account: ChannelAccount) -> bool:
    """Tell whether the last probe of an account has not come through in good time."""
    sent, came = account.probed_at, account.probe_came_at
    return sent is not None and clock.now() - sent > LATE and (came is None or came < sent)
