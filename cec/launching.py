"""The whole centre under one parent process: private database, web, worker.

The parent only minds processes, so it is small and starts at once; the worker prepares the tables (preparing).
"""

import argparse
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import NoReturn

from cec.living import places, tempo
from cec.platform import logs
from cec.platform.children import PARENT, AlreadyRunning, DiesAgain, Family
from cec.platform.embedded import DatabaseFailed, PrivateDatabase
from cec.platform.settings import POOLS, Settings, WrongSetting

log = logging.getLogger(__name__)

# The program of the web processes; the server reads the application itself, once.
SERVE = (sys.executable, "-m", "gunicorn", "-c", "python:cec.web.server", "cec.app:from_environment()")
# The program of those who live in a demo; it only knows the doors.
LIVE = (sys.executable, "-m", "cec.living")
# The program that empties a demo; it prepares nothing, the worker does.
EMPTY = (sys.executable, "-m", "cec", "demo", "empty")
# How long a first start may take on a slow machine.
PATIENCE = 120.0


class PortTaken(Exception):
    """Somebody else listens where the centre wants to."""


class NotReady(Exception):
    """The centre does not come up."""


def main(words: list[str]) -> int:
    """Do `cec up` or `cec serve`; gives 1 when it cannot be done, with the sentence on standard error."""
    try:
        settings = Settings.read()
        logs.set_up(settings.log_level)
        if words[0] == "serve":
            asked = ask_serve(argparse.ArgumentParser("cec serve")).parse_args(words[1:])
            serve(asked.pool)
        up(settings, lambda text: print(text, flush=True))
    except (WrongSetting, AlreadyRunning, DiesAgain, DatabaseFailed, PortTaken, NotReady) as no:
        print(f"cec: {no}", file=sys.stderr)
        return 1
    return 0


def ask_serve(command: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Say what `cec serve` may be told."""
    command.add_argument("--pool", choices=POOLS, help="all pages and streams (default), or one kind alone")
    return command


def serve(pool: str | None) -> NoReturn:
    """Serve pages and streams of live events; database and tables are there already."""
    if pool:
        os.environ["CEC_POOL"] = pool
    os.execv(sys.executable, SERVE)  # noqa: S606 - our own words


def up(settings: Settings, say: Callable[[str], None]) -> None:
    """Start everything, say where it is, and stay until told to stop; then stop everything."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    with ExitStack() as running:
        family = Family(settings.data)
        family.settle()
        settings = _check_ports(settings)
        server = None if settings.database_url else PrivateDatabase(settings.data)
        if server is not None:
            server.start()
            running.callback(server.stop)
            settings = replace(settings, database_url=server.url())
        running.callback(family.end)
        _start(family, settings)
        _wait_until_ready(settings, stop, family)
        _let_live(family, settings)
        if not stop.is_set():
            say(_welcome(settings))
        while not stop.wait(0.5):
            if tempo.begins_anew(settings.data):
                _begin_anew(family, settings, stop)
            family.look_after()
            if server is not None and not server.is_alive():
                _start_again(server)
        say("Stopping ...")


def _start_again(server: PrivateDatabase) -> None:
    """Bring the database back; while that fails (a full disk, say) it is tried again, and the pages say so."""
    log.error("the private database has ended, starting it again")
    try:
        server.start(same_port=True)
    except DatabaseFailed as failed:
        log.error("%s", failed)  # noqa: TRY400 - the sentence is what helps


def _check_ports(settings: Settings) -> Settings:
    wanted = [("PORT", settings.host, settings.port), ("SMTP_PORT", settings.smtp_host, settings.smtp_port)]
    if "CEC_METRICS_PORT" in os.environ:
        wanted.append(("CEC_METRICS_PORT", "127.0.0.1", settings.metrics_port))
    for variable, host, port in wanted:
        if not _is_free(host, port):
            message = f"port {port} on {host} is taken: choose another one, for example {variable}={port + 1} make run"
            raise PortTaken(message)
    if _is_free("127.0.0.1", settings.metrics_port):
        return settings
    with socket.create_server(("127.0.0.1", 0)) as other:
        return replace(settings, metrics_port=other.getsockname()[1])


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
        "DATABASE_URL": settings.database_url,
        "CEC_DATA": str(settings.data),
        "CEC_METRICS_PORT": str(settings.metrics_port),
        "PROMETHEUS_MULTIPROC_DIR": str(figures),
    }
    family.start("worker", sys.executable, "-m", "cec", "worker", "--prepare")
    family.start("web", *SERVE)


