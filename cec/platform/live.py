"""After the commit: one NOTIFY tells the processes, each of which tells its open screens.

A notice carries names and subjects only, never content: nothing leaks, order does not matter, a reload repairs all.
It also carries the mark of its transaction, so that the page whose act it was does not draw again what the answer drew.
"""

import logging
import secrets
import threading
from collections import deque
from typing import Any

import orjson
import psycopg2
from flask import current_app

from cec.platform.db import after_commit, connect_apart, unit

log = logging.getLogger(__name__)

# Each is name, subject, and the mark of the transaction, if it has one.
Notices = list[list[str]]
CHANNEL = "cec"
# Notices of this name are for the worker; their subject is a kind of work.
WAKE = "wake"
# What concerns one person alone, whoever else may hear of him: his list, an offer, his bell, his session.
OFFER, SESSION_ENDED = "offer", "session.ended"
PERSONAL = frozenset({"worklist", "notice", OFFER, SESSION_ENDED})
# PostgreSQL refuses a payload of 8,000 bytes or more.
LONGEST = 7900
RESYNC = [["resync", "*"]]
SPEAKER = "cec.speaker"
ATTEMPTS = 2
# Seconds within which what is said soon goes out together.
BREATH = 0.01


def announce(name: str, subject: str) -> None:
    """Tell the open screens that something happened to a subject, once the transaction stands."""
    notices = unit().get("notices")
    if notices is None:
        notices = unit()["notices"] = []
        unit()["mark"] = secrets.token_hex(4)
        after_commit(lambda: current_app.extensions[SPEAKER].say(notices))
    notice = [name, subject] if name == WAKE else [name, subject, unit()["mark"]]
    if notice not in notices:
        notices.append(notice)


def mark() -> str:
    """Give the mark of what this transaction announces; nothing if it has announced nothing."""
    return str(unit().get("mark", ""))


def look_again() -> None:
    """Let every open screen draw itself anew: whoever worked here before may have died before he told."""
    current_app.extensions[SPEAKER].say(RESYNC)


def wake(what: str) -> None:
    """Wake the worker for a kind of work (for example "distribution"), once the transaction stands."""
    announce(WAKE, what)


def wake_soon(what: str) -> None:
    """Wake the worker for work that stands already, together with what comes within a breath: for doors in a rush."""
    current_app.extensions[SPEAKER].say_soon([WAKE, what])


class Speaker:
    """One connection per process that says what is announced; what its threads say at once goes out together."""

    def __init__(self) -> None:
        self._soon: Notices = []
        self._adding = threading.Lock()
        self._waiting: deque[Notices] = deque()
        self._lock = threading.Lock()
        self._connection: Any = None
        self._has_lost = False

    def say(self, notices: Notices) -> None:
        """Say the notices of a transaction, or find that another thread has said them already."""
        if _length(notices) > LONGEST:
            notices = RESYNC + [notice for notice in notices if notice[0] == WAKE]
        self._waiting.append(notices)
        with self._lock:
            if self._has_lost:
                self._waiting.appendleft(RESYNC)
            while self._waiting:
                together = self._waiting.popleft()
                while self._waiting and _length(together + self._waiting[0]) <= LONGEST:
                    together = together + [notice for notice in self._waiting.popleft() if notice not in together]
                self._notify(orjson.dumps(together).decode())

    def say_soon(self, notice: list[str]) -> None:
        """Say a notice within a breath, once, however often it is asked for meanwhile."""
        with self._adding:
            if notice in self._soon:
                return
            self._soon.append(notice)
            if len(self._soon) > 1:
                return
        app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - outlives the request
        timer = threading.Timer(BREATH, self._say_now, [app])
        timer.daemon = True
        timer.start()

    def _say_now(self, app: Any) -> None:
        # Whoever asks from now on is heard the next time.
        with self._adding:
            notices, self._soon = self._soon, []
        with app.app_context():
            self.say(notices)

    def _notify(self, payload: str) -> None:
        for _ in range(ATTEMPTS):
            try:
                self._send(payload)
            except psycopg2.Error as error:
                lost = error
                self._hang_up()
            else:
                self._has_lost = False
                return
        # What was to be told stands already: the next notice that goes out lets everybody look.
        self._has_lost = True
        log.warning("a notice was lost (%s)", type(lost).__name__)

    def _send(self, payload: str) -> None:
        if self._connection is None:
            self._connection = connect_apart("notices")
        with self._connection.cursor() as cursor:
            cursor.execute("select pg_notify(%s, %s)", (CHANNEL, payload))

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _length(notices: Notices) -> int:
    return len(orjson.dumps(notices))
