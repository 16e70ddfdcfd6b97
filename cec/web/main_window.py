"""Main window: the frame of every page, what templates may call, and the home of each role (guide 2.2.1)."""

from functools import cache
from pathlib import Path

from flask import Blueprint, current_app, redirect, url_for
from flask.blueprints import BlueprintSetupState
from markupsafe import Markup
from werkzeug.wrappers import Response

from cec.living import tempo
from cec.staff import desk, roles
from cec.staff.roles import Right, Role
from cec.web import parts, small
from cec.web.guards import allow
from cec.web.session import current_reader, find_reader

bp = Blueprint("main_window", __name__)


@bp.get("/")
@allow(*Right)
def home() -> Response:
    """Lead everybody to the first page of his role."""
    if current_reader().role == Role.OPERATOR:
        return redirect(url_for("worklist.desk"))
    return redirect(url_for("appeals_list.show"))


@bp.record_once
def _furnish(state: BlueprintSetupState) -> None:
    """Give templates their words: macros of parts/ see globals only."""
    state.app.jinja_env.globals.update(
        asset=asset,
        sprite=sprite,
        parts=parts,
        small=small,
        role_name=roles.name,
        moment=small.moment,
        me=find_reader,
        density_of=desk.density_of,
        lives=_lives,
    )


def _lives() -> bool:
    """Tell whether people live in this centre: it is a demo then, and says so."""
    settings = current_app.config["CEC"]
    return bool(settings.demo) and tempo.lives(settings.data)


def asset(name: str) -> str:
    """Give the address of a static file; a changed file has a new address."""
    return url_for("static", filename=name, v=_changed_at(str(current_app.static_folder), name))


@cache
def _changed_at(folder: str, name: str) -> str:
    return format(int((Path(folder) / name).stat().st_mtime), "x")


def sprite() -> Markup:
    """Give the icons in use, to be drawn by <use href="#i-name">."""
    return _sprite(str(current_app.static_folder))


@cache
def _sprite(folder: str) -> Markup:
    return Markup((Path(folder) / "vendor/sprite.svg").read_text())  # noqa: S704 - our own file
