"""Programs with keys, and a worker that takes in what they handed over."""

from collections.abc import Callable

import cast
import pytest
from flask.testing import FlaskClient

from cec.platform import work


@pytest.fixture
def worked() -> Callable[[], None]:
    """Give a function that does what is due."""

    def run():
        while work.run_due():
            pass

    return run


@pytest.fixture
def secret(db) -> str:
    """Open the channel of the shop's application; gives the secret with which it signs."""
    cast.a_centre()
    _account, secret = cast.an_api_channel()
    db.session.commit()
    return secret


class Asker:
    """A program that asks with a key."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client, self.token = client, token

    def __call__(self, method: str, path: str, told: object = None, **headers: str):
        known = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}
        known |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(f"/api/v1{path}", method=method, json=told, headers=known)


@pytest.fixture
def asks(client, secret) -> Callable[..., Asker]:
    """Give a function that gives a program a key."""
    return lambda *scopes, **more: Asker(client, cast.a_key(*scopes, **more))
