"""Answers go to the address that the account names, signed; without one the program learns of them by events."""

import base64
import datetime as dt
from typing import Any

import orjson

from cec.channels import accounts
from cec.channels.api import adapting
from cec.channels.channel import Outbound, Outcome, Refused, Sent, Unknown
from cec.channels.models import ChannelAccount
from cec.platform import outside, signatures
from cec.platform.i18n import mark

NOT_THERE = mark("The address for answers leads nowhere: a business administrator can correct it.")
AWAY = mark("The program that takes the answers could not be reached.")
NOT_TAKEN = mark("The program that takes the answers did not take the message.")
NO_ANSWER = mark("The program that takes the answers did not say whether it took the message.")

TIMEOUT = 30.0
DONE = range(200, 300)
TOO_FAST, BUSY = 429, 503
RETRYABLE = frozenset({408, 425, TOO_FAST, *range(500, 600)})
_LONGEST_PAUSE = 3600


def send(account: ChannelAccount, outbound: Outbound) -> Outcome:
    """Hand an answer over; the same message has the same id at every try, so that its taker knows a repeat."""
    url = account.config.get("url")
    if not url:
        return Sent(outbound.message_id)
    body = orjson.dumps(_told(outbound))
    secret = accounts.passwords_of(account).get(adapting.SECRET, "")
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": outbound.message_id,
        "X-CEC-Signature": signatures.sign(secret, body),
    }
    trusted = outside.trusted()
    try:
        answer = outside.ask("POST", url, body=body, headers=headers, timeout=TIMEOUT, inside=trusted)
    except outside.NotThere:
        return Refused(NOT_THERE, retryable=False, blames_account=True)
    except outside.NotReached as error:
        return Refused(AWAY, retryable=True, detail=str(error), blames_account=True)
    except (outside.NoAnswer, outside.TooMuch) as error:
        # It may have been taken: a person decides, nothing is sent twice by itself.
        return Unknown(NO_ANSWER, detail=str(error))
    return _judged(answer, outbound)


def _judged(answer: outside.Answer, outbound: Outbound) -> Outcome:
    if answer.status in DONE:
        return Sent(_name(answer.body) or outbound.message_id)
    words = answer.body[:200].decode("utf-8", "replace")
    after = answer.headers.get("retry-after", "")
    pause = min(int(after), _LONGEST_PAUSE) if after.isascii() and after.isdigit() else None
    return Refused(
        NOT_TAKEN,
        retryable=answer.status in RETRYABLE,
        retry_after=dt.timedelta(seconds=pause) if pause else None,
        detail=f"{answer.status} {words}",
        # All messages are too fast, not this one.
        blames_account=answer.status in {TOO_FAST, BUSY},
    )


def _name(body: bytes) -> str:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    name = told.get("message_id") if isinstance(told, dict) else None
    return name[:200] if isinstance(name, str) else ""


def _told(outbound: Outbound) -> dict[str, Any]:
    return {
        "message_id": outbound.message_id,
        "conversation_id": outbound.conversation or None,
        "recipient": {"id": outbound.to[0].partition("/")[2]},
        "in_reply_to": outbound.in_reply_to,
        "sender": {"name": outbound.sender_name},
        "text": outbound.text,
        "attachments": [
            {"name": file.name, "mime": file.type, "base64": base64.b64encode(file.content).decode()}
            for file in outbound.files
        ],
    }
