"""The shipped diagrams with stand-ins for what they call."""

import datetime as dt

import pytest

from cec.platform import clock, shipped
from cec.platform.db import unit_of_work
from cec.rulebook import files
from cec.workflow import definitions
from tests.workflow.conftest import calls, desk  # noqa: F401 - the same people and the same world

SUBJECT = "appeal:1"


@pytest.fixture
def bundle():
    """The files of appeal_handling."""
    return definitions.read(shipped.folder("processes"), shipped.folder("forms"))["appeal_handling"]


@pytest.fixture
def rehearsed(db, calls):  # noqa: F811
    """Service tasks answer like the real ones; tables are the shipped ones."""
    with unit_of_work():
        files.ship(shipped.folder("rules"))
    seen = []

    def gather(_told):
        seen.append(1)
        return {
            "queue_chosen": len(seen) > 1, "channel": "email", "account": "shop", "subject": "", "text": "доставка",
            "segment": None, "repeat": False, "returned": False, "transfers": 0, "kind": "private",
        }  # fmt: skip

    calls.answers["appeals.gather_facts"] = gather
    calls.answers["appeals.enqueue"] = lambda _told: {"escalate_at": clock.now() + dt.timedelta(hours=2)}
    calls.seen = seen
    return calls
