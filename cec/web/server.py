"""How gunicorn serves the pages: this module is its configuration file.

The application is imported once, before the workers part; what may wait gives way to other requests from the start.
"""

from gevent import monkey

monkey.patch_all()

import os
import signal
from typing import Any

import psycopg2
from psycogreen.gevent import gevent_wait_callback
from psycopg2 import extensions

from cec.platform import children, collector, listening
from cec.platform.settings import Settings

# Seconds in which the database has to answer.
PATIENCE = 15.0

children.follow_parent()
_settings = Settings.read()

bind = f"{_settings.host}:{_settings.port}"
worker_class = "gevent"
preload_app = True
workers = min(4, os.cpu_count() or 1)
worker_connections = 2000
timeout = 60
graceful_timeout = 5
keepalive = 15
# Our own line per request says more.
accesslog = None
errorlog = "-"
loglevel = "warning"
proc_name = "cec"


def when_ready(_server: Any) -> None:
    """Begin with a calm collector, before the workers part."""
    collector.calm()


def post_fork(_server: Any, _worker: Any) -> None:
    """Let database calls give way to other requests, and not wait for ever for a server that stands still."""
    extensions.set_wait_callback(_wait)


def _wait(connection: Any) -> None:
    try:
        gevent_wait_callback(connection, timeout=PATIENCE)
    except TimeoutError as late:
        message = f"the database has not answered in {PATIENCE} s"
        raise psycopg2.OperationalError(message) from late


def post_worker_init(worker: Any) -> None:
    """Before stopping, end the open streams: a stream would last until it is cut off."""
    before = signal.getsignal(signal.SIGTERM)

    def stop(number: int, frame: Any) -> None:
        worker.app.wsgi().extensions[listening.HUB].close()
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGTERM, stop)
