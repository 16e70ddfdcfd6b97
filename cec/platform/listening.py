"""Hearing what was announced: one LISTEN connection per process, a queue per open screen.

A horizon is the oldest transaction still running at some moment. The event id of a stream is a horizon of a while ago:
whoever comes back with it is told every fact of that transaction and later ones, so nothing is missed even where
numbers are not in commit order or a notice was late; a fact may be told twice, which only redraws a part again.
"""

import datetime as dt
import logging
import queue
import select
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import orjson
import psycopg2
from flask import Flask, current_app

from cec.platform import clock
from cec.platform.db import connect_apart, db
from cec.platform.live import CHANNEL, RESYNC, SPEAKER, Notices, Speaker

log = logging.getLogger(__name__)

# A notice comes right after its commit; one later than this is repaired by the browser's own resync.
LATEST = 10.0
# How often a silent connection is asked whether it still lives.
PROBE = 5.0
RETRY = 0.5
# How soon a listener notices that it is to stop.
PAUSE = 0.5
HUB = "cec.hub"
JUST_NOW = dt.timedelta(seconds=5)

_HORIZON = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


def listen(
    app: Flask,
    hear: Callable[[Notices], None],
    *,
    stop: threading.Event,
    connected: Callable[[], None],
    horizon: Callable[[int], None] = lambda _: None,
) -> None:
    """Hear announcements until told to stop; a lost connection is made anew, then `connected` is called again."""
    while not stop.is_set():
        connection = None
        try:
            connection = _connect(app)
            connected()
            _hear_from(connection, hear, horizon, stop)
        except (psycopg2.Error, OSError) as error:
            log.warning("live events: connection lost (%s), trying again", type(error).__name__)
            stop.wait(RETRY)
        finally:
            if connection is not None:
                connection.close()


def _connect(app: Flask) -> Any:
    with app.app_context():
        connection = connect_apart("live")
    with connection.cursor() as cursor:
        cursor.execute(f"listen {CHANNEL}")
    return connection


def _hear_from(
    connection: Any, hear: Callable[[Notices], None], horizon: Callable[[int], None], stop: threading.Event
) -> None:
    probed = 0.0
    while not stop.is_set():
        if time.monotonic() - probed > PROBE:
            probed = time.monotonic()
            with connection.cursor() as cursor:
                cursor.execute(_HORIZON)
                horizon(cursor.fetchone()[0])
        select.select([connection], [], [], PAUSE)
        connection.poll()
        while connection.notifies:
            hear(orjson.loads(connection.notifies.pop(0).payload))


class Screen:
    """An open screen: what it wants to hear, and what it has not been told yet."""

    def __init__(self, wants: Callable[[str, str], bool]) -> None:
        self.wants = wants
        self.news: queue.SimpleQueue[Notices | None] = queue.SimpleQueue()

    def tell(self, notices: Notices) -> None:
        """Queue the notices that this screen wants."""
        mine = [pair for pair in notices if pair[0] == "resync" or (pair[0] != "wake" and self.wants(*pair))]
        if mine:
            self.news.put(mine)

    def next(self, timeout: float) -> Notices | None:
        """Wait for news; none in time gives an empty list, the end of the stream gives None."""
        try:
            return self.news.get(timeout=timeout)
        except queue.Empty:
            return []


class Hub:
    """The open screens of this process."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._screens: set[Screen] = set()
        self._horizons: deque[tuple[float, int]] = deque(maxlen=int(LATEST / PROBE) + 2)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def open(self, screen: Screen) -> None:
        """Let a screen hear from now on; the first one starts the listening."""
        with self._lock:
            self._screens.add(screen)
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen, name="live", daemon=True)
                self._thread.start()

    def leave(self, screen: Screen) -> None:
        """Forget a screen."""
        with self._lock:
            self._screens.discard(screen)

    def horizon(self) -> int | None:
        """Give an event id: every notice of an older transaction has long been told."""
        old = [horizon for at, horizon in list(self._horizons) if time.monotonic() - at >= LATEST]
        return old[-1] if old else None

    def close(self) -> None:
        """End all streams: the process stops."""
        self._stop.set()
        for screen in list(self._screens):
            screen.news.put(None)

    def count(self) -> int:
        """Count the open screens."""
        return len(self._screens)

    def _listen(self) -> None:
        listen(self._app, self._hear, stop=self._stop, connected=self._connected, horizon=self._note)

    def _hear(self, notices: Notices) -> None:
        for screen in list(self._screens):
            screen.tell(notices)

    def _connected(self) -> None:
        # Something may have been said while nobody listened.
        self._hear(RESYNC)

    def _note(self, horizon: int) -> None:
        self._horizons.append((time.monotonic(), horizon))


def hub() -> Hub:
    """Give the hub of this process's application."""
    found: Hub = current_app.extensions[HUB]
    return found


def install(app: Flask) -> None:
    """Give the application what it speaks and what it hears with."""
    app.extensions[SPEAKER] = Speaker()
    app.extensions[HUB] = Hub(app)


def missed_since(horizon: int, *, limit: int = 500) -> Notices | None:
    """List what happened in a transaction and later ones; None when that is too much or the id is not ours."""
    newest: int = db.session.scalar(db.text(_HORIZON)) or 0
    if not 0 < horizon <= newest:
        return None
    pairs = _pairs('"transaction" >= :since', horizon, limit + 1)
    return None if len(pairs) > limit else pairs


def missed_lately(*, limit: int = 100) -> Notices:
    """List what happened while a page was on its way, before it could listen."""
    return _pairs("at >= :since", clock.now() - JUST_NOW, limit)


def _pairs(condition: str, since: Any, limit: int) -> Notices:
    wanted = db.text(f"select distinct name, subject from journal where {condition} limit :limit")  # noqa: S608
    return [list(pair) for pair in db.session.execute(wanted, {"since": since, "limit": limit})]
