"""A centre where mail can arrive, and an appeal that has."""

import pytest

from cec.appeals.models import Appeal
from tests import cast


@pytest.fixture
def centre(db) -> None:
    """Give everything that an appeal meets."""
    cast.a_centre()
    db.session.commit()


@pytest.fixture
def appeal(centre) -> Appeal:
    """Give an appeal of Petrov's that Anna has in work."""
    return cast.accepted(cast.an_appeal(message_id="<a@x>"), cast.anna())
