"""Templates of the shop, and answers written with them."""

from collections.abc import Callable

import pytest

from cec.platform.db import db as database
from cec.platform.db import unit_of_work
from cec.replies import catalogues, templates
from cec.replies.catalogues import Place
from cec.replies.models import ReplyCatalogue, ReplyTemplate
from cec.replies.templates import Wanted
from cec.staff.models import Employee


@pytest.fixture
def a_catalogue(db) -> Callable[..., ReplyCatalogue]:
    """Give a function that adds a catalogue for all."""

    def add(name: str, parent: ReplyCatalogue | None = None, queue_id: int | None = None) -> ReplyCatalogue:
        with unit_of_work():
            return catalogues.create(Place(name, parent.id if parent else None, queue_id), by="test")

    return add


@pytest.fixture
def a_template(db) -> Callable[..., ReplyTemplate]:
    """Give a function that adds a template, for all unless somebody's."""

    def add(
        name: str, text: str = "Здравствуйте!", *, owner: Employee | None = None, **wanted: object
    ) -> ReplyTemplate:
        with unit_of_work():
            template = templates.create(Wanted(name, text, **wanted), owner=owner, by="test")
        return database.session.get_one(ReplyTemplate, template.id)

    return add
