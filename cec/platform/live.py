"""After the commit: one NOTIFY tells the processes, each of which tells its open screens.

A notice carries names and subjects only, never content: nothing leaks, order does not matter, a reload repairs all.
"""

import logging

import orjson
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from cec.platform.db import after_commit, db, unit

log = logging.getLogger(__name__)

CHANNEL = "cec"
# Notices of this name are for the worker; their subject is a kind of work.
WAKE = "wake"
# PostgreSQL refuses a payload of 8,000 bytes or more.
LONGEST = 7900
RESYNC = [["resync", "*"]]


def announce(name: str, subject: str) -> None:
    """Tell the open screens that something happened to a subject, once the transaction stands."""
    notices = unit().get("notices")
    if notices is None:
        notices = unit()["notices"] = []
        after_commit(lambda: _notify(notices))
    if [name, subject] not in notices:
        notices.append([name, subject])


def wake(what: str) -> None:
    """Wake the worker for a kind of work (for example "distribution"), once the transaction stands."""
    announce(WAKE, what)


def _notify(notices: list[list[str]]) -> None:
    payload = orjson.dumps(notices)
    if len(payload) > LONGEST:
        payload = orjson.dumps(RESYNC + [notice for notice in notices if notice[0] == WAKE])
    words = {"channel": CHANNEL, "payload": payload.decode()}
    try:
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("select pg_notify(:channel, :payload)"), words)
    except SQLAlchemyError as error:
        # What was to be told stands already; browsers and the worker look by themselves after a while.
        log.warning("a notice was lost (%s)", type(error).__name__)
