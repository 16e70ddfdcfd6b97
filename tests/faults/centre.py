"""The whole centre as people start it, for tests that break it: its processes, its people, its clients, its post."""

import asyncio
import contextlib
import http.client
import http.cookiejar
import os
import random
import re
import signal
import smtplib
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

import cast
import psycopg2
from aiosmtpd.controller import Controller
from flask import Flask

from cec import preparing
from cec.app import create_app
from cec.platform.db import db, unit_of_work
from cec.platform.embedded import PrivateDatabase
from cec.platform.settings import Settings

PATIENCE = 90.0
# How long the faults last; none: the short form, each of them once. `make chaos` tells the long one.
SECONDS = float(os.environ.get("CEC_CHAOS_SECONDS", "0"))
HEARTBEAT = 5.0
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


def free_ports(count: int) -> list[int]:
    """Find ports that nobody has at the moment."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def until(true: Callable[[], Any], what: str, *, patience: float = PATIENCE) -> Any:
    """Wait until something is so; what fails meanwhile is asked again."""
    end, last = time.monotonic() + patience, None
    while time.monotonic() < end:
        try:
            found = true()
        except (OSError, psycopg2.Error, http.client.HTTPException, smtplib.SMTPException) as error:
            last = error
        else:
            if found:
                return found
        time.sleep(0.2)
    raise AssertionError(f"not so after {patience} s: {what} ({last})")


# What a server in a bad mood does with a letter, as often as it is named here. It has it when it falls silent, too.
MOODS = ("takes it", "takes it", "takes it", "takes it", "wants it later", "never wants it", "falls silent", "hangs up")
SILENT = 3.0


class Post:
    """The server that takes what the centre sends; it remembers how often each letter came, and what it has refused.

    With a chance it has moods.
    """

    def __init__(self) -> None:
        self.letters: Counter[str] = Counter()
        self.moods: Counter[str] = Counter()
        self.chance: random.Random | None = None
        [self.port] = free_ports(1)
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: Any, _session: object, envelope: Any
    ) -> str:
        """Take a letter, as a rule."""
        mood = self.chance.choice(MOODS) if self.chance else MOODS[0]
        self.moods[mood] += 1
        if mood == "wants it later":
            return "451 Later"
        if mood == "never wants it":
            return "554 Never"
        self.letters[message_from_bytes(envelope.content)["Message-ID"]] += 1
        if mood != MOODS[0]:
            await asyncio.sleep(SILENT if mood == "falls silent" else 0)
            server.transport.abort()
        return "250 Taken"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


class Centre:
    """A centre of one folder: `cec up` with its private database, or single processes of it."""

    def __init__(self, data: Path, post: Post, pattern: Path | None = None, **settings: object) -> None:
        self.data, self.pattern = data, pattern
        self.port, self.mail_port, metrics = free_ports(3)
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | {
            "CEC_DATA": str(data), "PORT": str(self.port), "SMTP_PORT": str(self.mail_port), "DEMO": "off",
            "CEC_METRICS_PORT": str(metrics), "CEC_UNDO_SECONDS": "0",
        }  # fmt: skip
        self.environment |= {name: str(value) for name, value in settings.items()}
        self.server = PrivateDatabase(data)
        self.running: list[subprocess.Popen[bytes]] = []
        self.post = post

    def found(self) -> None:
        """Make it, with the people of all tests."""
        self.server.start()
        app = create_app(Settings.read(self.environment))
        preparing.prepare(app)
        with _inside(app), unit_of_work():
            cast.a_mailbox(port=self.post.port)
            cast.a_centre()
        self.server.stop()

    def furnish(self, fill: Callable[[], None] | None = None) -> None:
        """Begin with a copy of the founded one, and with what a test needs beside its people."""
        subprocess.run(["cp", "-a", f"{self.pattern}/.", str(self.data)], check=True)
        (self.data / "postgres.port").unlink()
        self.server.start()
        if fill:
            with _inside(create_app(Settings.read(self.environment))):
                fill()

    def start(self, *words: str, module: str = "cec") -> subprocess.Popen[bytes]:
        """Start a command of the centre."""
        with (self.data / "said.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *words], env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )
        self.running.append(process)
        return process

    def start_beside(self, *words: str) -> None:
        """Start a process more on the database of those that run; nobody minds it."""
        own = {"DATABASE_URL": self.server.url(), "CEC_METRICS_PORT": str(free_ports(1)[0])}
        usual, self.environment = self.environment, self.environment | own
        self.start(*words)
        self.environment = usual

    def up(self) -> None:
        """Start everything and wait until it is open."""
        self.start("up")
        until(self.is_ready, "the centre is open")

    def is_ready(self) -> bool:
        """Ask whether it serves, and whether its mail door is open."""
        with (
            urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer,
            smtplib.SMTP("127.0.0.1", self.mail_port, timeout=5) as door,
        ):
            return answer.status == 200 and door.noop()[0] == 250

    def end(self) -> None:
        """End what was started here, and its database, without ceremony."""
        for process in self.running:
            process.kill()
            process.wait()
        for path in self.data.glob("run/*.pid"):
            # Each child leads a group of its own.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(int(path.read_text()), signal.SIGKILL)
        self.server.stop(mode="immediate")

    def pid(self, name: str) -> int:
        """Tell the number of a process: worker, web, or postgres."""
        path = self.data / "postgres/postmaster.pid" if name == "postgres" else self.data / f"run/{name}.pid"
        return int(path.read_text().split()[0])

    def ask(self, statement: str, *values: object) -> list[Any]:
        """Ask the database."""
        connection = psycopg2.connect(self.server.url(), connect_timeout=5)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def count(self, statement: str, *values: object) -> int:
        """Ask the database for a number."""
        return int(self.ask(statement, *values)[0][0])

    def end_leases(self) -> None:
        """Let what dead workers have in their hands be taken by others now, not only when its lease is over."""
        self.ask("update due_work set due_at = created_at where attempts > 0 and dead_at is null")
        self.ask("update message set leased_until = created_at where state = 'sending'")

    def end_rests(self) -> None:
        """Let what servers wanted later be tried again now."""
        self.ask("update message set due_at = created_at where state = 'queued'")
        self.ask("update channel_account set out_after = null")

    def mail(self, number: int) -> EmailMessage:
        """Write the letter of a number; written again it is the same letter."""
        return cast.a_letter(
            f"Письмо номер {number}", sender=f"client{number}@client.example", message_id=f"<{number}.faults@client>"
        )

    def hand_over(self, number: int) -> None:
        """Hand a letter to the mail door; returns when it has been taken."""
        with smtplib.SMTP("127.0.0.1", self.mail_port, timeout=40) as door:
            door.send_message(self.mail(number))

    def said(self) -> str:
        """Read what its processes said."""
        return "\n".join(
            path.read_text(errors="replace") for path in [*self.data.glob("logs/*.log"), self.data / "said.log"]
        )


@contextlib.contextmanager
def _inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
        db.session.remove()
        db.engine.dispose()


class Client(threading.Thread):
    """A mail program: keeps a letter until it is taken, and tries again."""

    def __init__(self, centre: Centre, numbers: range, stop: threading.Event, pause: float = 0.2) -> None:
        super().__init__(daemon=True)
        self.centre, self.numbers, self.stop, self.pause = centre, numbers, stop, pause
        self.taken: list[int] = []

    def run(self) -> None:
        """Send until told to stop."""
        for number in self.numbers:
            while not self.stop.is_set():
                try:
                    self.centre.hand_over(number)
                except (OSError, smtplib.SMTPException):
                    self.stop.wait(0.5)
                else:
                    self.taken.append(number)
                    break
            if self.stop.wait(self.pause):
                return


class Browser:
    """A signed-in person, as far as HTTP goes."""

    def __init__(self, centre: Centre, login: str) -> None:
        self.centre, self.login = centre, login
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())).open

    def ask(self, method: str, path: str, **fields: object) -> tuple[int, str]:
        """Send a request; gives status and text."""
        body = urllib.parse.urlencode(fields).encode() if method != "GET" else None
        return self._send(urllib.request.Request(f"{self.centre.url}{path}", body, PART, method=method))

    def page(self, path: str) -> str:
        """Open a whole page."""
        return self._send(urllib.request.Request(f"{self.centre.url}{path}", headers={"Accept": "text/html"}))[1]

    def send(self, path: str, body: bytes | Iterator[bytes], kind: str) -> tuple[int, str]:
        """Send whatever it is, saying that it is of a kind."""
        return self._send(urllib.request.Request(f"{self.centre.url}{path}", body, PART | {"Content-Type": kind}))

    def upload(self, path: str, name: str, content: bytes) -> tuple[int, str]:
        """Send a file as a form does."""
        head = f'--cut\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        kind = {"Content-Type": "multipart/form-data; boundary=cut"}
        body = head.encode() + content + b"\r\n--cut--\r\n"
        return self._send(urllib.request.Request(f"{self.centre.url}{path}", body, PART | kind, method="POST"))

    def _send(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with self._open(request, timeout=40) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as no:
            return no.code, no.read().decode()

    def sign_in(self) -> None:
        """Sign in and begin to take appeals; a window whose answer got lost is taken over."""
        self.ask("POST", "/login", login=self.login, password=cast.PASSWORD)
        self.ask("POST", "/start", role="operator", branch_id=1, workplace_id=1, take_over=1)
        status, _ = self.ask("POST", "/operator/status", status="active")
        assert status == 200, f"{self.login} cannot begin: {status}"


class Operator(threading.Thread):
    """Accepts what rings, answers it once and closes it; an answer counts when the centre has said so."""

    def __init__(self, centre: Centre, login: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.browser, self.stop = Browser(centre, login), stop
        # Appeal: the name of its one answer; those that were acknowledged.
        self.answers: dict[int, str] = {}
        self.acknowledged: set[str] = set()
        self.troubles: list[str] = []
        self._beaten = 0.0

    def run(self) -> None:
        """Work until told to stop; a centre that is away is asked again."""
        signed_in = False
        while not self.stop.wait(0.2):
            try:
                if not signed_in:
                    self.browser.sign_in()
                    signed_in = True
                self._beat()
                signed_in = self._work()
            except (OSError, AssertionError, http.client.HTTPException):
                continue

    def _beat(self) -> None:
        """Say that the window lives; come back to work after rings that nobody could hear."""
        if time.monotonic() - self._beaten > HEARTBEAT:
            self.browser.ask("POST", "/heartbeat", untouched="0")
            self.browser.ask("POST", "/operator/status", status="active")
            self._beaten = time.monotonic()

    def _work(self) -> bool:
        status, drawn = self.browser.ask("GET", "/operator/worklist")
        if status != 200:
            return status in {500, 502, 503}
        for offer in re.findall(r'id="offer-(\d+)"', drawn):
            self.browser.ask("POST", f"/operator/offers/{offer}/acceptance", stay="1")
        for appeal in {int(number) for number in re.findall(r'id="wl-(\d+)"', drawn)}:
            self._serve(appeal)
        return True

    def _serve(self, appeal: int) -> None:
        status, drawn = self.browser.ask("GET", f"/operator/appeals/{appeal}")
        if status != 200 or "data-id" not in drawn:
            return
        seen = {name: _field(drawn, name) for name in ("seen_message_id", "expected_version")}
        name = self.answers.setdefault(appeal, str(uuid.uuid4()))
        if name not in self.acknowledged:
            where = f"/operator/appeals/{appeal}/messages"
            words = {"text": f"Ответ {name}", "client_uuid": name, "seen_message_id": seen["seen_message_id"]}
            status, said = self.browser.ask("POST", where, **words)
            self._note(status, said)
            if status == 200:
                self.acknowledged.add(name)
        elif "outcome-close" in drawn:
            finish = {"topic_id": 2, "resolution_id": 1, "comment": "", "confirmed": 1, **seen}
            self._note(*self.browser.ask("POST", f"/operator/appeals/{appeal}/outcomes/close", **finish))

    def _note(self, status: int, said: str) -> None:
        if status not in {200, 404, 409, 410, 502, 503}:
            self.troubles.append(f"{status}: {re.sub('<[^>]+>', ' ', said)[:300]}")


def _field(drawn: str, name: str) -> str:
    found = re.findall(rf'name="{name}"\s+value="([^"]*)"', drawn)
    return found[-1] if found else ""
