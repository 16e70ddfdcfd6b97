"""What is too large is refused by what it says of itself, before it is read (SPEC part 5, 8)."""

import io

from flask.testing import FlaskClient

from cec.appeals.models import Attachment
from cec.platform.db import db as database


class Unread(io.BytesIO):
    """A body that nobody may read."""

    def read(self, *_):
        raise AssertionError("it was read")

    readline = readinto = read


def test_a_body_of_thirty_megabytes_is_refused_unread_and_nothing_is_stored(client: FlaskClient):
    answer = client.post("/login", input_stream=Unread(), environ_overrides={"CONTENT_LENGTH": str(30 * 2**20)})

    assert answer.status_code == 413
    assert "слишком" in answer.text
    assert database.session.scalar(database.select(database.func.count()).select_from(Attachment)) == 0
