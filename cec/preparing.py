"""Before work begins: tables, shipped diagrams, forms and decision tables, the demo centre."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from flask import Flask

from cec import demo
from cec.channels.email.post_office import PostOffice
from cec.living import furnishing, places
from cec.platform import backup, keys, migrating, partitions, shipped
from cec.platform.db import unit_of_work
from cec.platform.errors import Refusal
from cec.platform.settings import Settings
from cec.rulebook import files, scenarios
from cec.workflow import definitions

KEPT = "before-anew.backup"


class NoDemo(Refusal):
    """There is no demo centre in {folder}: nothing was thrown away."""


def prepare(app: Flask) -> None:
    """Bring tables, diagrams, forms and decision tables to this version."""
    with app.app_context():
        migrating.upgrade()
        keys.make(app.config["CEC"].data)
        with unit_of_work():
            partitions.prepare()
            files.ship(shipped.folder("rules"))
            scenarios.ship(shipped.folder("rules"))
            definitions.ship(shipped.folder("processes"), shipped.folder("forms"))


@contextmanager
def demonstrating(app: Flask) -> Iterator[None]:
    """Fill an empty centre with the demo; keep the post office open that takes the mail which the demo sends.

    What the demo remembers between starts lies in demo.json: its passwords, mailbox, the port of the post office, and
    what those who live in it need.
    """
    settings: Settings = app.config["CEC"]
    path = settings.data / places.FILE
    with app.app_context(), unit_of_work():
        is_empty = demo.is_empty()
    if not settings.demo or not (is_empty or path.exists()):
        yield
        return
    known = orjson.loads(path.read_bytes()) if path.exists() else _new()
    office = _post_office(settings.data / "sent-mail", known["port"])
    try:
        with app.app_context(), unit_of_work():
            smtp = {"host": "127.0.0.1", "port": office.port, "tls": "none"}
            if is_empty:
                known.pop(places.PART, None)
                demo.fill(known["passwords"], smtp=smtp)
            elif office.port != known["port"]:
                demo.send_through(smtp)
            if settings.living and (is_empty or places.PART not in known):
                known[places.PART] = furnishing.furnish(chat=demo.CHAT)
            _remember(path, {**known, "port": office.port})
        yield
    finally:
        office.stop()


def empty_demo(url: str, data: Path) -> Path:
    """Throw away all that a demo centre holds but the passwords of its people; gives the file that keeps it.

    :raises NoDemo: when there is none in this folder.
    """
    if not (data / places.FILE).exists():
        raise NoDemo(folder=data)
    kept = data / KEPT
    backup.backup(url, data, kept)
    backup.empty(url)
    for name in ("files", "sent-mail"):
        shutil.rmtree(data / name, ignore_errors=True)
    return kept


def _new() -> dict[str, Any]:
    passwords = {login: secrets.token_urlsafe(9) for login in demo.PEOPLE}
    return {"passwords": passwords, "mailbox": demo.MAILBOX, "port": 0}


def _post_office(folder: Path, port: int) -> PostOffice:
    """Open where it was last time, or at any free port if somebody else is there now."""
    try:
        office = PostOffice(folder, port=port)
        office.start()
    except OSError:
        office = PostOffice(folder)
        office.start()
    return office


def _remember(path: Path, known: dict[str, Any]) -> None:
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(orjson.dumps(known))
    part.replace(path)
