"""From what came in raw to a message of an appeal: parsed, or in quarantine with a reason; nothing is lost."""

import datetime as dt
import logging

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import joinedload

from cec.appeals import amending, intake, receipts, writing
from cec.channels import channel as channels
from cec.channels import probing, receiving
from cec.channels.channel import InboundEvent, Kind, Unreadable
from cec.channels.models import Inbound, InboundState
from cec.platform import clock, work
from cec.platform.db import db
from cec.platform.i18n import mark

log = logging.getLogger(__name__)

BROKEN = mark("It could not be taken apart. Nothing of it is lost: download it, or try again after an update.")
# How long something waits for the message that it is about: receipts and changes overtake messages.
FIRST_PAUSE, PATIENCE = dt.timedelta(seconds=2), dt.timedelta(hours=1)


_TAKE = (
    select(Inbound)
    .where(Inbound.id == bindparam("which"))
    .options(joinedload(Inbound.account, innerjoin=True))
    .with_for_update(of=Inbound)
    .execution_options(populate_existing=True)
)


# One look at an index, however many others wait.
_FIRST = text("""
    SELECT id FROM inbound
    WHERE state = 'new' AND channel_account_id = :account AND envelope ? 'line' AND envelope ->> 'line' = :line
    ORDER BY received_at < :since, id LIMIT 1""")


@work.handler("inbound")
def take_in(inbound_id: int) -> bool:
    """Take in one thing that came; a second worker or a second try finds it done. Gives whether it was still new."""
    inbound = db.session.scalars(_TAKE, {"which": inbound_id}).one()
    if inbound.state != InboundState.NEW:
        return False
    events = _read(inbound)
    if events is not None:
        _take(events, inbound)
    return True


def _take(events: list[InboundEvent], inbound: Inbound) -> None:
    if probing.is_probe(inbound):
        probing.came_through(inbound)
        return
    try:
        known = [_happen(event, inbound) for event in events]
    except amending.NotYetHere as early:
        _wait_or_give_up(inbound, early)
        return
    receiving.taken(inbound, InboundState.DONE if any(known) else InboundState.IGNORED)


@work.handler("inbound_line")
def take_in_next(account_id: int, line: str) -> None:
    """Take in what came first in a line of one sender: whoever works at it, his words stay in their order.

    What has not gone in for an hour holds the others up no more.
    """
    asked = {"account": account_id, "line": line, "since": clock.now() - PATIENCE}
    while (number := db.session.scalar(_FIRST, asked)) is not None:
        # Whoever was faster has taken it by the time that its lock is free: then the next one is first.
        if take_in(number):
            return


def _read(inbound: Inbound) -> list[InboundEvent] | None:
    """Understand what came in; what cannot be read goes to quarantine."""
    try:
        return channels.get(inbound.account.channel).parse(inbound.account, inbound.envelope, receiving.raw(inbound))
    except Unreadable as unreadable:
        receiving.quarantine(inbound, unreadable.reason, unreadable.detail)
    except Exception as error:  # noqa: BLE001 - whatever a hostile letter provokes, it must not stop the others
        log.warning("inbound %s could not be parsed: %s", inbound.id, type(error).__name__)
        receiving.quarantine(inbound, BROKEN, f"{type(error).__name__}: {error}")
    return None


def _happen(event: InboundEvent, inbound: Inbound) -> bool:
    """Let an event take effect; gives whether the centre has a use for it."""
    account = inbound.account
    if event.kind is Kind.MESSAGE:
        intake.receive(event, inbound)
    elif event.kind in {Kind.EDIT, Kind.DELETE, Kind.REACTION}:
        amending.amend(account, event)
    elif event.kind is Kind.STATUS:
        receipts.take(account, event)
    elif event.kind is Kind.TYPING:
        writing.show(account, event)
    return event.kind is not Kind.OTHER


def _wait_or_give_up(inbound: Inbound, early: amending.NotYetHere) -> None:
    """Look again soon at what came before the message that it is about; what went before in it is known again then."""
    age = clock.now() - inbound.received_at
    if age >= PATIENCE:
        receiving.quarantine(inbound, early.template())
    else:
        work.enqueue("inbound", at=clock.now() + max(FIRST_PAUSE, age), inbound_id=inbound.id)
