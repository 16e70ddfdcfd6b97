"""A day of the living demo in half a minute, through the real doors: afterwards its books are right."""

import asyncio
import contextlib
import http.cookiejar
import json
import random
import subprocess
import sys
import urllib.parse
import urllib.request

import pytest

from bench import books
from cec.living import places, scripts, tempo
from cec.living.pace import Pace
from cec.living.tempo import Beat, Tempo
from cec.living.town import Town
from cec.platform.settings import Settings
from tests.launched import Centre, soon

HASTE = 50.0
# So long at most, until everything has been done that belongs to a day.
SECONDS = 60.0
DONE = {"accept", "reply", "close", "wait", "spam", "chat message", "api message", "mail", "bounce"}
# Those that chance might leave out, and by which door they come.
AT_LEAST = {
    "angry": "chat", "in-stock": "chat", "charged-twice": "app", "payment-failed": "app", "documents": "mail",
    "gone-address": "mail", "spam-known": "mail", "spam-new": "mail",
}  # fmt: skip


@pytest.fixture
def centre(tmp_path):
    tmp_path.chmod(0o755)
    centre = Centre(tmp_path / "var")
    yield centre
    centre.stop()


class Window:
    """An administrator's browser."""

    def __init__(self, centre):
        self.url = f"http://127.0.0.1:{centre.port}"
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.open = urllib.request.build_opener(cookies).open
        password = json.loads((centre.data / "demo.json").read_text())["passwords"]["vera"]
        self.sends("POST", "/login", login="vera", password=password)

    def sends(self, method, path, **form):
        body = urllib.parse.urlencode(form).encode()
        with self.open(urllib.request.Request(self.url + path, body, method=method), timeout=20) as answer:  # noqa: S310
            return answer.status


def address_of(centre):
    words = [sys.executable, "-m", "cec", "db", "url"]
    told = subprocess.run(words, env=centre.environment, capture_output=True, text=True, check=True)  # noqa: S603
    return told.stdout.strip()


async def a_day(settings):
    """Live quickly for a while, then let everybody finish; gives what the centre answered, by what was done."""
    answers, is_done = {}, asyncio.Event()

    def note(what, status, _seconds):
        answers.setdefault(what, set()).add(status)
        if answers.keys() >= DONE:
            is_done.set()

    town = Town(places.read(settings), Pace(chance=random.Random(5)), note=note)  # noqa: S311 - no secret
    await town.turn(Beat(between=1.0, haste=HASTE))
    known = {each.name: each for each in scripts.conversations() if each.language == "ru"}
    for name, door in AT_LEAST.items():
        town.arrivals.begin(known[name], door=door)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SECONDS):
            await is_done.wait()
    await town.turn(None)
    return answers


def test_a_day_of_the_demo_leaves_the_books_right_and_it_begins_anew_by_one_button(centre):
    said = centre.start(CEC_LIVING="on", CEC_UNDO_SECONDS="0")
    assert "Clients and colleagues live in it" in said
    window = Window(centre)
    assert window.sends("PUT", "/demo/tempo", tempo="off") == 200
    working = "select 1 from session where role = 'operator' and ended_at is null"
    assert soon(lambda: centre.ask(working) == [])

    answers = asyncio.run(a_day(Settings.read(centre.environment)))

    dsn = address_of(centre)
    assert books.settle(dsn, patience=30) == {}
    assert books.wrong(dsn) == {}
    assert answers["reply"] <= {200, 409}
    assert answers.keys() >= DONE
    # The colleagues have gone home, nothing is left with them.
    assert centre.ask("select count(*) from appeal where status in ('offered', 'in_work')") == [(0,)]
    assert centre.ask("select distinct channel from appeal order by 1") == [("api",), ("email",), ("webchat",)]
    gone = "select can_receive from address where normalised = 'staryj.yaschik@primer.example'"
    assert centre.ask(gone) == [(False,)]
    assert centre.ask("select count(*) > 0 from appeal where status = 'spam'") == [(True,)]

    before = centre.ask("select count(*) from appeal")
    assert window.sends("POST", "/demo/anew") == 202
    assert soon(lambda: not tempo.begins_anew(centre.data), patience=60)

    assert before > centre.ask("select count(*) from appeal") > [(5,)]
    assert tempo.chosen(centre.data) == Tempo.OFF
    assert Window(centre).sends("PUT", "/demo/tempo", tempo="calm") == 200
    assert (centre.data / "before-anew.backup").stat().st_size > 10_000
    assert centre.stop() == 0
    told = (centre.data / "logs" / "living.log").read_text() + (centre.data / "logs" / "living.log.1").read_text()
    assert "stumbled" not in told
