"""Administrator: finding a client, his card with all that is kept of him, and forgetting him (guide 3.4; 152-FZ)."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.appeals import history
from cec.clients import languages, people
from cec.clients.people import Person
from cec.platform import audit
from cec.platform.errors import Refusal
from cec.platform.i18n import gettext
from cec.retention import confirming, forgetting, reach
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("clients", __name__, url_prefix="/centre/clients")

LONGEST_WORDS = 200


@bp.get("")
@allow(Right.MANAGE_CENTRE)
def show() -> str:
    """Draw the search and whom it found."""
    words = request.args.get("words", "").replace("\x00", "").strip()[:LONGEST_WORDS]
    return render_template(
        "business_admin/clients.html",
        words=words,
        enough=len(words) >= people.LEAST,
        found=people.find(words),
        most=people.MOST,
    )


@bp.get("/<int:client_id>")
@allow(Right.MANAGE_CENTRE)
def show_client(client_id: int, error: Refusal | None = None) -> str:
    """Draw the card of a client."""
    return _draw(people.of_client(client_id), error)


@bp.get("/addresses/<int:address_id>")
@allow(Right.MANAGE_CENTRE)
def show_address(address_id: int, error: Refusal | None = None) -> str | Response:
    """Draw what is known of somebody who has no card; who has one is looked at there."""
    person = people.of_address(address_id)
    if person.client:
        return redirect(url_for("clients.show_client", client_id=person.client.id))
    return _draw(person, error)


@bp.post("/<int:client_id>/forgetting")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_client)
def forget_client(client_id: int) -> Response:
    """Ask to forget a client."""
    return _ask(people.of_client(client_id))


@bp.post("/addresses/<int:address_id>/forgetting")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_address)
def forget_address(address_id: int) -> Response:
    """Ask to forget somebody who has no card; who has got one meanwhile is looked at again first."""
    person = people.of_address(address_id)
    return redirect(_place(person), 303) if person.client else _ask(person)


@bp.post("/<int:client_id>/forgetting/withdrawal")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_client)
def withdraw_client(client_id: int) -> Response:
    """Take back that a client be forgotten."""
    return _withdraw(people.of_client(client_id))


@bp.post("/addresses/<int:address_id>/forgetting/withdrawal")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_address)
def withdraw_address(address_id: int) -> Response:
    """Take back that somebody without a card be forgotten."""
    return _withdraw(people.of_address(address_id))


def _ask(person: Person) -> Response:
    asked = {name: request.form.get(name, "") for name in ("ground", "paper", "confirm")}
    confirming.ask(person, **asked, by=current_employee())
    return redirect(_place(person), 303)


def _withdraw(person: Person) -> Response:
    confirming.withdraw(person, by=current_employee())
    return redirect(_place(person), 303)


def _place(person: Person) -> str:
    if person.client:
        return url_for("clients.show_client", client_id=person.client.id)
    return url_for("clients.show_address", address_id=person.addresses[0].id)


def _draw(person: Person, error: Refusal | None) -> str:
    sign = forgetting.sign_of(person) if forgetting.is_forgotten(person) else None
    his = reach.of(person)
    if error is None:
        audit.opened(person.key, by=current_employee().key)
    counts = sign.reached if sign else his.counts()
    return render_template(
        "business_admin/client.html",
        error=error,
        person=person,
        sign=sign,
        speaks=_language(person),
        counts=reach.told(counts),
        waiting=None if sign else confirming.find(person),
        appeals=history.list_newest(his.appeals),
        still_open=sorted(his.still_open.items()),
        grounds=[(code, gettext(words)) for code, words in forgetting.GROUNDS.items()],
        act=f"{_place(person)}/forgetting",
    )


def _language(person: Person) -> str:
    """Name the language that a client has told; empty: none."""
    known = person.client.language if person.client else None
    return gettext(languages.NAMES[known]) if known else ""
