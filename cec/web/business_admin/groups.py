"""Administrator: operator groups, who leads them, who is in them, which queues they serve (guide 5.10)."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.appeals import queue_contents
from cec.platform import changes
from cec.platform.errors import Refusal
from cec.queues import editing, serving
from cec.staff import employees, groups
from cec.staff.groups import Team
from cec.staff.roles import Right, Role
from cec.web.business_admin import queue_form, revisions
from cec.web.filling import Filled
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("groups", __name__)


@bp.get("/centre/groups")
@allow(Right.MANAGE_CENTRE)
def show(error: Refusal | None = None) -> str:
    """Draw the list of groups and the form that adds one."""
    return render_template(
        "business_admin/groups.html",
        error=error,
        groups=groups.list_with_members(),
        queues=serving.queues_by_group(),
        leaders={person.id: person.name for person in employees.list_working(Role.SUPERVISOR)},
    )


@bp.post("/centre/groups")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def add() -> Response:
    """Add a group; its page says who is in it and what it serves."""
    code, name = request.form.get("code", "").strip(), request.form.get("name", "")
    group = groups.create(code=code, name=name, by=current_employee().key)
    return redirect(url_for("groups.show_group", group_id=group.id, saved=1), 303)


@bp.get("/centre/groups/<int:group_id>")
@allow(Right.MANAGE_CENTRE)
def show_group(group_id: int, error: Refusal | None = None) -> str:
    """Draw the form of one group."""
    group = groups.get(group_id)
    working = employees.list_working(Role.OPERATOR)
    return render_template(
        "business_admin/group.html",
        error=error,
        group=group,
        leaders=[("", "—"), *((person.id, person.name) for person in employees.list_working(Role.SUPERVISOR))],
        people=working + [person for person in group.members if person not in working],
        queues=editing.list_all(),
        served=serving.levels_of(group),
        levels=queue_form.level_choices(),
        seen=changes.mark_of({**groups.values(group), "queues": _served(group_id)}),
        revisions=revisions.of(f"group:{group_id}"),
    )


def _served(group_id: int) -> dict[str, int]:
    return {str(queue_id): level for queue_id, level in sorted(serving.levels_of(groups.get(group_id)).items())}


@bp.post("/centre/groups/<int:group_id>")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_group)
def change(group_id: int) -> Response:
    """Change a group: name, leader, members, queues."""
    group, form, by = groups.get(group_id), Filled(), current_employee().key
    changes.check({**groups.values(group), "queues": _served(group_id)}, form.text("seen"))
    wanted = form.ids("members")
    team = Team(
        name=form.text("name"),
        leader_id=form.maybe_id("leader_id", [person.id for person in employees.list_working(Role.SUPERVISOR)]),
        members=[person for person in {*employees.list_working(Role.OPERATOR), *group.members} if person.id in wanted],
    )
    levels = {
        queue.id: form.one_of(f"queue-{queue.id}", {"", *map(str, queue_form.LEVELS)}) for queue in editing.list_all()
    }
    form.done()
    groups.change(group, team, by=by)
    serving.set_levels(group, {queue_id: int(level) for queue_id, level in levels.items() if level}, by=by)
    return redirect(url_for("groups.show_group", group_id=group_id, saved=1), 303)


@bp.post("/centre/groups/<int:group_id>/removal")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_group)
def remove(group_id: int) -> Response:
    """Remove a group that no open queue needs."""
    group = groups.get(group_id)
    serving.remove(group, waiting_lanes=queue_contents.waiting_lanes(), by=current_employee().key)
    return redirect(url_for("groups.show", saved=1), 303)
