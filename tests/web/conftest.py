"""Browsers of people who are signed in."""

import re
from collections.abc import Callable

import cast
import pytest
from cast import PASSWORD
from flask import Flask
from flask.testing import FlaskClient

from cec.appeals.models import Appeal
from cec.staff.models import Employee


@pytest.fixture
def signed_in(app: Flask, db) -> Callable[[Employee], FlaskClient]:
    """Give a function that opens a browser in which somebody works, in his only role."""

    def open_for(employee: Employee) -> FlaskClient:
        browser = app.test_client()
        answer = browser.post("/login", data={"login": employee.login, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        assert not answer.location.startswith("/start"), "he has a choice: sign in step by step"
        return browser

    return open_for


@pytest.fixture
def words() -> Callable[[str], str]:
    """Give a function that reads a page as a person does: words without marks."""
    return lambda page: " ".join(
        re.sub(r"<(script|style|svg|datalist).*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL).split()
    )


@pytest.fixture
def appeal(db) -> Appeal:
    """An appeal of Petrov's that Anna has in work."""
    cast.a_centre()
    cast.petrov()
    return cast.accepted(cast.an_appeal(), cast.anna())
