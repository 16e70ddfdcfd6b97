"""The user guide behind «Help»: a page per section of the guide, docs/<language>/<section>.md."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, render_template, request, send_from_directory, url_for
from flask.blueprints import BlueprintSetupState
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from werkzeug.wrappers import Response

from cec.platform import i18n, shipped
from cec.platform.errors import NotFound
from cec.platform.i18n import gettext, mark
from cec.web.guards import allow

bp = Blueprint("guide", __name__, url_prefix="/help")

CHAPTERS = {
    "2": mark("The window"),
    "3": mark("Operator"),
    "4": mark("Supervisor"),
    "5": mark("Administrator"),
}
# The section that tells about a screen, by blueprint or by endpoint; the others begin with the contents.
SECTIONS = {
    "signing_in": "2.1",
    "worklist": "2.2.1",
    "appeal": "2.2.3",
    "appeals_list": "5.distribution",
    "operators": "4.3",
    "replies": "3.3.1",
    "own_templates": "3.3.4",
    "reply_templates": "5.3",
    "reply_catalogues": "5.3",
    "auto_replies": "5.6",
    "queues": "5.1",
    **dict.fromkeys(
        ("rules", "rules_changes", "rules_excel", "rules_foreign", "rules_graph", "rules_publishing", "rules_versions"),
        "5.2",
    ),
    "groups": "5.10",
    "people": "5.11",
    "skills": "5.11",
    "rules_bench": "5.bench",
    "rules_scenarios": "5.bench",
    "rules_reranking": "5.bench",
    "operator_import": "5.11",
    "calendars": "5.calendars",
    "shifts": "5.shifts",
    "mailboxes": "5.mailboxes",
    "webchats": "5.webchats",
    "quarantine": "5.quarantine",
    "channels": "5.channels",
    "api_keys": "5.api",
    "receivers": "5.api",
    "api_console": "5.api",
    "clients": "5.forgetting",
    "forgettings": "5.forgetting",
    "retention": "5.retention",
    "audit": "5.audit",
}
# The section that tells about an outcome of the appeal's task.
OUTCOMES = {"wait": "3.7.1", "transfer": "3.7.2", "close": "3.7.3", "postpone": "3.7.4"}


@dataclass(frozen=True)
class Section:
    """A page of the guide."""

    name: str
    title: str
    html: Markup

    @property
    def chapter(self) -> str:
        """Tell the chapter that it belongs to."""
        return self.name.partition(".")[0]


@bp.get("")
@allow.anyone
def contents() -> str:
    """List the sections."""
    return render_template("guide/contents.html", chapters=_chapters(), section=None)


@bp.get("/<section>")
@allow.anyone
def show(section: str) -> str:
    """Show one section in the reader's language."""
    known = sections(i18n.language())
    if section not in known:
        raise NotFound
    return render_template("guide/section.html", chapters=_chapters(), section=known[section])


@bp.get("/screens/<name>")
@allow.anyone
def picture(name: str) -> Response:
    """Give a picture of the guide."""
    return send_from_directory(shipped.folder("docs") / "screens", name)


def sections(language: str) -> dict[str, Section]:
    """Read the guide in a language, in the order of its numbers."""
    found = [_read(path, path.stat().st_mtime) for path in (shipped.folder("docs") / language).glob("*.md")]
    return {section.name: section for section in sorted(found, key=lambda section: _order(section.name))}


def section_here() -> str | None:
    """Tell the section about the screen that is being drawn."""
    here = request.endpoint or ""
    return SECTIONS.get(here) or SECTIONS.get(here.partition(".")[0])


def _chapters() -> dict[str, list[Section]]:
    known = sections(i18n.language()).values()
    return {
        gettext(words): [section for section in known if section.chapter == number]
        for number, words in CHAPTERS.items()
    }


def _order(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (1000, part) for part in name.split(".")]


@cache
def _read(path: Path, _changed_at: float) -> Section:
    text = path.read_text(encoding="utf-8")
    title, _, rest = text.removeprefix("# ").partition("\n")
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(rest)
    for token in tokens:
        for part in token.children or []:
            _place(part)
    return Section(path.stem, title.strip(), Markup(reader.renderer.render(tokens, reader.options, {})))  # noqa: S704 - ours


def _place(part: Token) -> None:
    """Let links that work in the repository work here too."""
    if part.type == "link_open" and str(part.attrs["href"]).endswith(".md"):
        part.attrs["href"] = url_for("guide.show", section=str(part.attrs["href"]).removesuffix(".md"))
    if part.type == "image":
        part.attrs["src"] = url_for("guide.picture", name=str(part.attrs["src"]).rpartition("/")[2])


@bp.record_once
def _furnish(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals.update(help_section=section_here, help_of_outcome=OUTCOMES.get)
