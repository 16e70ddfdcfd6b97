"""A demo centre on its own pages: how much goes on in it, and letting it begin anew; a real centre has none of it."""

from http import HTTPStatus

from flask import Blueprint, current_app, render_template, request

from cec.living import contents, tempo
from cec.living.tempo import Tempo
from cec.platform.errors import Invalid, NotFound
from cec.platform.i18n import gettext, mark
from cec.platform.settings import Settings
from cec.staff.roles import Right
from cec.web.guards import allow

bp = Blueprint("living", __name__, url_prefix="/demo")

TEMPI = {
    Tempo.OFF: (mark("Off"), mark("Nobody writes but you; the colleagues have gone home.")),
    Tempo.CALM: (mark("Calm"), mark("Somebody writes every minute.")),
    Tempo.DAY: (mark("Ordinary day"), mark("Somebody writes every twenty seconds.")),
    Tempo.RUSH: (mark("Rush"), mark("Somebody writes every six seconds: more than all can do in time.")),
}


class NoSuchTempo(Invalid):
    """Choose a tempo from the list."""

    field = "tempo"


class NobodyLives(NotFound):
    """Nobody lives in this centre."""


@bp.get("/menu")
@allow.signed_in
def show_menu() -> str:
    """Draw the tempi to choose from."""
    return _menu(tempo.chosen(_settings().data))


@bp.put("/tempo")
@allow.signed_in
def choose() -> str:
    """Choose how much goes on; it begins within a second."""
    wanted = request.form.get("tempo", "")
    if wanted not in set(Tempo):
        raise NoSuchTempo
    tempo.choose(_settings().data, Tempo(wanted))
    return _menu(Tempo(wanted))


@bp.get("/anew")
@allow(Right.MANAGE_CENTRE)
def ask() -> str:
    """Say what goes and what stays when the demo begins anew."""
    return render_template("living/anew.html", held=contents.count(), kept=_settings().data / "before-anew.backup")


@bp.post("/anew")
@allow(Right.MANAGE_CENTRE)
def begin() -> tuple[str, int]:
    """Let the demo begin anew; the parent process does it, this page waits for it."""
    tempo.ask_anew(_settings().data)
    return render_template("living/beginning.html"), HTTPStatus.ACCEPTED


@bp.get("/anew/state")
@allow.anyone
def tell() -> dict[str, bool]:
    """Tell whether the demo is still being made anew."""
    return {"begins": tempo.begins_anew(_settings().data)}


def _menu(chosen: Tempo) -> str:
    tempi = [(each.value, gettext(name), gettext(about)) for each, (name, about) in TEMPI.items()]
    return render_template("living/menu.html", tempi=tempi, chosen=chosen.value)


def _settings() -> Settings:
    """Give the settings of a centre where somebody lives.

    :raises NobodyLives: in any other one.
    """
    settings: Settings = current_app.config["CEC"]
    if not tempo.lives(settings.data):
        raise NobodyLives
    return settings
