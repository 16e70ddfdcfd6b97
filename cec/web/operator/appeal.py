"""Operator: one appeal - what it is, why it is where it is, its topic (guide 3.2.2, 3.2.3)."""

from typing import Any

from flask import Blueprint, render_template, request

from cec.appeals import classifying, conversation
from cec.distribution import explaining
from cec.distribution import queries as distribution
from cec.platform.i18n import gettext as _
from cec.staff.roles import Right
from cec.topics import queries as topics
from cec.web import parts
from cec.web.guards import allow
from cec.web.operator import drawing, own
from cec.web.session import current_employee, current_reader

bp = Blueprint("appeal", __name__, url_prefix="/operator/appeals/<int:appeal_id>")


@bp.get("")
@allow(Right.HANDLE_APPEALS)
def show(appeal_id: int) -> str:
    """Draw the appeal: alone when it is redrawn, with its client when it is opened, else the whole desk."""
    employee = current_reader()
    appeal = own.opened(appeal_id, of=employee)
    if not drawing.is_part():
        return drawing.desk(employee, appeal)
    if request.args.get("composer"):
        return drawing.appeal_part(appeal, employee, **drawing.kept())["appeal"]
    return drawing.together("appeal", drawing.opened_parts(appeal, employee))


@bp.post("/seen")
@allow(Right.HANDLE_APPEALS)
def mark_seen(appeal_id: int) -> tuple[str, int]:
    """Remember how far the operator has read."""
    employee = current_employee()
    appeal = own.get(appeal_id, of=employee)
    conversation.mark_seen(appeal, by=employee, message_id=request.form.get("message_id", 0, type=int))
    return "", 204


@bp.get("/why")
@allow(Right.HANDLE_APPEALS)
def show_why(appeal_id: int) -> str:
    """Open the number: rows of the tables with their reasons, and why it came to this operator."""
    appeal = own.get(appeal_id, of=current_employee())
    verdict = appeal.verdicts.get("prioritization", {})
    return render_template(
        "operator/why.html",
        appeal=appeal,
        word=parts.priority(appeal.points)[1].lower(),
        version=verdict.get("version"),
        rows=[_row(row) for row in verdict.get("rows", [])],
        routing=[_row(row) for row in appeal.verdicts.get("routing", {}).get("rows", [])],
        diverted=appeal.verdicts.get("routing", {}).get("diverted", []),
        errors=[why for table in _JUDGED for why in appeal.verdicts.get(table, {}).get("errors", [])],
        mine=explaining.sentences(distribution.why(appeal)),
    )


# Tables whose rows may have failed on this appeal.
_JUDGED = ("screening", "routing", "prioritization")


def _row(row: dict[str, Any]) -> dict[str, Any]:
    reason = row.get("reason")
    return {
        "row": row["row"],
        "reason": _(reason) if reason else "",
        "points": int((row.get("outputs") or {}).get("points") or 0),
    }


@bp.get("/topics")
@allow(Right.HANDLE_APPEALS)
def show_topics(appeal_id: int) -> str:
    """List the topics that can be chosen."""
    appeal = own.get(appeal_id, of=current_employee())
    return render_template("operator/topics.html", appeal=appeal, topics=topics.list_leaves())


@bp.put("/topic")
@allow(Right.HANDLE_APPEALS)
def set_topic(appeal_id: int) -> str:
    """Choose the topic."""
    employee = current_employee()
    classifying.set_topic(appeal_id, request.form.get("topic_id", 0, type=int), by=employee)
    return drawing.appeal_part(own.opened(appeal_id, of=employee), employee, **drawing.kept())["appeal"]
