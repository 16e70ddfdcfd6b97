"""create_app(): the one place that knows every part and joins them."""

import contextlib
import datetime as dt
import importlib
import importlib.util
from pathlib import Path

from flask import Flask
from flask_migrate import Migrate

from cec.platform import clock, keys
from cec.platform.db import db
from cec.platform.embedded import PrivateDatabase
from cec.platform.settings import Settings

HERE = Path(__file__).parent

MODELS = ["staff", "topics", "clients", "channels", "queues", "appeals", "distribution", "workflow", "rulebook"]


def create_app(settings: Settings) -> Flask:
    """Put the centre together for one process."""
    application = importlib.import_module("cec.web.requests").Application if _exists("cec.web.requests") else Flask
    app: Flask = application("cec", template_folder=str(_templates()), static_folder=str(HERE / "static"))
    app.config["CEC"] = settings
    app.config["CEC_FILES"] = settings.data / "files"
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url or PrivateDatabase(settings.data).url(driver=True)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = ENGINE
    app.config["MAX_CONTENT_LENGTH"] = settings.max_megabytes * 2**20
    keys.make(settings.data)
    clock.shift(dt.timedelta(seconds=settings.clock_shift))
    for area in MODELS:
        importlib.import_module(f"cec.{area}.models")
    for name in ("appeals.service_tasks", "distribution.service_tasks"):
        with contextlib.suppress(ModuleNotFoundError):
            importlib.import_module(f"cec.{name}")
    db.init_app(app)
    Migrate(app, db, directory=str(HERE / "platform" / "migrations"))
    return app


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


def _templates() -> Path:
    """Find the pages: in the repository, or packed into the wheel."""
    packed = HERE / "shipped" / "templates"
    return packed if packed.exists() else HERE.parent / "templates"
