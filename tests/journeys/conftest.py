"""The whole centre as people start it, and their browsers."""

import contextlib
import email
import email.policy
import json
import os
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from cec import demo, preparing
from cec.app import create_app
from cec.appeals import acting, first_messages
from cec.appeals.first_messages import FirstMessage
from cec.appeals.models import Appeal
from cec.distribution import offering
from cec.distribution.models import Assignment
from cec.platform.db import db, unit_of_work
from cec.platform.errors import Refusal
from cec.platform.settings import Settings
from cec.staff.models import Employee
from tests import peers

PATIENCE = 40.0
# So many seconds after the last offer none more is expected.
QUIET = 1.5
# Of a whole machine that may be busy.
expect.set_options(timeout=20_000)
EXPECTED = ("409", "410", "422")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What jumps under the hand though nobody has touched anything for a while: more than a row that comes into a list
# (in a long table it moves many).
SHIFTS = """() => {
window.shifts = [];
let touched = 0;
for (const kind of ["keydown", "pointerdown", "input", "resize"])
    addEventListener(kind, (event) => { touched = event.timeStamp; }, true);
new PerformanceObserver((list) => {
    for (const shift of list.getEntries().filter((each) => each.value > 0.02 && each.startTime - touched > 3000)) {
        if (shift.sources.every((each) => each.node?.nodeName === "TR")) continue;
        const names = shift.sources.map((each) => each.node?.id || each.node?.className || each.node?.nodeName);
        window.shifts.push(`${shift.value.toFixed(4)} ${names.join(" ")}`);
    }
}).observe({type: "layout-shift"});
}"""
# Another theme, once all colours have changed: a busy machine takes its time.
TURN = """async (theme) => {
document.documentElement.dataset.bsTheme = theme;
const runs = (each) => each.playState === "running" && each.effect?.getComputedTiming().iterations !== Infinity;
const late = performance.now() + 30_000;
do {
    if (performance.now() > late) throw new Error("something on the page does not come to rest");
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
} while (document.getAnimations().some(runs));
}"""
# What breaks the rules; how large something is that lies under an open menu shows when the menu has gone,
# and under a bar that stays below when the page is scrolled.
BARRIERS = """async (rules) => {
const found = await axe.run(document, {runOnly: rules, resultTypes: ["violations"], iframes: false});
const menus = [...document.querySelectorAll(".pop, .save-bar")].filter((each) => each.checkVisibility());
const isUnder = (part) => menus.some((menu) => {
    const [over, under] = [menu.getBoundingClientRect(), part.getBoundingClientRect()];
    const apart = over.right < under.left || under.right < over.left;
    return !apart && over.bottom >= under.top && under.bottom >= over.top && !menu.contains(part);
});
return found.violations.flatMap(({id, nodes}) => nodes
    .filter((node) => id !== "target-size" || !isUnder(document.querySelector(node.target[0])))
    .map((node) => `${id}: ${node.html.slice(0, 200)}: ${node.failureSummary}`));
}"""
LINK_LOST = ("net::ERR_", "Failed to fetch")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """Use the Chromium of the system, if it has one."""
    found = os.environ.get("CEC_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    options = ["--disable-dev-shm-usage"] + (["--no-sandbox"] if os.geteuid() == 0 else [])
    return {**browser_type_launch_args, "args": options} | ({"executable_path": found} if found else {})


def _free_ports(count: int) -> list[str]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [str(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Centre:
    """A demo centre under one parent process, with a database of its own."""

    def __init__(self, data: Path, database: str) -> None:
        self.data, self.database = data, database
        self.port, self.mail_port, metrics = _free_ports(3)
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            "DATABASE_URL": database,
            "CEC_DATA": str(data),
            "PORT": self.port,
            "SMTP_PORT": self.mail_port,
            "CEC_METRICS_PORT": metrics,
            "CEC_UNDO_SECONDS": "3",
            "CEC_DEVELOPMENT": "on",
            "CEC_LIVING": "off",
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.was_away = False
        self.heard = 0

    def furnish(self) -> None:
        """Fill it with the people and things of the demo, but without the mail of its morning."""
        self.app = create_app(Settings.read(self.environment))
        preparing.prepare(self.app)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(demo, "LETTERS", [])
            with preparing.demonstrating(self.app):
                pass

    def start(self, *, ahead: int = 0) -> None:
        """Start it; `ahead` seconds into the future."""
        with (self.data / "centre.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cec", "up"],
                env=self.environment | {"CEC_CLOCK_SHIFT": str(ahead)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until = time.monotonic() + PATIENCE
        while "The centre is open" not in self.log().rpartition("\0")[2]:
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < until, self.log()
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop it as Ctrl-C does."""
        assert self.process is not None
        self.was_away = True
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(30) == 0, self.log()
        with (self.data / "centre.log").open("ab") as log:
            log.write(b"\0")

    def tidy(self) -> None:
        """End what rings, waits, is held or begun, so that the next story begins with nothing in the queues."""
        with self.app.app_context():
            with unit_of_work():
                for first in db.session.scalars(db.select(FirstMessage)):
                    first_messages.discard(first.name, by=first.employee)
            until = time.monotonic() + QUIET
            while time.monotonic() < until:
                if self._accept_what_rings() or self._end_what_is_held():
                    until = time.monotonic() + QUIET
                elif self._is_empty():
                    return
                time.sleep(0.1)

    def _accept_what_rings(self) -> int:
        """Accept what a story that ended early has left."""
        with unit_of_work():
            ringing = db.session.scalars(db.select(Assignment).where(Assignment.state == "offered")).all()
        for offer in ringing:
            with contextlib.suppress(Refusal), unit_of_work():
                offering.accept(offer.id, by=db.session.get_one(Employee, offer.employee_id))
        return len(ringing)

    def _end_what_is_held(self) -> int:
        ended = 0
        for status in ("postponed", "waiting_for_client", "in_work"):
            with unit_of_work():
                for appeal in db.session.scalars(db.select(Appeal).where(Appeal.status == status)):
                    ended += 1
                    seen = {"by": appeal.operator, "expected_version": appeal.version}
                    if status != "in_work":
                        acting.recall(appeal.id, back_to="work", **seen)
                    else:
                        known = appeal.last_client_message_id or 0
                        acting.act(appeal.id, "spam", seen_message_id=known, answers={"comment": ""}, **seen)
        return ended

    def _is_empty(self) -> bool:
        with unit_of_work():
            waiting = db.select(Appeal.id).where(Appeal.status.in_(["queued", "offered", "in_work"])).limit(1)
            return db.session.scalar(waiting) is None

    def log(self) -> str:
        """Read what it said."""
        return (self.data / "centre.log").read_text()

    def complaints(self) -> str:
        """Read what it said since the last story, but for what went as it should."""
        return "\n".join(line for line in self.log()[self.heard :].splitlines() if " INFO " not in line)

    def password(self, login: str) -> str:
        """Give the password of a demo person."""
        return str(json.loads((self.data / "demo.json").read_text())["passwords"][login])

    def receives(self, sender: str, subject: str, words: str, *, html: str = "", answers: str = "") -> None:
        """Let a client write a mail."""
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = sender, "shop@demo.example", subject
        letter["Message-ID"] = f"<{time.monotonic_ns()}@client.example>"
        if answers:
            letter["In-Reply-To"] = letter["References"] = answers
        letter.set_content(words)
        if html:
            letter.add_alternative(html, subtype="html")
        with smtplib.SMTP("127.0.0.1", int(self.mail_port), timeout=20) as door:
            door.send_message(letter)

    def sent(self, words: str) -> EmailMessage:
        """Wait for a mail of ours with these words."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for path in (self.data / "sent-mail").glob("**/*.eml"):
                letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                assert isinstance(letter, EmailMessage)
                body = letter.get_body(("plain",))
                if body and words in body.get_content():
                    return letter
            time.sleep(0.1)
        raise AssertionError(f"no mail of ours says {words!r}")


@pytest.fixture(scope="session")
def centre(
    new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Centre]:
    """Give a running demo centre; it trusts the mail servers of the other side."""
    centre = Centre(tmp_path_factory.mktemp("centre"), new_database())
    if not peers.LEFT_OUT:
        centre.environment["SSL_CERT_FILE"] = str(request.getfixturevalue("dovecot").authority)
    centre.furnish()
    centre.start()
    yield centre
    if centre.process is not None and centre.process.poll() is None:
        centre.stop()
    with centre.app.app_context():
        db.engine.dispose()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Put what the centre complained of beside what a story missed."""
    report = yield
    centre = item.funcargs.get("centre")
    if isinstance(centre, Centre):
        if report.failed:
            report.sections.append(("the centre", centre.complaints()))
        if call.when == "teardown":
            centre.heard = len(centre.log())
    return report


@pytest.fixture
def unlinked(centre: Centre) -> Iterator[None]:
    """Let browsers complain in their consoles that nobody answers."""
    before, centre.was_away = centre.was_away, True
    yield
    centre.was_away = before


@pytest.fixture
def works(centre: Centre, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Give a function that opens a browser in which somebody of the demo works.

    Afterwards no console has told an error and nothing was asked of another machine.
    """
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def open_for(login: str, *, status: str = "Активен", password: str = "", **options: object) -> Page:
        context = browser.new_context(
            base_url=centre.url, **{"locale": "ru-RU", "viewport": {"width": 1280, "height": 720}, **options}
        )
        contexts.append(context)
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.on("request", lambda request: _watch(request.url, centre.url, troubles))
        page.on("pageerror", lambda error: troubles.append(f"{login}: {error}"))
        page.on("console", lambda message: _hear(login, message.type, message.text, troubles))
        _sign_in(page, login, password or centre.password(login), status)
        page.evaluate(SHIFTS)
        return page

    yield open_for
    centre.tidy()
    for context in contexts:
        context.set_offline(False)
        for page in context.pages:
            troubles += [f"moved at {page.url}: {what}" for what in page.evaluate("window.shifts ?? []")]
            _leave(page)
        context.close()
    assert [
        trouble for trouble in troubles if not (centre.was_away and any(sign in trouble for sign in LINK_LOST))
    ] == []


def _watch(url: str, home: str, troubles: list[str]) -> None:
    if not url.startswith((home, "data:", "about:", "blob:")):
        troubles.append(f"asked another machine: {url}")


def _hear(login: str, kind: str, text: str, troubles: list[str]) -> None:
    if kind in {"error", "warning"} and not any(f"status of {code}" in text for code in EXPECTED):
        troubles.append(f"{login}: {text}")


def _sign_in(page: Page, login: str, password: str, status: str) -> None:
    page.goto("/login")
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(password)
    page.locator("button.go").click()
    # Nobody is quicker than the programs of a page he has never seen.
    page.wait_for_url(lambda url: "/login" not in url)
    if "/start" in page.url:
        page.locator("button.go").click()
        # Who signed in elsewhere, in a story that ended early, goes on here.
        page.locator("[name=take_over], [data-menu=who-menu]").first.wait_for()
        if page.locator("[name=take_over]").count():
            page.locator("[name=take_over]").click()
        page.wait_for_url(lambda url: "/start" not in url)
    if status:
        _become(page, status)


def _become(page: Page, status: str) -> None:
    page.locator("#presence").click()
    page.get_by_role("menuitemradio", name=status).click()
    expect(page.locator("#presence")).to_contain_text(status, timeout=30_000)


@pytest.fixture
def becomes() -> Callable[[Page, str], None]:
    """Give a function that changes the status of who works in a window, and waits until it is shown."""
    return _become


def _leave(page: Page) -> None:
    if page.url.startswith("http"):
        page.goto("/leaving")
        page.locator("form button.go, form button.danger").first.click()
        page.wait_for_url("**/login**")


@pytest.fixture(scope="session")
def axe(repository: Path) -> str:
    """Give the program that looks for barriers."""
    return (repository / "cec/static/vendor/axe.min.js").read_text()


@pytest.fixture
def is_open_to_all(axe: str) -> Callable[[Page, str], None]:
    """Give a function that demands a screen without barriers: all in the light theme, the colours in the dark one."""

    def check(page: Page, screen: str) -> None:
        # What lies behind another page is not drawn.
        page.bring_to_front()
        if not page.evaluate("window.axe"):
            page.evaluate(axe)
        told = []
        for theme, rules in (("dark", ["color-contrast"]), ("light", RULES)):
            page.evaluate(TURN, theme)
            told += [f"{screen}, {theme}: {barrier}" for barrier in page.evaluate(BARRIERS, rules)]
        assert told == []

    return check
