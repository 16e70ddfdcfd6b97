"""create_app(): the one place that knows every part and joins them."""

import contextlib
import datetime as dt
import importlib
import importlib.util
import pkgutil
import sys
from pathlib import Path

from flask import Flask
from flask_migrate import Migrate

from cec.platform import clock, listening, logs, metrics, shipped
from cec.platform.db import db
from cec.platform.embedded import PrivateDatabase
from cec.platform.settings import Settings

HERE = Path(__file__).parent

MODELS = ["staff", "topics", "clients", "channels", "queues", "appeals", "distribution", "workflow", "rulebook"]


def create_app(settings: Settings) -> Flask:
    """Put the centre together for one process."""
    application = importlib.import_module("cec.web.requests").Application if _exists("cec.web.requests") else Flask
    app: Flask = application(
        "cec", template_folder=str(shipped.folder("templates")), static_folder=str(HERE / "static")
    )
    app.config["CEC"] = settings
    app.config["CEC_FILES"] = settings.data / "files"
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url or PrivateDatabase(settings.data).url(driver=True)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = ENGINE
    app.config["MAX_CONTENT_LENGTH"] = settings.max_megabytes * 2**20
    clock.shift(dt.timedelta(seconds=settings.clock_shift))
    for area in MODELS:
        importlib.import_module(f"cec.{area}.models")
    for name in (
        "appeals.service_tasks", "distribution.service_tasks", "appeals.intake_door",
        "distribution.capacity", "distribution.lanes", "distribution.returning",
    ):  # fmt: skip
        with contextlib.suppress(ImportError):
            importlib.import_module(f"cec.{name}")
    db.init_app(app)
    Migrate(app, db, directory=str(HERE / "platform" / "migrations"))
    listening.install(app)
    metrics.install(app)
    for module in pkgutil.walk_packages([str(HERE / "web")], "cec.web."):
        if module.name == "cec.web.server":
            continue
        with contextlib.suppress(ImportError):
            found = getattr(importlib.import_module(module.name), "bp", None)
            if found is not None:
                app.register_blueprint(found)
    return app


def from_environment() -> Flask:
    """Put the centre together as the environment says: for WSGI servers."""
    settings = Settings.read()
    logs.set_up(settings.log_level)
    return create_app(settings)


def main() -> None:
    """Do a command of the command line."""
    from cec import cli

    sys.exit(cli.main(create_app))


def _exists(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


ENGINE = {
    "pool_size": 10,
    "max_overflow": 30,
    # A connection that died with a restarted server is noticed before a request is lost on it.
    "pool_pre_ping": True,
    "connect_args": {
        "application_name": "cec",
        "options": "-c timezone=UTC -c idle_in_transaction_session_timeout=60000",
    },
}
