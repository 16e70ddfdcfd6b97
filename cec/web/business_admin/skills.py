"""Administrator: skills, which routing requires and people have (guide 5.11)."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.platform import changes
from cec.platform.errors import Refusal
from cec.staff import skills
from cec.staff.roles import Right
from cec.web.business_admin import revisions
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee

bp = Blueprint("skills", __name__)


@bp.get("/centre/skills")
@allow(Right.MANAGE_CENTRE)
def show(error: Refusal | None = None) -> str:
    """Draw the list of skills and the form that adds one."""
    return render_template(
        "business_admin/skills.html", error=error, skills=skills.list_all(retired=True), holders=skills.holders()
    )


@bp.post("/centre/skills")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def add() -> Response:
    """Add a skill."""
    skills.create(
        code=request.form.get("code", "").strip(), name=request.form.get("name", ""), by=current_employee().key
    )
    return redirect(url_for("skills.show", saved=1), 303)


@bp.get("/centre/skills/<int:skill_id>")
@allow(Right.MANAGE_CENTRE)
def show_skill(skill_id: int, error: Refusal | None = None) -> str:
    """Draw the form of one skill, and who has it."""
    skill = skills.get(skill_id)
    return render_template(
        "business_admin/skill.html",
        error=error,
        skill=skill,
        holders=skills.who_has(skill),
        seen=changes.mark_of(skills.values(skill)),
        revisions=revisions.of(f"skill:{skill_id}"),
    )


@bp.post("/centre/skills/<int:skill_id>")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_skill)
def change(skill_id: int) -> Response:
    """Rename a skill, or take it out of use."""
    form = request.form
    skills.change(
        skills.get(skill_id),
        name=form.get("name", ""),
        is_active="is_active" in form,
        by=current_employee().key,
        seen=form.get("seen", ""),
    )
    return redirect(url_for("skills.show", saved=1), 303)