def _let_live(family: Family, settings: Settings) -> None:
    """Let clients and colleagues in, if this is a demo that has some."""
    tempo.begun_anew(settings.data)
    if settings.demo and settings.living and places.read(settings) is not None:
        family.start(tempo.CHILD, *LIVE)


def _begin_anew(family: Family, settings: Settings, stop: threading.Event) -> None:
    """End everything but the database, empty it, and start as on the first day; what there was is kept in a file."""
    log.warning("the demo begins anew")
    family.end()
    family.children.clear()
    told = {**os.environ, **family.environment, PARENT: str(os.getpid())}
    done = subprocess.run(EMPTY, check=False, env=told)  # noqa: S603 - our own words
    if done.returncode:
        log.error("the demo could not be emptied: everything is as it was")
    _start(family, settings)
    _wait_until_ready(settings, stop, family)
    _let_live(family, settings)


def _wait_until_ready(settings: Settings, stop: threading.Event, family: Family) -> None:
    until = time.monotonic() + PATIENCE
    while not stop.wait(0.1):
        family.look_after()
        if _listens(settings.smtp_host, settings.smtp_port) and _answers(settings):
            return
        if time.monotonic() > until:
            message = f"the centre does not come up: see {family.logs}"
            raise NotReady(message)


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((places.here(host), port), timeout=1).close()
    except OSError:
        return False
    return True


def _answers(settings: Settings) -> bool:
    try:
        with urllib.request.urlopen(f"{_address(settings)}/readyz", timeout=5) as answer:  # noqa: S310 - our own
            return bool(answer.status == 200)  # noqa: PLR2004 - OK
    except OSError:
        return False


def _address(settings: Settings) -> str:
    return f"http://{places.here(settings.host)}:{settings.port}"


def _welcome(settings: Settings) -> str:
    lines = ["", f"  The centre is open:  {_address(settings)}/", ""]
    demo = settings.data / places.FILE
    if settings.demo and demo.exists():
        lines += _demo(settings, json.loads(demo.read_text()))
    lines += [
        f"  Mail door:   {settings.smtp_host}:{settings.smtp_port} (SMTP)",
        f"  Figures:     http://127.0.0.1:{settings.metrics_port}/metrics",
        f"  Data, logs:  {settings.data}",
        "  Stop with Ctrl-C; the data stay.",
        "",
    ]
    return "\n".join(lines)


def _demo(settings: Settings, demo: dict[str, dict[str, str]]) -> list[str]:
    mailbox = demo["mailbox"]
    letter = f"From: Ivan Petrov <petrov@client.example>\\nTo: {mailbox}\\nSubject: Where is my order?\\n\\nHello!"
    door = f"smtplib.SMTP('{places.here(settings.smtp_host)}', {settings.smtp_port})"
    return [
        *(f"  {login:<10}{password}" for login, password in demo["passwords"].items()),
        "",
        "  Write to it as a client:",
        "",
        f"    python3 -c \"import smtplib; {door}.sendmail('petrov@client.example', '{mailbox}', '{letter}')\"",
        "",
        f"  Its answers lie in {settings.data}/sent-mail.",
        "",
        f"  Talk to it as a visitor of the shop:  {_address(settings)}/shop",
        "",
        *_living(settings),
    ]


def _living(settings: Settings) -> list[str]:
    if not tempo.lives(settings.data):
        return []
    words = "Clients and colleagues live in it; how much they do is chosen on the page, by “Demo” above."
    return [f"  {words}", "  Without them: make run CEC_LIVING=off.", ""]
