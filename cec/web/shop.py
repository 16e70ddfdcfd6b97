"""The page of a shop, in a demo centre only: with the web chat on it, so that one can talk to oneself."""

from flask import Blueprint, render_template

from cec.channels import accounts
from cec.channels.webchat.founding import CHANNEL
from cec.platform import i18n
from cec.platform.errors import NotFound
from cec.web.guards import allow

bp = Blueprint("shop", __name__)


@bp.get("/shop")
@allow.anyone
def show() -> str:
    """Draw the page, with the first web chat there is; a centre without one has no such page."""
    chats = accounts.list_active(CHANNEL)
    if not chats:
        raise NotFound
    return render_template("shop/show.html", code=chats[0].code, language=i18n.language())
