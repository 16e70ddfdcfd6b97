"""Operator: he is writing an answer, and the client sees that where his channel can show it (guide 3.2.4)."""

from flask import Blueprint

from cec.appeals import carrying, chatting
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.operator import own
from cec.web.session import current_employee

bp = Blueprint("writing", __name__, url_prefix="/operator")


@bp.post("/appeals/<int:appeal_id>/writing")
@allow(Right.HANDLE_APPEALS)
def show(appeal_id: int) -> tuple[str, int]:
    """Show the client for a moment that his operator is writing."""
    appeal = own.get(appeal_id, of=current_employee())
    if appeal.has_ways or carrying.of(appeal, appeal.account).typing:
        chatting.tell(appeal, chatting.WRITES)
    return "", 204
