"""Administrator: queues, all that is decided about them, and the check that somebody serves them (guide 5.1)."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.appeals import queue_contents
from cec.platform import changes
from cec.platform.errors import Refusal
from cec.queues import checking, editing
from cec.queues.models import Queue
from cec.queues.terms import Terms
from cec.staff import groups
from cec.staff.models import OperatorGroup
from cec.staff.roles import Right
from cec.web.business_admin import queue_form, revisions
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
        waiting=queue_contents.count_waiting_by_queue(),
        groups=[(group.id, group.name) for group in groups.list_all()],
        own_group=OWN_GROUP,
    )


@bp.post("/centre/queues")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def add() -> Response:
    """Add a queue in a moment, with a group of its own if wanted; all else is as usual."""
    code, name, by = request.form.get("code", "").strip(), request.form.get("name", ""), current_employee().key
    serving = _chosen_groups()
    if OWN_GROUP in request.form.getlist("groups"):
        editing.check_code(code)
        serving.append(groups.create(code=code, name=name, by=by))
    levels = {group.id: 1 for group in serving}
    editing.create(code=code, terms=Terms(name, levels, topic_required="topic_required" in request.form), by=by)
    return redirect(url_for("queues.show", saved=1), 303)


def _chosen_groups() -> list[OperatorGroup]:
    wanted = set(request.form.getlist("groups"))
    return [group for group in groups.list_all() if str(group.id) in wanted]


@bp.get("/centre/queues/check")
@allow(Right.MANAGE_CENTRE)
def check() -> str:
    """Check all queues: who serves them, what leads to them, where they lead."""
    findings = checking.check(queue_contents.waiting_lanes())
    return render_template("business_admin/queue_check.html", error=None, findings=findings)


@bp.get("/centre/queues/new")
@allow(Right.MANAGE_CENTRE)
def show_new(error: Refusal | None = None) -> str:
    """Draw the form of a new queue, filled in from a sample if one is named."""
    sample = request.args.get("sample", type=int)
    terms = editing.sample_of(editing.get(sample)) if sample else Terms("")
    return _draw(terms, None, error)


@bp.post("/centre/queues/new")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_new)
def add_from_form() -> Response:
    """Add a queue with all that is decided about it."""
    code = request.form.get("code", "").strip()
    queue = editing.create(code=code, terms=queue_form.read(None), by=current_employee().key)
    return redirect(url_for("queues.show_queue", queue_id=queue.id, saved=1), 303)


@bp.get("/centre/queues/<int:queue_id>")
@allow(Right.MANAGE_CENTRE)
def show_queue(queue_id: int, error: Refusal | None = None) -> str:
    """Draw the form of one queue."""
    queue = editing.get(queue_id)
    return _draw(editing.terms_of(queue), queue, error)


def _draw(terms: Terms, queue: Queue | None, error: Refusal | None) -> str:
    return render_template(
        "business_admin/queue.html",
        error=error,
        queue=queue,
        inside=queue_contents.count_inside(queue.id) if queue else None,
        default=next((other for other in editing.list_all() if other.is_default), None),
        seen=changes.mark_of(editing.values(queue)) if queue else "",
        revisions=revisions.of(f"queue:{queue.id}") if queue else [],
        **queue_form.shown(terms, queue, error=error),
    )


@bp.post("/centre/queues/<int:queue_id>")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_queue)
def change(queue_id: int) -> Response:
    """Change what is decided about a queue; what waits in one that is closed goes to the default queue."""
    queue = editing.get(queue_id)
    seen = request.form.get("seen", "")
    editing.change(queue, queue_form.read(queue), by=current_employee().key, seen=seen)
    return redirect(url_for("queues.show_queue", queue_id=queue_id, saved=1), 303)
