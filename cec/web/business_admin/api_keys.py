"""Administrator: keys of programs - made here and shown once, with what they open, and revoked."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.channels import accounts
from cec.channels.models import ChannelAccount
from cec.integrations import keys
from cec.integrations.models import Scope
from cec.platform.db import db
from cec.platform.errors import Refusal
from cec.platform.i18n import gettext, mark
from cec.staff import employees
from cec.staff.models import Employee
from cec.staff.roles import Right, Role
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("api_keys", __name__)

SCOPES = {
    Scope.SEND_MESSAGES: mark("send messages into generic channels"),
    Scope.READ_APPEALS: mark("read appeals and their messages"),
    Scope.READ_CLIENTS: mark("read clients"),
    Scope.HANDLE_APPEALS: mark("take, answer and close appeals"),
}


@bp.get("/centre/keys")
@allow(Right.MANAGE_CENTRE)
def show(error: Refusal | None = None) -> str:
    """Draw the list of keys and the form that makes one."""
    return _draw(error=error)


def _draw(*, error: Refusal | None = None, token: str = "") -> str:
    channels = [(account.id, account.name) for account in accounts.list_active("api")]
    return render_template(
        "business_admin/api_keys.html",
        error=error,
        keys=keys.list_all(),
        token=token,
        scopes=[(scope.value, f"{gettext(words)} ({scope.value})") for scope, words in SCOPES.items()],
        people=[("", "—"), *((person.id, person.name) for person in employees.list_working(Role.OPERATOR))],
        channels=[("", gettext("all")), *channels],
    )


@bp.post("/centre/keys")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def add() -> str:
    """Make a key and show it, this once."""
    form = request.form
    _key, token = keys.create(
        name=form.get("name", ""),
        scopes=form.getlist("scopes"),
        employee=db.session.get(Employee, form.get("employee_id", 0, type=int)),
        account=db.session.get(ChannelAccount, form.get("account_id", 0, type=int)),
        by=current_employee().key,
    )
    return _draw(token=token)


@bp.post("/centre/keys/<int:key_id>/revocation")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(lambda error, key_id: show(error))  # noqa: ARG005 - as every page of a form is asked
def revoke(key_id: int) -> Response:
    """Let a key open nothing any more."""
    keys.revoke(key_id, by=current_employee().key)
    return redirect(url_for("api_keys.show", saved=1), 303)
