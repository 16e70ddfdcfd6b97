"""The whole centre under one parent process: database, tables, shipped files, demo data, web, worker."""

import dataclasses
import logging
import os
import secrets
import shutil
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import orjson
from flask import Flask

from cec import demo
from cec.channels.email.post_office import PostOffice
from cec.platform import keys, migrating, partitions, shipped
from cec.platform.children import Family
from cec.platform.db import unit_of_work
from cec.platform.embedded import PrivateDatabase
from cec.platform.settings import Settings
from cec.rulebook import files
from cec.workflow import definitions

log = logging.getLogger(__name__)

Create = Callable[[Settings], Flask]
PATIENCE = 60.0


class PortTaken(Exception):
    """Somebody else listens where the centre wants to."""


class NotReady(Exception):
    """The centre does not come up."""


def prepare(app: Flask) -> None:
    """Bring tables, diagrams, forms and decision tables to this version."""
    with app.app_context():
        migrating.upgrade()
        keys.make(app.config["CEC"].data)
        with unit_of_work():
            partitions.prepare()
            files.ship(shipped.folder("rules"))
            definitions.ship(shipped.folder("processes"), shipped.folder("forms"))


def up(settings: Settings, create: Create, say: Callable[[str], None]) -> None:
    """Start everything, say where it is, and stay until told to stop; then stop everything.

    :raises AlreadyRunning, PortTaken, DatabaseFailed, NotReady: each a sentence for whoever started it.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    with ExitStack() as running:
        family = Family(settings.data)
        family.settle()
        settings = _check_ports(settings)
        server = None
        if not settings.database_url:
            server = PrivateDatabase(settings.data)
            server.start()
            running.callback(server.stop)
            settings = dataclasses.replace(settings, database_url=server.url(driver=True))
        app = create(settings)
        prepare(app)
        office = running.enter_context(_demo(app, settings))
        running.callback(family.end)
        _start(family, settings)
        _wait_until_ready(settings, stop, family)
        if not stop.is_set():
            say(_welcome(settings, office))
        while not stop.wait(0.5):
            family.look_after()
            if server is not None and not server.is_alive():
                log.error("the private database has ended, starting it again")
                server.start()
        say("Stopping …")


def _check_ports(settings: Settings) -> Settings:
    for variable, host, port in (
        ("PORT", settings.host, settings.port),
        ("SMTP_PORT", settings.smtp_host, settings.smtp_port),
    ):
        if not _is_free(host, port):
            message = f"port {port} on {host} is taken: choose another one, for example {variable}={port + 1} make run"
            raise PortTaken(message)
    if _is_free("127.0.0.1", settings.metrics_port) or "CEC_METRICS_PORT" in os.environ:
        return settings
    with socket.create_server(("127.0.0.1", 0)) as other:
        return dataclasses.replace(settings, metrics_port=other.getsockname()[1])


def _is_free(host: str, port: int) -> bool:
    try:
        socket.create_server((host, port)).close()
    except OSError:
        return False
    return True


def _start(family: Family, settings: Settings) -> None:
    figures = settings.data / "run" / "metrics"
    shutil.rmtree(figures, ignore_errors=True)
    figures.mkdir(parents=True)
    family.environment |= {
        "DATABASE_URL": settings.database_url, "CEC_DATA": str(settings.data),
        "CEC_METRICS_PORT": str(settings.metrics_port), "PROMETHEUS_MULTIPROC_DIR": str(figures),
    }  # fmt: skip
    for name, command in (("web", "serve"), ("worker", "worker")):
        family.start(name, sys.executable, "-c", "from cec.app import main; main()", command)


def _wait_until_ready(settings: Settings, stop: threading.Event, family: Family) -> None:
    until = time.monotonic() + PATIENCE
    while not stop.wait(0.1):
        family.look_after()
        if _answers(settings) and not _is_free(settings.smtp_host, settings.smtp_port):
            return
        if time.monotonic() > until:
            message = f"the centre does not come up: see {family.logs}"
            raise NotReady(message)


def _answers(settings: Settings) -> bool:
    try:
        with urllib.request.urlopen(f"{_address(settings)}/readyz", timeout=5) as answer:  # noqa: S310 - our own
            return bool(answer.status == 200)  # noqa: PLR2004
    except OSError:
        return False


def _address(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - compared, not bound
    return f"http://{host}:{settings.port}"


@dataclasses.dataclass
class _Office:
    """What the demo remembers between starts: the passwords, and where it sends mail."""

    passwords: dict[str, str]
    port: int


@contextmanager
def _demo(app: Flask, settings: Settings) -> Iterator[_Office | None]:
    """Fill an empty centre with the demo; keep the post office open that takes the mail it sends."""
    path = settings.data / "demo.json"
    with app.app_context(), unit_of_work():
        empty = demo.is_empty()
    if not settings.demo or not (empty or path.exists()):
        yield None
        return
    known = _Office(**orjson.loads(path.read_bytes())) if path.exists() and not empty else _new_office()
    office = PostOffice(settings.data / "sent-mail", port=known.port if _is_free("127.0.0.1", known.port) else 0)
    office.start()
    try:
        with app.app_context(), unit_of_work():
            smtp = {"host": "127.0.0.1", "port": office.port, "tls": "none"}
            if empty:
                demo.fill(known.passwords, smtp=smtp)
            elif office.port != known.port:
                demo.send_through(smtp)
        known.port = office.port
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(orjson.dumps(dataclasses.asdict(known)))
        yield known
    finally:
        office.stop()


def _new_office() -> _Office:
    return _Office({login: secrets.token_urlsafe(9) for login in demo.PEOPLE}, 0)


def _welcome(settings: Settings, office: _Office | None) -> str:
    lines = ["", f"  The centre is open:  {_address(settings)}/", ""]
    if office:
        lines += [
            f"  {login:<8}{password:<16}{', '.join(demo.PEOPLE[login][1])}"
            for login, password in office.passwords.items()
        ]
        lines += [
            "",
            f"  Mail that the demo sends lies in {settings.data}/sent-mail.",
            "  Write to it as a client:",
            "",
            f"    {_example(settings)}",
        ]
    lines += [
        "",
        f"  Mail door:  {settings.smtp_host}:{settings.smtp_port} (SMTP)",
        f"  Figures:    http://127.0.0.1:{settings.metrics_port}/metrics",
        f"  Data, logs: {settings.data}",
        "  Stop with Ctrl-C; the data stay.",
        "",
    ]
    return "\n".join(lines)


def _example(settings: Settings) -> str:
    letter = f"From: Ivan Petrov <petrov@client.example>\\nTo: {demo.MAILBOX}\\nSubject: Where is my order?\\n\\nHello!"
    return (
        f"python3 -c \"import smtplib; smtplib.SMTP('{settings.smtp_host}', {settings.smtp_port})"
        f".sendmail('petrov@client.example', '{demo.MAILBOX}', '{letter}')\""
    )
