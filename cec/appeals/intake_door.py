"""From what came in raw to a message of an appeal: parsed, or in quarantine with a reason; nothing is lost."""

import logging

from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from cec.appeals import intake
from cec.channels import channel as channels
from cec.channels import receiving
from cec.channels.channel import Unreadable
from cec.channels.models import Inbound, InboundState
from cec.platform import storage, work
from cec.platform.db import db
from cec.platform.i18n import mark

log = logging.getLogger(__name__)

BROKEN = mark("It could not be taken apart. Nothing of it is lost: download it, or try again after an update.")


_TAKE = (
    select(Inbound)
    .where(Inbound.id == bindparam("which"))
    .options(joinedload(Inbound.account, innerjoin=True))
    .with_for_update(of=Inbound)
    .execution_options(populate_existing=True)
)


@work.handler("inbound")
def take_in(inbound_id: int) -> None:
    """Take in one thing that came; a second worker or a second try finds it done."""
    inbound = db.session.scalars(_TAKE, {"which": inbound_id}).one()
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
    receiving.taken(inbound)
