"""A centre, and a program that is told of its events."""

import cast
import pytest

from cec.appeals.models import Appeal
from cec.integrations import events, posting, receivers
from cec.platform.db import unit_of_work


@pytest.fixture
def told(db, program):
    """Give a function that adds a receiver of these events; without events told, of all."""
    cast.a_centre()

    def add(*kinds, name="CRM", url=None):
        with unit_of_work():
            return receivers.create(name=name, url=url or program.url, kinds=kinds or receivers.KINDS, by="system")

    return add


@pytest.fixture
def passes(program):
    """Give a function that lets events be gathered and posted; gives what the program heard of it."""

    def run():
        before = len(program.heard)
        while events.gather() or posting.post_due():
            pass
        return program.heard[before:]

    return run


@pytest.fixture
def appeal(told) -> Appeal:
    """An appeal that Anna has in work."""
    return cast.accepted(cast.an_appeal(), cast.anna())
