"""Administrator: how every channel is - last in, last out, what waits, what is wrong - and generic channels."""

import datetime as dt

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.appeals import delivering
from cec.channels import accounts, probing, receiving
from cec.channels.api import opening
from cec.channels.models import ChannelAccount
from cec.platform import clock
from cec.platform.db import db
from cec.platform.errors import NotFound, Refusal
from cec.platform.i18n import gettext, mark
from cec.staff.roles import Right
from cec.web.business_admin import quiet_hours
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("channels", __name__)

CLOSED = {
    opening.REOPEN: mark("as its queue says"),
    opening.REFUSE: mark("refused with 409"),
}
DAY = dt.timedelta(days=1)
# Where the account of a channel is changed.
PAGES = {"email": "mailboxes.show_mailbox", "api": "channels.show_channel", "webchat": "webchats.show_chat"}


@bp.get("/centre/channels")
@allow(Right.MANAGE_CENTRE)
def show(error: Refusal | None = None) -> str:
    """Draw how every channel is, and the form that opens a generic one."""
    return render_template(
        "business_admin/channels.html",
        error=error,
        accounts=accounts.list_all(),
        coming=receiving.count_new(),
        going=delivering.count_waiting(),
        ignored=receiving.count_ignored(clock.now() - DAY),
        probe_lost=probing.is_lost,
        closed=_closed(),
        pages=PAGES,
    )


@bp.post("/centre/channels")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def add() -> str:
    """Open a generic channel and show its secret, this once."""
    form = request.form
    account, secret = opening.create(
        name=form.get("name", ""), code=form.get("code", "").strip(), config=form, by=current_employee().key
    )
    return _draw(account, secret=secret)


@bp.get("/centre/channels/<int:account_id>")
@allow(Right.MANAGE_CENTRE)
def show_channel(account_id: int, error: Refusal | None = None) -> str:
    """Draw the form of a generic channel."""
    return _draw(_get(account_id), error=error)


def _draw(account: ChannelAccount, *, error: Refusal | None = None, secret: str = "") -> str:
    return render_template(
        "business_admin/channel.html",
        error=error,
        account=account,
        secret=secret,
        quiet=quiet_hours.shown(account),
        closed=_closed(),
        messages_url=url_for("api_channels.take", code=account.code, _external=True),
        events_url=url_for("webhooks.take", code=account.code, _external=True),
    )


@bp.post("/centre/channels/<int:account_id>")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_channel)
def change(account_id: int) -> Response:
    """Change a generic channel."""
    form = request.form
    opening.change(
        _get(account_id),
        name=form.get("name", ""),
        config=form,
        is_active="is_active" in form,
        by=current_employee().key,
    )
    return redirect(url_for("channels.show_channel", account_id=account_id, saved=1), 303)


@bp.post("/centre/channels/<int:account_id>/secret")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_channel)
def renew_secret(account_id: int) -> str:
    """Give a generic channel another secret and show it, this once."""
    account = _get(account_id)
    return _draw(account, secret=opening.renew_secret(account, by=current_employee().key))


def _get(account_id: int) -> ChannelAccount:
    account = db.session.get(ChannelAccount, account_id)
    if account is None or account.channel != opening.CHANNEL:
        raise NotFound
    return account


def _closed() -> list[tuple[str, str]]:
    return [(value, gettext(name)) for value, name in CLOSED.items()]
