"""After the commit: one NOTIFY tells the processes, each of which tells its open screens.

A notice carries names and subjects only, never content: nothing leaks, order does not matter, a reload repairs everything.
"""

import orjson
from sqlalchemy import text

from cec.platform.db import after_commit, db, unit

CHANNEL = "cec"
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
    announce("wake", what)


def _notify(notices: list[list[str]]) -> None:
    payload = orjson.dumps(notices)
    if len(payload) > LONGEST:
        payload = orjson.dumps(RESYNC + [notice for notice in notices if notice[0] == "wake"])
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("select pg_notify(:channel, :payload)"), {"channel": CHANNEL, "payload": payload.decode()})
