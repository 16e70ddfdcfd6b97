"""Hearing what was announced: one LISTEN connection per process, which tells the screens concerned.

A horizon is the oldest transaction still running at some moment. The event id of a stream is a horizon of a while ago:
whoever comes back with it is told every fact of that transaction and later ones, so nothing is missed even where
numbers are not in commit order or a notice was late; a fact may be told twice, which only redraws a part again.
"""

import datetime as dt
import logging
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
from cec.platform.db import PLANNED_ONCE, connect_apart, db
from cec.platform.live import CHANNEL, PERSONAL, RESYNC, SPEAKER, WAKE, Notices, Speaker
from cec.platform.screens import Screen, kind_of

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


class Hub:
    """The open screens of this process."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._screens: set[Screen] = set()
        # Who hears of a subject, and of all subjects of a kind: a notice costs as many steps as screens it concerns.
        self._of_subject: dict[str, set[Screen]] = {}
        self._of_kind: dict[str, set[Screen]] = {}
        self._horizons: deque[tuple[float, int]] = deque(maxlen=int(LATEST / PROBE) + 2)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def open(self, screen: Screen) -> None:
        """Let a screen hear from now on; the first one starts the listening."""
        with self._lock:
            self._screens.add(screen)
            for heard, words in self._heard_by(screen):
                for word in words:
                    heard.setdefault(word, set()).add(screen)
            if self._thread is None:
                self._thread = threading.Thread(target=self._listen, name="live", daemon=True)
                self._thread.start()

    def leave(self, screen: Screen) -> None:
        """Forget a screen."""
        with self._lock:
            self._screens.discard(screen)
            for heard, words in self._heard_by(screen):
                for word in words:
                    heard.get(word, set()).discard(screen)
                    if not heard.get(word):
                        heard.pop(word, None)

    def _heard_by(self, screen: Screen) -> tuple[tuple[dict[str, set[Screen]], frozenset[str]], ...]:
        return (self._of_subject, screen.subjects), (self._of_kind, screen.kinds)

    def untold(self, screen: Screen) -> Notices:
        """List what waits at the other screens of a session and concerns this one, in which their page goes on."""
        with self._lock:
            others = [each for each in self._screens if each is not screen and each.session_id == screen.session_id]
        return [notice for other in others for notice in other.untold() if screen.wants(*notice[:2])]

    def horizon(self) -> int | None:
        """Give an event id: every notice of an older transaction has long been told."""
        old = [horizon for at, horizon in list(self._horizons) if time.monotonic() - at >= LATEST]
        return old[-1] if old else None

    def close(self) -> None:
        """End all streams: the process stops."""
        self._stop.set()
        for screen in list(self._screens):
            screen.end()

    def count(self, beginning: str = "") -> int:
        """Count the open screens, all or those that hear of a subject with this beginning."""
        if not beginning:
            return len(self._screens)
        with self._lock:
            return sum(len(screens) for subject, screens in self._of_subject.items() if subject.startswith(beginning))

    def _listen(self) -> None:
        listen(self._app, self._hear, stop=self._stop, connected=self._connected, horizon=self._note)

    def _hear(self, notices: Notices) -> None:
        for notice in notices:
            if notice[0] != WAKE:
                for screen in self._concerned(*notice[:2]):
                    screen.tell(notice)

    def _concerned(self, name: str, subject: str) -> set[Screen]:
        with self._lock:
            if name == RESYNC[0][0]:
                return set(self._screens)
            others = set() if name in PERSONAL else self._of_kind.get(kind_of(subject), set())
            return others | self._of_subject.get(subject, set())

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


def missed_lately(*, but_by: str = "", limit: int = 100) -> Notices:
    """List what happened while a page was on its way, before it could listen; all, or but what somebody did himself."""
    return _pairs("at >= :since and by <> :by", clock.now() - JUST_NOW, limit, by=but_by)


def _pairs(condition: str, since: Any, limit: int, **others: str) -> Notices:
    wanted = db.text(f"select distinct name, subject from journal where {condition} limit :limit")  # noqa: S608
    wanted = wanted.execution_options(**PLANNED_ONCE)
    return [list(pair) for pair in db.session.execute(wanted, {"since": since, "limit": limit, **others})]
