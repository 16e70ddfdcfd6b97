"""A centre in two pools behind a real nginx: pages by threads, streams apart; and what is shipped for it."""

import dataclasses
import re
import shlex
import time

import cast
import pytest
from flask import request

from cec import cli
from cec.app import create_app
from cec.platform import live
from cec.platform.db import unit_of_work
from cec.platform.settings import Settings
from cec.web.guards import allow
from tests import peers
from tests.front import Front, Person

pytestmark = pytest.mark.long
STREAMS = 200
KNOWN = {field.metadata["variable"] for field in dataclasses.fields(Settings)}


@pytest.fixture(scope="module")
def front(app, settings, tmp_path_factory):
    if peers.LEFT_OUT:
        pytest.skip("PEERS=off: no real nginx by choice")
    with Front(tmp_path_factory.mktemp("front"), settings.database_url) as front:
        yield front


@pytest.fixture
def anna(db, front):
    """She is signed in, through nginx."""
    cast.a_centre()
    cast.anna()
    db.session.commit()
    return Person(front, "anna", cast.PASSWORD)


def tell(name, subject):
    with unit_of_work():
        live.announce(name, subject)


def test_streams_and_pages_go_through_nginx_and_a_killed_page_worker_breaks_no_stream(front, anna):
    streams = [anna.listen() for _ in range(STREAMS)]
    assert {stream.status for stream in streams} == {200}

    began = time.monotonic()
    assert anna.ask("GET", "/operator/worklist")[0] == 200
    assert time.monotonic() - began < 5

    before = front.workers("pages")
    front.kill_a_worker("pages")
    answers = [anna.ask("GET", "/operator/worklist")[0] for _ in range(20)]
    until = time.monotonic() + 20
    while set(front.workers("pages")) & set(before) == set(before) or len(front.workers("pages")) < len(before):
        assert time.monotonic() < until, front.said()
        time.sleep(0.1)
    tell("worklist", cast.anna().key)

    assert set(answers) == {200}, front.said()
    assert max(stream.until("worklist") for stream in streams) < 10
    assert anna.ask("GET", "/operator")[0] == 200


def test_a_stream_is_told_at_once_and_ends_with_its_session(front, anna):
    stream = anna.listen()
    tell("worklist", cast.anna().key)
    # The first stream of a process may begin before it listens; then it is told to look.
    stream.until("worklist", "resync")
    began = time.monotonic()
    tell(live.OFFER, cast.anna().key)
    stream.until(live.OFFER)
    assert time.monotonic() - began < 1

    anna.ask("POST", "/leaving", then="return")

    assert stream.until(live.SESSION_ENDED) < 5


def test_cookies_go_over_tls_only_and_too_large_a_body_is_refused(front, anna):
    assert list(anna.cookies) == ["__Host-cec_session", "cec_language"]
    line = front.connect()
    line.putrequest("POST", "/operator/status")
    line.putheader("Content-Length", str(26 * 2**20))
    line.endheaders()

    assert line.getresponse().status == 413


@pytest.mark.parametrize(
    ("proxies", "seen"),
    [(0, ("127.0.0.1", "http", "localhost")), (1, ("203.0.113.9", "https", "localhost"))],
)
def test_forwarded_headers_are_believed_only_when_a_setting_says_so(settings, proxies, seen):
    app = create_app(dataclasses.replace(settings, proxies=proxies))
    app.add_url_rule("/seen", view_func=allow.anyone(lambda: [request.remote_addr, request.scheme, request.host]))
    forged = {
        "X-Forwarded-For": "198.51.100.1, 203.0.113.9", "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil",
        "Forwarded": "for=198.51.100.7;host=evil.example;proto=https",
    }  # fmt: skip

    assert tuple(app.test_client().get("/seen", headers=forged).json) == seen


def test_the_web_server_believes_no_forwarded_header_by_itself(db, front):
    """Asked past nginx, as a neighbour on the same machine might."""
    line = front.connect(front.pools[0])
    line.request("GET", "/", headers={"X-Forwarded-Proto": "https", "SCRIPT_NAME": "/evil"})
    location = line.getresponse().headers["Location"]

    assert "evil" not in location


def test_a_pool_of_pages_serves_no_stream(front, anna):
    line = front.connect(front.pools[0])
    line.request("GET", "/live", headers=anna.headers())

    assert line.getresponse().status == 421


def test_the_services_say_words_and_settings_that_there_are(repository):
    said = (repository / "deploy/cec.env").read_text()
    units = sorted((repository / "deploy").glob("*.service"))
    commands = []
    for unit in units:
        text = unit.read_text()
        said += "\n".join(re.findall(r"^Environment=(.*)$", text, re.MULTILINE)) + "\n"
        commands.append(shlex.split(re.search(r"^ExecStart=\S+/cec (.*)$", text, re.MULTILINE)[1]))
        cli._commands().parse_args(commands[-1])  # noqa: SLF001 - it leaves with a code when it does not know them

    given = dict(line.split("=", 1) for line in said.splitlines() if line and not line.startswith("#"))
    assert set(given) - {"PROMETHEUS_MULTIPROC_DIR"} <= KNOWN
    assert Settings.read(given).proxies == 1
    assert sorted(words[0] for words in commands) == ["serve", "serve", "worker"]
    shipped = (repository / "deploy/nginx.conf").read_text()
    assert f"client_max_body_size {Settings().max_megabytes}m;" in shipped
