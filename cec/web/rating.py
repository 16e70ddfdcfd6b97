"""Client: the page where he gives a mark, at an address that only he was told; looking at it counts nothing."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.appeals import rating_links
from cec.platform.errors import Refusal
from cec.platform.i18n import gettext, mark
from cec.web.guards import allow
from cec.web.refusals import redrawn_by

bp = Blueprint("rating", __name__, url_prefix=rating_links.PATH.rstrip("/"))

MARKS = {1: mark("Very bad"), 2: mark("Bad"), 3: mark("So-so"), 4: mark("Good"), 5: mark("Very good")}


@bp.get("/<token>")
@allow.clients
def show(token: str, error: Refusal | None = None) -> str:
    """Draw the page; the programs of mail services follow links too."""
    appeal = rating_links.read(token)
    return render_template(
        "rating/show.html",
        error=error,
        appeal=appeal,
        given=rating_links.last(appeal),
        marks={value: gettext(words) for value, words in MARKS.items()},
    )


@bp.post("/<token>")
@allow.clients
@redrawn_by(show)
def give(token: str) -> Response:
    """Keep the mark, and thank for it."""
    rating_links.give(token, request.form.get("mark", ""), request.form.get("comment", ""))
    return redirect(url_for("rating.show", token=token, given=1), 303)
