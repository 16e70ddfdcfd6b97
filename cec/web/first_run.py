"""The first run: an empty centre gets its administrator; then queue, people and mailbox, step by step."""

from dataclasses import dataclass
from zoneinfo import available_timezones

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.appeals import resolutions
from cec.channels import accounts
from cec.platform import i18n
from cec.platform.errors import Refusal
from cec.platform.i18n import gettext, mark
from cec.queues import queries as queues
from cec.staff import employees, signing_in
from cec.staff.roles import Role
from cec.web import session
from cec.web.guards import allow
from cec.web.refusals import redrawn_by

bp = Blueprint("first_run", __name__)


@dataclass(frozen=True)
class Step:
    """A step towards a centre that works."""

    name: str
    endpoint: str
    is_done: bool


_STEPS = (
    (mark("Administrator"), "first_run.show"),
    (mark("Queue"), "queues.show"),
    (mark("People"), "people.show"),
    (mark("Mailbox"), "mailboxes.show"),
)


def steps() -> list[Step]:
    """List the steps, as long as one of them is not done."""
    done = (
        employees.is_anybody_here(),
        bool(queues.list_open()),
        employees.has_operators(),
        bool(accounts.list_active("email")),
    )
    if all(done):
        return []
    return [Step(gettext(name), endpoint, made) for (name, endpoint), made in zip(_STEPS, done, strict=True)]


@bp.get("/setup")
@allow.anyone
def show(error: Refusal | None = None) -> str:
    """Draw the first step; a centre that has people does not show it again."""
    employees.refuse_second_founding()
    return render_template(
        "first_run/administrator.html",
        error=error,
        steps=steps(),
        zones=sorted(available_timezones()),
        languages=i18n.LANGUAGES,
    )


@bp.post("/setup")
@allow.anyone
@redrawn_by(show)
def found() -> Response:
    """Make the administrator and sign him in."""
    form = request.form
    login, password = form.get("login", ""), form.get("new_password", "")
    administrator = employees.found(
        place=form.get("place", ""),
        zone=form.get("zone", ""),
        name=form.get("name", ""),
        login=login,
        password=password,
    )
    administrator.language = i18n.language()
    resolutions.stock()
    opened, token = signing_in.sign_in(login, password)
    place = signing_in.workplaces(administrator.branch_id)[0]
    signing_in.choose(opened, Role.BUSINESS_ADMIN, administrator.branch_id, place.id)
    response = make_response(redirect(url_for("queues.show"), 303))
    session.remember(response, token, administrator.language)
    return response
