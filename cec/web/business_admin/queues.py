"""Administrator: queues and the groups that serve them (guide 5.1, 5.10)."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.platform.errors import Refusal
from cec.platform.i18n import gettext as _
from cec.queues import editing
from cec.staff import groups
from cec.staff.models import OperatorGroup
from cec.staff.roles import Right
from cec.web.first_run import steps
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("queues", __name__)

# Ticked to have a group made that serves this queue only.
OWN_GROUP = "own"


@bp.get("/centre/queues")
@allow(Right.MANAGE_CENTRE)
def show(error: Refusal | None = None) -> str:
    """Draw the list of queues and the form that adds one."""
    return render_template(
        "business_admin/queues.html",
        error=error,
        steps=steps(),
        queues=editing.list_all(),
        groups=[(group.id, group.name) for group in groups.list_all()],
        own_group=OWN_GROUP,
    )


@bp.post("/centre/queues")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def add() -> Response:
    """Add a queue, with a group of its own if wanted."""
    code, name, by = request.form.get("code", "").strip(), request.form.get("name", ""), current_employee().key
    serving = _chosen_groups()
    if OWN_GROUP in request.form.getlist("groups"):
        editing.check_code(code)
        serving.append(groups.create(code=code, name=name, by=by))
    editing.create(code=code, name=name, groups=serving, topic_required="topic_required" in request.form, by=by)
    return redirect(url_for("queues.show", saved=1), 303)


def _chosen_groups() -> list[OperatorGroup]:
    wanted = set(request.form.getlist("groups"))
    return [group for group in groups.list_all() if str(group.id) in wanted]


@bp.get("/centre/queues/<int:queue_id>")
@allow(Right.MANAGE_CENTRE)
def show_queue(queue_id: int, error: Refusal | None = None) -> str:
    """Draw the form of one queue."""
    queue = editing.get(queue_id)
    mailboxes = editing.mailboxes(queue)
    return render_template(
        "business_admin/queue.html",
        error=error,
        queue=queue,
        groups=[(group.id, group.name) for group in groups.list_all()],
        mailboxes=[("", _("Where the client wrote to")), *((box.id, box.address) for box in mailboxes)],
    )


@bp.post("/centre/queues/<int:queue_id>")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_queue)
def change(queue_id: int) -> Response:
    """Change the name of a queue, who serves it, and how it speaks to clients."""
    queue, by = editing.get(queue_id), current_employee().key
    editing.change(
        queue,
        name=request.form.get("name", ""),
        groups=_chosen_groups(),
        topic_required="topic_required" in request.form,
        by=by,
    )
    editing.speak(queue, _voice(), by=by)
    return redirect(url_for("queues.show", saved=1), 303)


def _voice() -> editing.Voice:
    sender = request.form.get("sender", "")
    return editing.Voice(
        signature=request.form.get("signature", ""),
        sender_name=request.form.get("sender_name", ""),
        sender_account_id=int(sender) if sender.isdecimal() else (-1 if sender else None),
    )
