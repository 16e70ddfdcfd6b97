"""Every route against every role: who may, who may not, who is sent to sign in; and nothing from other sites."""

import uuid

import pytest
from cast import anna, boris, marina, vera
from flask import Flask

from cec.app import create_app
from cec.platform import journal
from cec.platform.settings import Settings

pytestmark = pytest.mark.long
PEOPLE = {"operator": anna, "supervisor": boris, "business_admin": vera, "marketer": marina}
EVERYBODY = set(PEOPLE)
# What lies below a path is for these roles; the longest path counts.
FOR = {
    "/": EVERYBODY,
    "/live": EVERYBODY,
    "/start": EVERYBODY,
    "/password": EVERYBODY,
    "/leaving": EVERYBODY,
    "/profile": EVERYBODY,
    "/profile/templates": {"operator"},
    "/notifications": EVERYBODY,
    "/notifications/focus": {"operator"},
    "/announcements": {"supervisor", "business_admin"},
    "/operator": {"operator"},
    "/appeals": {"supervisor", "business_admin", "marketer"},
    "/life": EVERYBODY,
    "/viewing": EVERYBODY,
    "/demo": EVERYBODY,
    "/demo/anew": {"business_admin"},
    "/operators": {"supervisor"},
    "/forgettings": {"supervisor"},
    "/quarantine": {"supervisor", "business_admin"},
    "/incidents": {"business_admin"},
    "/centre": {"business_admin"},
    "/admin": {"business_admin"},
}
# Open to strangers too.
OPEN = {
    "/login",
    "/setup",
    "/taken-over",
    "/heartbeat",
    "/session",
    "/healthz",
    "/readyz",
    # Programs of others, which sign what they send.
    "/channels/7/events",
    "/api/v1/channels/7/messages",
    "/api/v1/channels/7/ratings",
    "/api/v1/channels/7/messages/in-7",
    "/api/v1/appeals",
    "/api/v1/appeals/7",
    "/api/v1/appeals/7/messages",
    "/api/v1/appeals/7/operator",
    "/api/v1/appeals/7/closing",
    "/api/v1/clients",
    "/api/v1/clients/7",
    "/api/v1/resolutions",
    "/api/v1/topics",
    "/api/v1/attachments/7",
    "/api/v1/openapi.json",
    # The widget of a web chat, which shows a visitor's token; and the shop of the demo.
    *(f"/webchat/7/{door}" for door in ("7.js", "settings", "visitors", "messages", "conversation", "pulse", "files")),
    *(f"/webchat/7/{door}" for door in ("files/7/7", "rating", "transcript")),
    "/live/webchat/7",
    "/shop",
    "/demo/anew/state",
    # A client, at the address in his letter.
    "/rating/7",
    "/manifest.webmanifest",
    "/help",
    "/help/7",
    "/help/screens/7",
}
SAFE = {"GET", "HEAD", "OPTIONS"}


def routes():
    app: Flask = create_app(Settings.read({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}))
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        known = {"UUIDConverter": uuid.UUID(int=7)}
        names = {name: known.get(type(rule._converters.get(name)).__name__, 7) for name in rule.arguments}  # noqa: SLF001 - told nowhere else
        path = rule.build(names, append_unknown=False)[1]
        yield from (pytest.param(method, path, id=f"{method} {rule.rule}") for method in rule.methods - {"OPTIONS"})


ROUTES = sorted(routes(), key=lambda param: param.id)
GUARDED = [param for param in ROUTES if param.values[1] not in OPEN]
UNSAFE = [param for param in ROUTES if param.values[0] not in SAFE]


@pytest.fixture(autouse=True)
def _somebody_lives_here(settings):
    """The pages of a living demo are there too."""
    mark = settings.data / "run" / "living.pid"
    mark.parent.mkdir(exist_ok=True)
    mark.touch()
    yield
    mark.unlink()


def allowed(path):
    fitting = [known for known in FOR if path == known or path.startswith(known.rstrip("/") + "/")]
    assert fitting, f"say who may use {path}"
    return FOR[max(fitting, key=len)]


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_strangers_are_sent_to_sign_in(client, db, method, path):
    vera()

    answer = client.open(path, method=method)

    assert answer.status_code == 303
    assert answer.location.startswith("/login")


@pytest.mark.parametrize("role", PEOPLE)
def test_other_roles_are_refused(signed_in, db, role):
    window = signed_in(PEOPLE[role]())
    wrong = []

    for method, path in (param.values for param in GUARDED):
        if role not in allowed(path):
            answer = window.open(path, method=method)
            if answer.status_code != 403:
                wrong.append((method, path, answer.status_code))

    assert wrong == []


@pytest.mark.parametrize("role", PEOPLE)
def test_the_own_pages_open(signed_in, db, role):
    window = signed_in(PEOPLE[role]())
    closed = []

    for method, path in (param.values for param in GUARDED):
        if method == "GET" and role in allowed(path) and "7" not in path and path != "/live":
            answer = window.get(path)
            if answer.status_code not in {200, 302}:
                closed.append((path, answer.status_code))

    assert closed == []


@pytest.mark.parametrize(("method", "path"), UNSAFE)
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
    ],
    ids=lambda headers: next(iter(headers.values())),
)
def test_acts_from_other_sites_are_refused(client, db, method, path, headers):
    vera()

    answer = client.open(path, method=method, headers=headers)

    # Programs prove by key or signature who they are: a cookie that another site makes use of counts for nothing there.
    by_name = path.startswith(("/channels/", "/webchat/"))
    assert answer.status_code == (401 if path.startswith("/api/") else 404 if by_name else 403)


def test_acts_from_our_own_pages_are_done(signed_in):
    for headers in (
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
        {"Origin": "http://localhost"},
        {},
    ):
        answer = signed_in(boris()).post("/leaving", headers=headers)
        assert answer.location == "/login"


def test_looking_changes_nothing(signed_in, db):
    for person in PEOPLE.values():
        window = signed_in(person())
        before = db.session.scalar(db.select(db.func.count()).select_from(journal.Journal))

        for method, path in (param.values for param in ROUTES):
            if method == "GET" and path != "/live":
                window.get(path)

        assert db.session.scalar(db.select(db.func.count()).select_from(journal.Journal)) == before
        window.post("/leaving")


def test_pages_do_not_take_acts_meant_for_others(signed_in):
    window = signed_in(vera())

    assert window.post("/appeals").status_code == 405
    assert window.get("/quarantine/7/retry").status_code == 405
    assert window.get("/nothing-here").status_code == 404
