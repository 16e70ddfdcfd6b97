"""Operator: the history of a client, and an earlier appeal to read (guide 2.2.5, 3.5)."""

from urllib.parse import urlencode

from flask import Blueprint, render_template, request

from cec.appeals import history, queries, reading
from cec.platform import audit
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.operator import feed, own, talk
from cec.web.session import current_employee

bp = Blueprint("history", __name__, url_prefix="/operator")

LONGEST_WORDS = 200
STATES = ("open", "ended")


@bp.get("/appeals/<int:appeal_id>/history")
@allow(Right.HANDLE_APPEALS)
def show(appeal_id: int) -> str:
    """List the appeals of a client, a page at a time; narrowed by words of the conversation and by state."""
    appeal = own.get(appeal_id, of=current_employee())
    filters = _filters()
    found = history.list_of(appeal, filters)
    page, more = found[: history.PAGE], len(found) > history.PAGE
    asked = {"rows": 1, "words": filters.words, "state": filters.state}
    older = f"/operator/appeals/{appeal.id}/history?" + urlencode(asked | {"before": page[-1].id}) if more else None
    whole = "rows" not in request.args
    return render_template(
        "operator/history.html", appeal=appeal, found=page, filters=filters, older=older, whole=whole
    )


def _filters() -> history.Filters:
    asked = request.args
    return history.Filters(
        words=asked.get("words", "").replace("\x00", "").strip()[:LONGEST_WORDS],
        state=asked["state"] if asked.get("state") in STATES else "",
        before=asked.get("before", type=int),
    )


@bp.get("/history/<int:appeal_id>")
@allow(Right.HANDLE_APPEALS)
def read(appeal_id: int) -> str:
    """Draw an appeal with its conversation, to read."""
    employee = current_employee()
    appeal = history.get_readable(appeal_id, of=employee)
    if appeal.operator_id != employee.id:
        audit.opened(appeal.key, by=employee.key)
    lines = feed.lines(appeal, reading.messages(appeal), queries.events(appeal), reader=employee, new_from=None)
    drawn = talk.drawn(lines, marked=False, mine=False)
    return render_template("operator/earlier.html", appeal=appeal, name=feed.name_of(appeal), conversation=drawn)
