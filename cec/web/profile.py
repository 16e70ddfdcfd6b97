"""A person's own settings: language and theme (guide 2.2.2)."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cec.notifications import preferences
from cec.notifications.preferences import Preferences
from cec.platform import i18n
from cec.platform.errors import Invalid, Refusal
from cec.platform.i18n import gettext, mark
from cec.staff import desk, employees
from cec.web import session
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee, current_session

bp = Blueprint("profile", __name__)

DENSITIES = {"compact": mark("Dense"), "roomy": mark("Roomy")}
THEMES = {"system": mark("As in the system"), "light": mark("Light"), "dark": mark("Dark")}


class UnknownLook(Invalid):
    """Choose one of the languages and themes offered."""


@bp.get("/profile")
@allow.signed_in
def show(error: Refusal | None = None) -> str:
    """Draw the profile."""
    return render_template(
        "profile/show.html",
        error=error,
        opened=current_session(),
        languages=i18n.LANGUAGES,
        densities={density: gettext(name) for density, name in DENSITIES.items()},
        themes={theme: gettext(name) for theme, name in THEMES.items()},
        wanted=preferences.of(current_employee()),
        sounds=[(sound, gettext(name)) for sound, name in preferences.SOUNDS.items()],
    )


@bp.post("/profile")
@allow.signed_in
@redrawn_by(show)
def change() -> Response:
    """Keep the language and the theme; the next page has them."""
    language, theme = request.form.get("language", ""), request.form.get("theme", "")
    density = request.form.get("density", "compact")
    if language not in i18n.LANGUAGES or theme not in THEMES or density not in DENSITIES:
        raise UnknownLook
    employees.set_profile(current_employee(), language=language, theme=theme)
    desk.arrange(current_employee(), density=density)
    response = make_response(redirect(url_for("profile.show", saved=1), 303))
    session.remember_language(response, language)
    return response


@bp.post("/profile/notices")
@allow.signed_in
@redrawn_by(show)
def change_notices() -> Response:
    """Keep how a person wants to be told, and whether keys act."""
    form = request.form
    wanted = Preferences(
        sounds=form.getlist("sounds"),
        volume=form.get("volume", -1, type=int),
        quiet_from=form.get("quiet_from", ""),
        quiet_to=form.get("quiet_to", ""),
        browser="browser" in form,
        keys="keys" in form,
    )
    preferences.keep(current_employee(), wanted)
    return redirect(url_for("profile.show", saved=1), 303)
