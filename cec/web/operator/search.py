"""Operator: finding an appeal or a client from the top panel (guide 2.2.2, 2.4)."""

from flask import Blueprint, render_template, request

from cec.appeals import finding
from cec.channels import accounts
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.session import current_employee

bp = Blueprint("search", __name__, url_prefix="/operator/search")

LONGEST_WORDS = 200


@bp.get("")
@allow(Right.HANDLE_APPEALS)
def show() -> str:
    """List what was found, in groups: what is held, clients, what can be read."""
    employee = current_employee()
    words = request.args.get("words", "").replace("\x00", "").strip()[:LONGEST_WORDS]
    enough = finding.is_enough(words)
    found = finding.appeals(words, of=employee) if enough else []
    return render_template(
        "operator/found.html",
        words=words,
        is_address=accounts.is_address(words),
        enough=enough,
        held=[each for each in found if each.is_held],
        clients=finding.clients(words, of=employee) if enough else [],
        past=[each for each in found if not each.is_held],
    )
