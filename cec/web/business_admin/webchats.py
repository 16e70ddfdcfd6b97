"""Administrator: the web chats of sites: how they look, where they may be shown, the tag that a site puts in."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from cec.channels import accounts
from cec.channels.models import ChannelAccount
from cec.channels.webchat import founding, looks
from cec.channels.webchat.founding import CHANNEL, SECRET
from cec.channels.webchat.looks import ABOUT, ASKED, SIDES, THEMES, Looks, Words
from cec.platform import i18n
from cec.platform.errors import NotFound, Refusal
from cec.platform.i18n import gettext, mark
from cec.queues import queries as queues
from cec.staff.roles import Right
from cec.web.guards import allow
from cec.web.refusals import redrawn_by
from cec.web.session import current_employee
from cec.web.webchat import arriving

bp = Blueprint("webchats", __name__)

SIDE_WORDS = dict(zip(SIDES, (mark("at the right"), mark("at the left")), strict=True))
THEME_WORDS = dict(zip(THEMES, (mark("as the visitor’s computer"), mark("light"), mark("dark")), strict=True))
ASKED_WORDS = dict(zip(ASKED, (mark("not asked"), mark("asked"), mark("required")), strict=True))
ABOUT_WORDS = dict(zip(ABOUT, (mark("Name"), mark("E-mail"), mark("Phone")), strict=True))


@bp.get("/centre/webchats")
@allow(Right.MANAGE_CENTRE)
def show(error: Refusal | None = None) -> str:
    """Draw the list of web chats and the form that adds one."""
    wanted = Looks()
    return render_template(
        "business_admin/webchats.html",
        error=error,
        chats=accounts.list_of(CHANNEL),
        **_choices(wanted),
    )


@bp.post("/centre/webchats")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show)
def add() -> Response:
    """Add a web chat; its page shows how it looks and the tag."""
    account = founding.create(
        name=request.form.get("name", ""),
        code=request.form.get("code", "").strip(),
        looks=Looks(origins=_origins(), queue=request.form.get("queue", "")),
        by=current_employee().key,
    )
    return redirect(url_for("webchats.show_chat", account_id=account.id, saved=1), 303)


@bp.get("/centre/webchats/<int:account_id>")
@allow(Right.MANAGE_CENTRE)
def show_chat(account_id: int, error: Refusal | None = None) -> str:
    """Draw the settings of one web chat, its preview and its tag."""
    return _draw(_get(account_id), error=error)


def _draw(account: ChannelAccount, *, error: Refusal | None = None, secret: str = "") -> str:
    wanted = looks.read(account.config)
    return render_template(
        "business_admin/webchat.html",
        error=error,
        account=account,
        wanted=wanted,
        secret=secret,
        has_secret=SECRET in accounts.passwords_of(account),
        widget=url_for("webchat_arriving.show_widget", code=account.code, name="widget", _external=True),
        preview=arriving.settings_of(account, wanted, i18n.language()),
        **_choices(wanted),
    )


@bp.post("/centre/webchats/<int:account_id>")
@allow(Right.MANAGE_CENTRE)
@redrawn_by(show_chat)
def change(account_id: int) -> Response:
    """Change how a web chat looks, what it says and asks, and where it may be shown."""
    founding.change(
        _get(account_id),
        name=request.form.get("name", ""),
        looks=_looks(),
        is_active="is_active" in request.form,
        by=current_employee().key,
    )
    return redirect(url_for("webchats.show_chat", account_id=account_id, saved=1), 303)


@bp.post("/centre/webchats/<int:account_id>/secret")
@allow(Right.MANAGE_CENTRE)
def renew_secret(account_id: int) -> str:
    """Make a new secret with which the site signs who its visitor is; it is shown this once."""
    account = _get(account_id)
    return _draw(account, secret=founding.renew_secret(account, by=current_employee().key))


def _get(account_id: int) -> ChannelAccount:
    account = accounts.get(account_id)
    if account.channel != CHANNEL:
        raise NotFound
    return account


def _choices(wanted: Looks) -> dict[str, object]:
    routed = ("", gettext("as the routing table says"))
    return {
        "queues": [routed, *((queue.code, queue.name) for queue in queues.list_open())],
        "sides": _named(SIDE_WORDS),
        "themes": _named(THEME_WORDS),
        "asked": _named(ASKED_WORDS),
        "about": _named(ABOUT_WORDS),
        "spoken": list(i18n.LANGUAGES.items()),
        "languages": [(language, name, wanted.said(language)) for language, name in i18n.LANGUAGES.items()],
    }


def _named(words: dict[str, str]) -> list[tuple[str, str]]:
    return [(value, gettext(name)) for value, name in words.items()]


def _looks() -> Looks:
    form = request.form
    return Looks(
        queue=form.get("queue", ""),
        origins=_origins(),
        color=form.get("color", "").strip().lower(),
        side=form["side"] if form.get("side") in SIDES else SIDES[0],
        theme=form["theme"] if form.get("theme") in THEMES else THEMES[0],
        languages=tuple(language for language in i18n.LANGUAGES if language in form.getlist("languages")),
        asks={about: form[f"ask_{about}"] if form.get(f"ask_{about}") in ASKED else ASKED[0] for about in ABOUT},
        privacy_url=form.get("privacy_url", "").strip(),
        words={language: _words(language) for language in i18n.LANGUAGES},
    )


def _words(language: str) -> Words:
    return Words(**{what: request.form.get(f"{what}_{language}", "").strip() for what in Words.__dataclass_fields__})


def _origins() -> tuple[str, ...]:
    """Read one site a line; what is none stays as it was typed, so that it can be named."""
    typed = (line.strip() for line in request.form.get("origins", "").splitlines())
    sites = (founding.origin_of(line) or line for line in typed if line)
    return tuple(dict.fromkeys(sites))
