"""A centre where mail can arrive, and an appeal that has."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cec.appeals.models import Appeal
from cec.channels.email.post_office import PostOffice
from tests import cast


@pytest.fixture
def centre(db) -> None:
    """Give everything that an appeal meets."""
    cast.a_centre()
    db.session.commit()


@pytest.fixture
def post_office(tmp_path: Path) -> Iterator[PostOffice]:
    """Give a mail server that keeps what it takes."""
    office = PostOffice(tmp_path / "out")
    office.start()
    yield office
    office.stop()


@pytest.fixture
def appeal(centre) -> Appeal:
    """Give an appeal of Petrov's that Anna has in work."""
    return cast.accepted(cast.an_appeal(message_id="<a@x>"), cast.anna())
