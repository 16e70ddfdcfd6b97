"""The page of all components: in development only, in both themes."""

import dataclasses

import pytest
from flask import Flask

from cec.app import create_app


@pytest.fixture(scope="module")
def workshop(settings) -> Flask:
    """Give the application as those have it who build it."""
    return create_app(dataclasses.replace(settings, development=True))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_components_are_shown_in_a_theme(workshop, db, theme, words):
    page = workshop.test_client().get(f"/design?theme={theme}")

    assert page.status_code == 200
    assert f'class="kit" data-bs-theme="{theme}"' in page.text
    for shown in ("Новое", "Отложено", "Срочный", "Не доставлено", "История", "VIP"):
        assert shown in words(page.text)


def test_an_installation_does_not_have_it(client, db):
    assert client.get("/design").status_code == 404
