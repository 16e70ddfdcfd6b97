"""Silence that is longer than usual: what usually comes in at an account in an hour of the week is learned (SPEC 4.8).

If so much would usually have come since the last message that none at all is one chance in a thousand, something is
broken: a token, a certificate, a provider's settings. Accounts without a history of a week are left alone.
"""

import datetime as dt
from typing import Any

from sqlalchemy import text

from cec.channels.models import ChannelAccount
from cec.platform import clock, journal
from cec.platform.db import db

LEARNED_FROM = dt.timedelta(weeks=4)
LEAST_HISTORY = dt.timedelta(weeks=1)
SHORTEST = dt.timedelta(minutes=15)
# Arrivals that usually come in the time of silence: by Poisson nothing comes then once in exp(7) = 1,100 times.
TOO_QUIET = 7.0

# Hours that are over and not counted yet; probes leave no row, so that nobody counts them.
_COUNT = text("""
    INSERT INTO channel_hour (channel_account_id, hour, came)
    SELECT channel_account_id, date_trunc('hour', received_at), count(*) FROM inbound
    WHERE received_at >= :since AND received_at < date_trunc('hour', CAST(:now AS timestamptz))
    GROUP BY 1, 2
    ON CONFLICT (channel_account_id, hour) DO UPDATE SET came = excluded.came
    WHERE channel_hour.came <> excluded.came""")
_COUNTED = text("SELECT max(hour) FROM channel_hour")
_FORGET = text("DELETE FROM channel_hour WHERE hour < :before")

# How much came in each hour of the week, a week; and since when anything is known.
_USUAL = text("""
    SELECT channel_account_id, CAST(extract(isodow FROM hour) * 24 + extract(hour FROM hour) AS int) AS place,
           sum(came) AS came, min(hour) AS since
    FROM channel_hour WHERE hour >= :since GROUP BY 1, 2""")


def count_hours() -> int:
    """Count what came in within the hours that are over; gives how many rows that changed."""
    now = clock.now()
    last = db.session.scalar(_COUNTED)
    since = last or now - LEARNED_FROM
    counted = db.session.execute(_COUNT, {"since": since, "now": now})
    db.session.execute(_FORGET, {"before": now - LEARNED_FROM - dt.timedelta(days=1)})
    return int(getattr(counted, "rowcount", 0))


def look() -> int:
    """Raise and end alarms of silence; gives how many changed."""
    now = clock.now()
    usual = _usual(now)
    wanted = db.select(ChannelAccount).where(ChannelAccount.is_active).order_by(ChannelAccount.id)
    return sum(_judge(account, usual.get(account.id), now) for account in db.session.scalars(wanted))


def expected(week: dict[int, float], begin: dt.datetime, end: dt.datetime) -> float:
    """Add up what usually comes between two moments; `week` tells it by hour of the week (24 = Monday, 0:00)."""
    total, at = 0.0, begin
    while at < end:
        until = min(at.replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=1), end)
        total += week.get(at.isoweekday() * 24 + at.hour, 0.0) * ((until - at) / dt.timedelta(hours=1))
        at = until
    return total


def _usual(now: dt.datetime) -> dict[int, dict[int, float]]:
    """Give for each account that is known long enough what comes in an hour of the week, on average."""
    rows = db.session.execute(_USUAL, {"since": now - LEARNED_FROM}).all()
    since: dict[int, dt.datetime] = {}
    for row in rows:
        since[row.channel_account_id] = min(since.get(row.channel_account_id, row.since), row.since)
    usual: dict[int, dict[int, float]] = {}
    for row in rows:
        known = now - since[row.channel_account_id]
        if known >= LEAST_HISTORY:
            usual.setdefault(row.channel_account_id, {})[row.place] = float(row.came) / (known / dt.timedelta(weeks=1))
    return usual


def _judge(account: ChannelAccount, week: dict[int, float] | None, now: dt.datetime) -> bool:
    last = account.last_in_at
    is_silent = (
        week is not None and last is not None and now - last >= SHORTEST and expected(week, last, now) >= TOO_QUIET
    )
    if is_silent == (account.silent_since is not None):
        return False
    account.silent_since = last if is_silent else None
    fact = "account.silent" if is_silent else "account.heard_again"
    facts: dict[str, Any] = {"called": account.name, "since": last} if is_silent else {"called": account.name}
    journal.record(fact, f"account:{account.id}", by="system", **facts)
    return True
