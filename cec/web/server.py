"""How gunicorn serves the pages: this module is its configuration file.

The application is imported once, before the workers part. Where streams of live events are served, what may wait gives
way to other requests from the start (gevent); a pool of pages alone has threads (`cec serve --pool`).
"""

from cec.platform.settings import LIVE, PAGES, Settings

_settings = Settings.read()
if _settings.pool != PAGES:
    from gevent import monkey

    monkey.patch_all()

import os
import resource
import select
import signal
from typing import Any

import psycopg2
from psycogreen.gevent import gevent_wait_callback
from psycopg2 import extensions

from cec.platform import children, collector, listening, live

# Seconds in which the database has to answer.
PATIENCE = 15.0
# A stream is an open file.
FILES = 65_536

children.follow_parent()
# Until it is ready.
collector.still()

bind = f"{_settings.host}:{_settings.port}"
worker_class = "gthread" if _settings.pool == PAGES else "gevent"
threads = 16 if _settings.pool == PAGES else 1
preload_app = True
workers = min(4, os.cpu_count() or 1)
worker_connections = 10_000 if _settings.pool == LIVE else 2000
timeout = 60
graceful_timeout = 5
# Longer than between two heartbeats of a window.
keepalive = _settings.heartbeat_seconds + 10
# Who is believed about the addresses of others is told by CEC_PROXIES alone.
forwarded_allow_ips = ""
# Our own line per request says more.
accesslog = None
errorlog = "-"
loglevel = "warning"
proc_name = "cec"


def on_starting(_server: Any) -> None:
    """Let this process and its workers have as many open files as they may."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def when_ready(_server: Any) -> None:
    """Begin with a calm collector, before the workers part."""
    collector.calm()


def post_fork(_server: Any, _worker: Any) -> None:
    """Let database calls not wait for ever for a server that stands still, and give way to others meanwhile."""
    extensions.set_wait_callback(_wait if _settings.pool == PAGES else _give_way)


def _give_way(connection: Any) -> None:
    try:
        gevent_wait_callback(connection, timeout=PATIENCE)
    except TimeoutError as late:
        raise _stands_still() from late


def _wait(connection: Any) -> None:
    wanted = {extensions.POLL_READ: select.POLLIN, extensions.POLL_WRITE: select.POLLOUT}
    while (state := connection.poll()) != extensions.POLL_OK:
        poll = select.poll()
        poll.register(connection.fileno(), wanted[state])
        if not poll.poll(PATIENCE * 1000):
            raise _stands_still()


def _stands_still() -> psycopg2.OperationalError:
    return psycopg2.OperationalError(f"the database has not answered in {PATIENCE} s")


def post_worker_init(worker: Any) -> None:
    """Before stopping, end the open streams: a stream would last until it is cut off.

    A worker that stands in for one that died lets all screens look again: that one may have committed and not told.
    """
    app, before = worker.app.wsgi(), signal.getsignal(signal.SIGTERM)
    if worker.age > workers:
        with app.app_context():
            live.look_again()

    def stop(number: int, frame: Any) -> None:
        app.extensions[listening.HUB].close()
        if callable(before):
            before(number, frame)

    signal.signal(signal.SIGTERM, stop)
