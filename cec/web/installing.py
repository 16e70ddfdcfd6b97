"""The window as an installed app: its manifest, and the colours of its frame in both themes (guide 2.2.1)."""

import re
from functools import cache
from pathlib import Path

import orjson
from flask import Blueprint, Response, current_app, url_for
from flask.blueprints import BlueprintSetupState

from cec.platform import i18n
from cec.platform.i18n import gettext as _
from cec.web.guards import allow

bp = Blueprint("installing", __name__)

# File, size in pixels, what for: a system may cut a maskable one to its own shape.
ICONS = (
    ("icon-192.png", 192, "any"),
    ("icon-512.png", 512, "any"),
    ("icon-maskable-512.png", 512, "maskable"),
)


@bp.get("/manifest.webmanifest")
@allow.anyone
def manifest() -> Response:
    """Tell a browser how the window is installed, in the reader's language."""
    facts = {
        "id": "/",
        "name": _("CEC, customer engagement centre"),
        "short_name": "CEC",
        "description": _("Appeals of clients from every channel in one window."),
        "lang": i18n.language(),
        "dir": "ltr",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": frame_colour("light"),
        "background_color": frame_colour("light"),
        "icons": [
            {
                "src": url_for("static", filename=name),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for name, size, purpose in ICONS
        ],
    }
    return Response(orjson.dumps(facts), mimetype="application/manifest+json")


def frame_colour(theme: str) -> str:
    """Give the colour of the top panel in a theme: what is beside it in the frame of the window has it too."""
    return _surfaces(str(current_app.static_folder))[theme == "dark"]


@cache
def _surfaces(folder: str) -> list[str]:
    """Read the colour of surfaces, of the light theme and then of the dark one."""
    return re.findall(r"--surface:\s*(#[0-9a-f]{6})", (Path(folder) / "tokens.css").read_text(encoding="utf-8"))


@bp.record_once
def _furnish(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals.update(frame_colour=frame_colour)
