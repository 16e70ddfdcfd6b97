"""Visitor: what comes at the end of a conversation: his mark, and all of it by mail."""

from http import HTTPStatus

from flask import Blueprint

from cec.appeals import transcripts, visiting
from cec.web.guards import allow
from cec.web.webchat import door

bp = door.opened(Blueprint("webchat_ending", __name__, url_prefix=door.PREFIX))


@bp.post("/rating", provide_automatic_options=False)
@allow.programs
def rate(code: str) -> tuple[str, int]:
    """Keep how the visitor rates the conversation that is over."""
    account = door.account(code)
    visiting.rate(account, door.guest(account), door.said())
    return "", HTTPStatus.NO_CONTENT


@bp.post("/transcript", provide_automatic_options=False)
@allow.programs
def write(code: str) -> tuple[str, int]:
    """Send the conversation to an address of mail."""
    account = door.account(code)
    email = door.said().get("email")
    transcripts.send(account, door.guest(account), email if isinstance(email, str) else "")
    return "", HTTPStatus.ACCEPTED
