"""A centre that may be broken."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.centre import Centre, Post


@pytest.fixture(scope="session")
def post() -> Iterator[Post]:
    """Give the server that takes what centres send."""
    with Post() as post:
        yield post


@pytest.fixture(scope="session")
def pattern(post: Post, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a centre that every other one begins as a copy of."""
    centre = Centre(tmp_path_factory.mktemp("pattern"), post)
    centre.found()
    return centre.data


@pytest.fixture
def built(post: Post, pattern: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Centre]]:
    """Give a function that makes a centre; all that it started ends with the test."""
    made: list[Centre] = []
    post.letters.clear()
    post.moods.clear()
    post.chance = None

    def build(data: Path | None = None, **settings: object) -> Centre:
        centre = Centre(data or tmp_path_factory.mktemp("centre"), post, pattern, **settings)
        made.append(centre)
        return centre

    yield build
    for centre in made:
        centre.end()
