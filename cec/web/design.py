"""All components in all their states, drawn by the macros of the product: for those who build it (DESIGN 9)."""

from datetime import timedelta

from flask import Blueprint, render_template, request

from cec.appeals.models import Status
from cec.platform import clock
from cec.staff.models import Presence
from cec.web import specimens
from cec.web.guards import allow
from cec.web.operator import drawing, rows, talk

bp = Blueprint("design", __name__)

THEMES = ("light", "dark")


@bp.get("/design")
@allow.anyone
def show() -> str:
    """Draw the page of all components; ?theme=dark shows the dark one."""
    theme = request.args.get("theme", THEMES[0])
    return render_template(
        "design/show.html",
        shown=theme if theme in THEMES else THEMES[0],
        themes=THEMES,
        all_statuses=list(Status),
        presences=list(Presence),
        deadlines=specimens.deadlines(),
        appeal=specimens.appeal(),
        listed=rows.drawn(specimens.rows(), rows.Shown(1, dict.fromkeys(range(1, 9), 0), {2}), numbered=True),
        conversation=talk.drawn(specimens.lines(), marked=False, mine=False),
        panel=specimens.panel(),
        sheet=specimens.sheet(),
        reasons=drawing.DECLINE_REASONS,
        undo_until=clock.now() + timedelta(minutes=1),
        grid=specimens.grid(),
        operator=specimens.state(),
        why=specimens.why(),
    )
