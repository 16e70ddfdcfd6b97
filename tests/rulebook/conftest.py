"""Readers of rules."""

from collections.abc import Iterator

import pytest

from cec.platform import i18n


@pytest.fixture
def english() -> Iterator[None]:
    """Let a reader of English read."""
    with i18n.reader("en", "Europe/Moscow"):
        yield
