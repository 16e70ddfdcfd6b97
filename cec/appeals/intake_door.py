"""From what came in raw to a message of an appeal: parsed, or in quarantine with a reason; nothing is lost."""

import logging

from cec.appeals import intake
from cec.channels import channel as channels
from cec.channels import receiving
from cec.channels.channel import Unreadable
from cec.channels.models import Inbound, InboundState
from cec.platform import clock, storage, work
from cec.platform.db import db
from cec.platform.i18n import mark

log = logging.getLogger(__name__)

BROKEN = mark("It could not be taken apart. Nothing of it is lost: download it, or try again after an update.")


@work.handler("inbound")
def take_in(inbound_id: int) -> None:
    """Take in one thing that came; a second worker or a second try finds it done."""
    inbound = db.session.get_one(Inbound, inbound_id, with_for_update={"of": Inbound}, populate_existing=True)
    if inbound.state != InboundState.NEW:
        return
    try:
        event = channels.get(inbound.account.channel).parse(storage.get(inbound.raw), inbound.envelope)
    except Unreadable as unreadable:
        receiving.quarantine(inbound, unreadable.reason, unreadable.detail)
        return
    except Exception as error:  # noqa: BLE001 - whatever a hostile letter provokes, it must not stop the others
        log.warning("inbound %s could not be parsed: %s", inbound.id, type(error).__name__)
        receiving.quarantine(inbound, BROKEN, f"{type(error).__name__}: {error}")
        return
    intake.receive(event, inbound)
    inbound.state, inbound.handled_at = InboundState.DONE, clock.now()
