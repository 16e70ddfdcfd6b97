"""Administrator: the mailboxes clients write to; "Test the connection" tells step by step what works."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.appeals import delivering, threading
from cec.channels import accounts, quiet_hours
from cec.channels.email import hourly, trying
from cec.channels.models import ChannelAccount
from cec.platform.db import db
from cec.platform.errors import Refusal
from cec.platform.i18n import gettext, mark
from cec.staff.roles import Right
from cec.web.business_admin import quiet_hours as quiet_fields
from cec.web.first_run import steps
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("mailboxes", __name__)

STRANGERS = {
    threading.JOIN: mark("he joins the conversation"),
    threading.APART: mark("an appeal of his own, linked to it"),
}
SECURITY = {"tls": mark("TLS"), "starttls": mark("STARTTLS"), "none": mark("None")}


@bp.get("/centre/mailboxes")
@allow(Right.MANAGE_CENTRE)
def show(error: Refusal | None = None) -> str:
    """Draw the list of mailboxes and the form that adds one."""
    return render_template(
        "business_admin/mailboxes.html",
        error=error,
        steps=steps(),
        mailboxes=accounts.list_active("email"),
        waiting=delivering.count_waiting(),
        security=_security(),
        strangers=_strangers(),
    )


def _security() -> list[tuple[str, str]]:
    return [(value, gettext(name)) for value, name in SECURITY.items()]


@bp.post("/centre/mailboxes")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def add() -> Response:
    """Add a mailbox; its page offers to test the connection."""
    account = accounts.create_email(
        name=request.form.get("name", ""),
        code=request.form.get("code", "").strip(),
        address=request.form.get("address", ""),
        config=_servers(),
        passwords=_passwords(),
        by=current_employee().key,
    )
    return redirect(url_for("mailboxes.show_mailbox", account_id=account.id, saved=1), 303)


def _strangers() -> list[tuple[str, str]]:
    return [(value, gettext(name)) for value, name in STRANGERS.items()]


def _servers() -> dict[str, Any]:
    """Read the servers; without one for incoming mail it comes through the SMTP door only."""
    strangers = threading.APART if request.form.get("strangers") == threading.APART else threading.JOIN
    servers: dict[str, Any] = {"authserv": request.form.get("authserv", "").strip(), "strangers": strangers}
    if hourly.WANTED in request.form:
        servers[hourly.WANTED] = True
    for which in ("smtp", "imap"):
        values = {name: request.form.get(f"{which}_{name}", "").strip() for name in ("host", "port", "tls", "user")}
        if which == "smtp" or values["host"]:
            port = values["port"]
            servers[_kind(which)] = {**values, "port": int(port) if port.isascii() and port.isdigit() else port}
    oauth = {name: request.form.get(f"oauth_{name}", "").strip() for name in ("token_url", "client_id", "scope")}
    return servers | quiet_hours.read(request.form) | ({"oauth": oauth} if any(oauth.values()) else {})


def _kind(which: str) -> str:
    """Tell which protocol the fields of the incoming server are for."""
    return "pop3" if which == "imap" and request.form.get("incoming") == "pop3" else which


def _passwords() -> dict[str, str]:
    told = {_kind(which): request.form.get(f"{which}_password", "") for which in ("smtp", "imap")}
    return told | {name: request.form.get(name, "").strip() for name in ("oauth_secret", "refresh_token")}


@bp.get("/centre/mailboxes/<int:account_id>")
@allow(Right.MANAGE_CENTRE)
def show_mailbox(account_id: int, error: Refusal | None = None) -> str:
    """Draw the form of one mailbox."""
    return _draw(accounts.get(account_id), error=error)


def _draw(account: ChannelAccount, *, error: Refusal | None = None, results: list[trying.Step] | None = None) -> str:
    return render_template(
        "business_admin/mailbox.html",
        error=error,
        account=account,
        results=results,
        quiet=quiet_fields.shown(account),
        security=_security(),
        strangers=_strangers(),
        steps=steps(),
    )


@bp.post("/centre/mailboxes/<int:account_id>")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_mailbox)
def change(account_id: int) -> Response:
    """Change a mailbox; a password that is left empty stays."""
    accounts.change_email(
        accounts.get(account_id),
        name=request.form.get("name", ""),
        address=request.form.get("address", ""),
        config=_servers(),
        passwords=_passwords(),
        by=current_employee().key,
    )
    return redirect(url_for("mailboxes.show_mailbox", account_id=account_id, saved=1), 303)


@bp.post("/centre/mailboxes/<int:account_id>/test")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_mailbox)
def test(account_id: int) -> str:
    """Sign in to both servers and send a mail to the mailbox itself; tell how far it came."""
    account = accounts.get(account_id)
    # Servers may take a minute to answer: the database is not kept waiting meanwhile.
    db.session.expunge(account)
    db.session.rollback()
    results = trying.test_connection(account)
    return _draw(accounts.get(account_id), results=results)
