"""What goes with an answer being written: by which way, to whom, what stands below it, what its channel can carry."""

from typing import Any

from cec.appeals import carrying, letters, recipients, ways
from cec.appeals.models import Direction, Draft, Status
from cec.appeals.opening import Opened
from cec.appeals.reading import Said
from cec.appeals.ways import Way
from cec.channels import accounts
from cec.channels.channel import Capabilities
from cec.platform.errors import Invalid
from cec.platform.i18n import gettext as _
from cec.staff.readers import Person


def beside(appeal: Opened, messages: list[Said], draft: Draft | None, author: Person) -> dict[str, Any]:
    """Gather what goes with an answer; only an answer that can be written has it."""
    if appeal.status != Status.IN_WORK:
        return {}
    way = _other_way(appeal, messages, draft)
    channel = way.account.channel if way else appeal.channel
    named = {"channel": channel, **({"way": way.name, "address": way.address} if way else {})}
    if not carrying.is_letter(channel):
        able = way.able() if way else carrying.of(appeal, accounts.get(appeal.account.id))
        return {**named, "letter": False, "able": able, "trouble": _trouble(able, draft)}
    came = [message for message in messages if message.direction == Direction.IN and not message.about_id]
    last = next((message for message in reversed(came) if message.channel == channel), None)
    said = draft.recipients if draft else {}
    whole = recipients.reply_to_all(appeal, last, to=way.address if way else "")
    return {
        **named,
        "recipients": recipients.of(said) if said else whole,
        "quotation": letters.quotation(came[-1]) if came else None,
        "signature": letters.signature(appeal, author),
    }


def _other_way(appeal: Opened, messages: list[Said], draft: Draft | None) -> Way | None:
    """Give the way that was chosen, else that of the last word; None: the one by which the appeal began."""
    if draft and draft.channel_account_id and draft.address_id:
        account_id, address_id = draft.channel_account_id, draft.address_id
    else:
        words = (said for said in reversed(messages) if said.address_id and not said.about_id and _is_a_word(said))
        last = next(words, None)
        if last is None or last.channel == appeal.channel or last.address_id is None:
            return None
        account_id, address_id = last.account_id, last.address_id
    return None if address_id == appeal.address_id else ways.get(account_id, address_id)


def _is_a_word(said: Said) -> bool:
    return said.direction == Direction.IN or (said.direction == Direction.OUT and said.author_id is not None)


def _trouble(able: Capabilities, draft: Draft | None) -> str:
    """Say what of an answer being written its channel cannot carry, before it is sent."""
    if able.closed:
        return _(able.closed)
    try:
        carrying.check(able, draft.text if draft else "", draft.attachments if draft else [])
    except Invalid as wrong:
        return wrong.sentence()
    return ""
