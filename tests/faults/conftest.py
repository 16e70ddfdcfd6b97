"""A centre that may be broken."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.centre import Centre, Post


@pytest.fixture
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Centre]]:
    """Give a function that makes a centre; all that it started ends with the test."""
    made: list[Centre] = []
    with Post() as post:

        def build(data: Path | None = None, **settings: object) -> Centre:
            centre = Centre(data or tmp_path_factory.mktemp("centre"), post, **settings)
            made.append(centre)
            return centre

        yield build
        for centre in made:
            centre.end()
