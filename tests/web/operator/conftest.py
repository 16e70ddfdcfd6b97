"""Anna at her desk, and how her browser asks for a part of the page."""

import re
from collections.abc import Callable

import cast
import pytest
from flask.testing import FlaskClient

from cec.appeals.models import Appeal, Message

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


class Desk:
    """An operator's browser as htmx asks from it."""

    def __init__(self, browser: FlaskClient) -> None:
        self.browser = browser

    def page(self, path: str, status: int = 200) -> str:
        """Open a page."""
        return self._ask("get", path, status, headers={})

    def part(self, path: str, status: int = 200) -> str:
        """Ask for a part of the page."""
        return self._ask("get", path, status)

    def act(self, path: str, status: int = 200, method: str = "post", **fields: object) -> str:
        """Press a button or send a form."""
        return self._ask(method, path, status, data=fields)

    def _ask(self, method: str, path: str, status: int, **options: object) -> str:
        answer = getattr(self.browser, method)(f"/operator{path}", **{"headers": PART, **options})
        assert answer.status_code == status, f"{answer.status}: {answer.text[:500]}"
        self.answer = answer
        return answer.text


@pytest.fixture
def desk(signed_in: Callable[..., FlaskClient]) -> Desk:
    """Give Anna's desk in a centre where mail can arrive; she has just signed in."""
    cast.a_centre()
    return Desk(signed_in(cast.anna()))


@pytest.fixture
def appeal(desk: Desk) -> Appeal:
    """Give an appeal of Petrov's that Anna has in work."""
    cast.petrov()
    return cast.accepted(cast.an_appeal(), cast.anna())


@pytest.fixture
def client_writes(db, appeal: Appeal) -> Callable[[str], None]:
    """Give a function by which Petrov writes again in his appeal."""

    def write(words: str) -> None:
        first = db.session.get_one(Message, appeal.last_client_message_id)
        cast.arrives(cast.a_letter(words, In_Reply_To=first.provider_event_id))
        assert cast.reread(appeal).last_client_message_id > first.id

    return write


@pytest.fixture
def hidden() -> Callable[[str, str], str]:
    """Give a function that reads a hidden field of a drawn part."""

    def read(drawn: str, name: str) -> str:
        found = re.search(rf'name="{name}"\s+value="([^"]*)"', drawn)
        assert found, f"no field {name}"
        return found[1]

    return read
